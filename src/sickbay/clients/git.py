"""A local checkout, asked through git: what a commit holds, and who wrote its lines.

The repository may be anybody's: its configuration must not make git run anything, ask
anybody, or fetch.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from sickbay.ci.functions import lines_of
from sickbay.clients.porcelain import blamed, commit_of
from sickbay.clients.program import answer
from sickbay.core.errors import (
    BadRequest,
    Denied,
    NotFound,
    SickbayError,
    Unavailable,
)
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sickbay.ci.authors import BlameLine, CommitInfo

CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for it; the first that is there holds."""

LIMIT_S = 20.0
"""For one question to git."""

MAX_BYTES = 32 << 20
"""Of one answer of git."""

MAX_CODEOWNERS = 3 << 20
MAX_SOURCE = 4 << 20
MAX_PATH = 4096
_PATHS_AT_ONCE = 200
_AT_ONCE = 4

_SHA = Pattern(r"[0-9a-f]{7,64}")
_SETTINGS = {
    "core.alternateRefsCommand": "",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.quotePath": "false",
    "i18n.logOutputEncoding": "UTF-8",
    "log.showSignature": "false",
    "protocol.allow": "never",
}
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C.UTF-8",
}
_FORMAT = "%H%x00%aN%x00%aE%x00%aI%x00%B%x00"


