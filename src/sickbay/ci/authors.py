"""Authors: who made a commit, or wrote a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from datetime import datetime

_NO_REPLY = Pattern(r"(?i)(?:[0-9]{1,12}\+)?([a-z0-9-]{1,40})@users\.noreply\..{1,200}")
_BOT = "[bot]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who made something.

    Attributes:
        login: On the host of the repository, where that is known.
    """

    name: str = ""
    email: str = ""
    login: str | None = None

    @property
    def shown(self) -> str:
        """How a report speaks of them: by ``@login``, name or address."""
        found = _NO_REPLY.fullmatch(self.email)
        login = self.login or (found[1] if found else None)
        return f"@{login}" if login else self.name or self.email

    @property
    def human(self) -> bool:
        """Whether it is no bot, as far as its name says."""
        return not any(_BOT in text for text in (self.name, self.email, self.shown))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitInfo:
    """A commit, and who made it.

    Attributes:
        files: Those that it changed, where they were asked for.
    """

    sha: str
    message: str = ""
    author: Author = Author()
    time: datetime | None = None
    url: str | None = None
    files: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The first line of its message."""
        return self.message.split("\n", 1)[0].strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class BlameLine:
    """A line of a file, and the commit that wrote it.

    Attributes:
        number: From 1.
        summary: The title of the commit.
    """

    number: int
    sha: str
    author: Author
    time: datetime
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request.

    Attributes:
        sha: Of the commit that it landed as; None if it has not.
    """

    number: int
    title: str = ""
    author: Author = Author()
    url: str | None = None
    merged_at: datetime | None = None
    sha: str | None = None
