"""Says where what clients see and pay for has drifted; ``--update`` pins it anew.

``tests/snapshots/tools/<tool>.json`` is a tool as ``tools/list`` gives it, and
``tests/snapshots/toolsets.json`` what the tools of a toolset cost together.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sickbay.render.tokens import estimated
from sickbay.server.build import build_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FOLDER = Path(__file__).resolve().parent / "snapshots"
READ_ONLY = "all read-only"


@dataclass(frozen=True, slots=True)
class Listed:
    """One tool of ``tools/list``."""

    toolset: str
    definition: dict[str, Any]

    @property
    def name(self) -> str:
        name: str = self.definition["name"]
        return name

    @property
    def read_only(self) -> bool:
        return bool(self.definition.get("annotations", {}).get("readOnlyHint"))


def main() -> int:
    """Say what is out of date, or with ``--update`` write it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--update", action="store_true", help="write the snapshots")
    update = arguments.parse_args().update
    wanted = snapshots(listed())
    drifted = drift(wanted, FOLDER)
    for path in drifted:
        sys.stdout.write(f"{'wrote' if update else 'out of date'}: {path.name}\n")
        if update:
            _put(path, wanted.get(path.relative_to(FOLDER).as_posix()))
    if drifted and not update:
        sys.stdout.write("run `make snapshots` and commit what it wrote\n")
    return int(bool(drifted) and not update)


def listed() -> list[Listed]:
    """Every tool that there is, those that write included."""
    with tempfile.TemporaryDirectory() as folder:
        server = build_server(
            {
                "toolsets": "all",
                "write": True,
                "cache": Path(folder, "cache"),
                "state": Path(folder, "state"),
            }
        )
    return [
        Listed(
            tool.toolset,
            tool.to_mcp_tool().model_dump(
                mode="json", by_alias=True, exclude_none=True
            ),
        )
        for tool in server.catalogue.tools.values()
    ]


def wire(tools: Sequence[Listed]) -> str:
    """The tools as they travel: what is counted."""
    definitions = [tool.definition for tool in tools]
    return json.dumps(definitions, ensure_ascii=False, separators=(",", ":"))


def parts(tools: Sequence[Listed]) -> Iterator[tuple[str, list[Listed]]]:
    """Each toolset with its tools, and all read-only tools together."""
    for toolset, members in groupby(
        sorted(tools, key=lambda tool: (tool.toolset, tool.name)),
        lambda tool: tool.toolset,
    ):
        yield toolset, list(members)
    yield READ_ONLY, [tool for tool in tools if tool.read_only]


def snapshots(tools: Sequence[Listed]) -> dict[str, str]:
    """Path below ``FOLDER`` to what it should hold."""
    costs = {
        name: {
            "tools": len(members),
            "characters": len(wire(members)),
            "estimated_tokens": estimated(wire(members)),
        }
        for name, members in parts(tools)
    }
    pinned = {f"tools/{tool.name}.json": _pretty(tool.definition) for tool in tools}
    return {**pinned, "toolsets.json": _pretty(costs)}


def drift(wanted: dict[str, str], folder: Path) -> list[Path]:
    """Files that are missing, out of date, or of tools that are gone."""
    there = {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in folder.rglob("*.json")
    }
    names = sorted(wanted.keys() | there.keys())
    return [folder / name for name in names if wanted.get(name) != there.get(name)]


def _put(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main())
