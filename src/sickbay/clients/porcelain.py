"""What git prints for programs, made into lines and commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sickbay.ci.authors import Author, BlameLine, CommitInfo
from sickbay.core.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIELDS = 5
_HEADER_WORDS = 3


@dataclass(frozen=True, slots=True)
class Blamed:
    """A line; ``boundary`` says that git looked no further back."""

    line: BlameLine
    boundary: bool


def blamed(text: str) -> Iterator[Blamed]:
    """The lines that ``git blame --porcelain`` tells of.

    Raises:
        Malformed: It is nothing of the kind.
    """
    commits: dict[str, dict[str, str]] = {}
    sha, number = "", 0
    try:
        for line in text.split("\n"):
            if line.startswith("\t"):
                yield _line(sha, number, commits[sha])
                sha = ""
            elif sha:
                key, _, value = line.partition(" ")
                commits[sha][key] = value
            elif line:
                sha, _, place, *_ = line.split(" ")
                number = int(place)
                commits.setdefault(sha, {})
    except (KeyError, ValueError, OverflowError) as exc:
        raise Malformed("git blame says something that is no blame") from exc


def _line(sha: str, number: int, said: dict[str, str]) -> Blamed:
    time = datetime.fromtimestamp(int(said["author-time"]), UTC)
    author = Author(
        name=said.get("author", ""), email=said.get("author-mail", "").strip("<>")
    )
    line = BlameLine(
        number=number,
        sha=sha,
        author=author,
        time=time,
        summary=said.get("summary", ""),
    )
    return Blamed(line, "boundary" in said)


def commit_of(text: str) -> CommitInfo:
    """The commit that ``git log -1 -z --name-only`` tells of in our format.

    Raises:
        Malformed: It is nothing of the kind.
    """
    sha, *rest = text.split("\0")
    if len(rest) < _FIELDS - 1:
        raise Malformed("git log says something that is no commit")
    name, email, time, message, *files = rest
    try:
        made = datetime.fromisoformat(time)
    except ValueError:  # a year that no calendar of ours has
        made = None
    return CommitInfo(
        sha=sha,
        message=message.strip(),
        author=Author(name=name, email=email),
        time=made,
        files=tuple(path for path in (file.strip("\n") for file in files) if path),
    )
