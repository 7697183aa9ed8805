"""The files of the simulated repository, and what is in them."""

from __future__ import annotations

import zlib
from functools import cache
from importlib import resources
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sickbay.simulators.github.owners import CODEOWNERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from sickbay.simulators.github.facts import Project

OWNERS = ".github/CODEOWNERS"
SUITES = "sickbay.simulators.buildkite.suites"


@cache
def contents() -> dict[str, str]:
    """The text of every file that has one, by its path."""
    found = {OWNERS: CODEOWNERS, "README.md": "# vLLM, simulated\n"}
    workspace = resources.files(SUITES) / "workspace"
    for folder in ("vllm", "tests"):
        found |= dict(_below(workspace / folder, folder))
    return dict(sorted(found.items()))


def _below(folder: Traversable, path: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        place = f"{path}/{entry.name}"
        if entry.is_dir():
            yield from _below(entry, place)
        else:
            yield place.replace(".txt", ".py"), entry.read_text("utf-8")


def text(project: Project, path: str) -> str | None:
    """What is in a file; None if there is no such file."""
    if path in contents():
        return contents()[path]
    changed = any(path in commit.files for commit in project.commits)
    return f"# {path}\n" if changed else None


def paths(project: Project) -> list[str]:
    """All paths of files, and of the folders that they are in."""
    known = set(contents())
    known.update(path for commit in project.commits for path in commit.files)
    folders = {
        str(parent)
        for path in known
        for parent in PurePosixPath(path).parents
        if parent.name
    }
    return sorted(known | folders)


def entry(project: Project, path: str) -> dict[str, object]:
    """A file or folder as a tree of git lists it."""
    said = text(project, path)
    sha = f"{zlib.crc32((path + (said or '')).encode()):08x}" * 5
    kind = {"mode": "040000", "type": "tree"}
    if said is not None:
        kind = {"mode": "100644", "type": "blob"}
    return {"path": path, **kind, "sha": sha, "size": len(said or "")}