class Git:
    """Reads one checkout; nothing in it is changed, and no remote is asked.

    Args:
        folder: The root of the checkout.
        limit_s: For one question to git.
    """

    def __init__(self, folder: Path, *, limit_s: float = LIMIT_S) -> None:
        self._folder = folder.expanduser().resolve()
        self._limit_s = limit_s
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def has(self, sha: str) -> bool:
        """Whether the commit is in the checkout.

        Raises:
            SickbayError: There is no git, or no checkout.
        """
        try:
            await self._asked("cat-file", "-e", f"{_commit(sha)}^{{commit}}")
        except _UnknownError:
            return False
        return True

    async def head(self) -> tuple[str, str | None]:
        """The commit that is checked out, and its branch if it is on one.

        Raises:
            SickbayError: There is no git, no checkout, or no commit.
        """
        sha = _text(await self._asked("rev-parse", "--verify", "HEAD")).strip()
        name = _text(await self._asked("rev-parse", "--abbrev-ref", "HEAD")).strip()
        return sha, name if name != "HEAD" else None

    async def exists(self, sha: str, path: str) -> bool:
        """Whether a commit holds this path.

        Raises:
            SickbayError: The commit is not to be had.
        """
        return path in await self.files(sha, [path])

    async def files(self, sha: str, paths: Iterable[str]) -> frozenset[str]:
        """Which of these paths a commit holds.

        Raises:
            SickbayError: The commit is not to be had.
        """
        wanted = [path for path in dict.fromkeys(paths) if _is_path(path)]
        found: set[str] = set()
        for start in range(0, len(wanted), _PATHS_AT_ONCE):
            some = wanted[start : start + _PATHS_AT_ONCE]
            names = ("ls-tree", "-z", "--name-only", _commit(sha), "--", *some)
            found.update(_text(await self._asked(*names)).split("\0"))
        return frozenset(found.intersection(wanted))

    async def text(self, sha: str, path: str, *, max_bytes: int = MAX_BYTES) -> str:
        """A file as it was in a commit.

        Raises:
            SickbayError: It is not to be had.
        """
        place = f"{_commit(sha)}:{_path(path)}"
        return _text(await self._asked("cat-file", "blob", place, max_bytes=max_bytes))

    async def codeowners(self, sha: str) -> str | None:
        """CODEOWNERS as GitHub would find it in a commit; None where there is none.

        Raises:
            SickbayError: The commit is not to be had.
        """
        there = await self.files(sha, CODEOWNERS)
        path = next((path for path in CODEOWNERS if path in there), None)
        if path is None:
            return None
        return await self.text(sha, path, max_bytes=MAX_CODEOWNERS)

    async def blame(
        self, sha: str, path: str, start: int | None = None, end: int | None = None
    ) -> tuple[BlameLine, ...]:
        """Who wrote the lines of a file, as it was in a commit.

        Lines that are older than a shallow checkout are left out: git gives them to
        whoever made its oldest commit.

        Args:
            sha: Of the commit.
            path: Of the file.
            start: The first line, from 1.
            end: The last one.

        Raises:
            SickbayError: They are not to be had.
        """
        # A repository may name any file as one of revisions, and git then quotes it.
        options = ["--porcelain", "-w", "--no-textconv", "--no-ignore-revs-file"]
        if start or end:
            options.append(f"-L{start or 1},{end or ''}")
        raw = await self._asked("blame", *options, _commit(sha), "--", _path(path))
        found = list(blamed(_text(raw)))
        if any(one.boundary for one in found) and await self._shallow():
            found = [one for one in found if not one.boundary]
        return tuple(one.line for one in found)

    async def blame_test(
        self, sha: str, path: str, names: Sequence[str]
    ) -> tuple[BlameLine, ...]:
        """Who wrote the lines of a test, or of its whole file where it is not found.

        Args:
            sha: Of the commit.
            path: Of the file.
            names: The test's function, behind the classes that it is in.

        Raises:
            SickbayError: They are not to be had.
        """
        source = await self.text(sha, path, max_bytes=MAX_SOURCE)
        lines = await asyncio.to_thread(lines_of, source, names)
        return await self.blame(sha, path, *(lines or ()))

    async def commit(self, sha: str) -> CommitInfo:
        """A commit, and the files that it changed.

        Raises:
            SickbayError: It is not to be had.
        """
        options = ("-1", "-z", "-m", "--first-parent", "--name-only", "--no-renames")
        style = ("--no-color", "--no-show-signature", f"--format={_FORMAT}")
        raw = await self._asked("log", *options, *style, _commit(sha), "--")
        return commit_of(_text(raw))

    async def between(self, after: str, until: str, *, most: int) -> tuple[str, ...]:
        """The commits behind one, up to and with another, those of merges left out.

        Args:
            after: A commit that is older.
            until: The newest of them, which comes last.
            most: How many, the newest.

        Raises:
            SickbayError: One of the commits is not to be had.
        """
        stretch = f"{_commit(after)}..{_commit(until)}"
        options = ("--first-parent", f"--max-count={most}", stretch, "--")
        said = _text(await self._asked("rev-list", *options))
        return tuple(reversed(said.split()))

    async def _shallow(self) -> bool:
        said = await self._asked("rev-parse", "--is-shallow-repository")
        return said.strip() == b"true"

    async def _asked(self, *arguments: str, max_bytes: int = MAX_BYTES) -> bytes:
        """What git prints."""
        if not self._folder.is_dir():
            raise NotFound(f"there is no folder {self._folder}", hint=_HINT)
        settings = [part for one in _SETTINGS.items() for part in ("-c", "=".join(one))]
        command = ("git", "--no-pager", "--literal-pathspecs", *settings, *arguments)
        async with self._turns:
            found = await answer(
                command,
                folder=self._folder,
                environment=self._environment(),
                limit_s=self._limit_s,
                max_bytes=max_bytes,
            )
        if found.status:
            raise self._error(_text(found.complaint).strip())
        return found.out

    def _environment(self) -> dict[str, str]:
        """What git may know: nothing of another repository, and where to stop."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("GIT_", "LC_", "LANG"))
        }
        ceiling = {"GIT_CEILING_DIRECTORIES": str(self._folder.parent)}
        return {**kept, **_ENVIRONMENT, **ceiling}

    def _error(self, text: str) -> SickbayError:
        """What git complains about."""
        if "dubious ownership" in text:
            return Denied(
                f"git does not trust {self._folder}: it belongs to somebody else",
                hint=f"git config --global --add safe.directory {self._folder}",
            )
        if "not a git repository" in text:
            return NotFound(f"{self._folder} is no git checkout", hint=_HINT)
        line = next(iter(text.splitlines()), "no reason given")
        line = line.removeprefix("fatal: ")[:200]
        if _UNKNOWN.search(text):
            return _UnknownError(line, hint="git fetch may bring it")
        return Unavailable(f"git failed: {line}")


class _UnknownError(NotFound):
    """The checkout holds no such commit or file."""


_HINT = "set VLLM_REPO_PATH to the root of a checkout"
_UNKNOWN = Pattern(
    r"(?i)not a valid (?:object|commit) name|bad (?:object|revision|file)"
    r"|unknown revision|no such (?:path|commit)|does not exist in|but not in"
    r"|invalid (?:object name|revision range)|not a tree object|ambiguous argument"
    r"|has only [0-9]+ lines?|could not (?:get object info|fetch)|promisor"
    r"|protocol .* not allowed"
)


def _commit(sha: str) -> str:
    if not _SHA.fullmatch(sha.lower()):
        raise BadRequest(
            f"{sha[:80]!r} is no commit", hint="write its SHA, 7 digits at least"
        )
    return sha.lower()


def _path(path: str) -> str:
    if not _is_path(path):
        raise BadRequest(f"{path[:80]!r} is no path inside the checkout")
    return path


def _is_path(path: str) -> bool:
    strange = "\0" in path or path.startswith("/") or ".." in path.split("/")
    return 0 < len(path) <= MAX_PATH and not strange


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
