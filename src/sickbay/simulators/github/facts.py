"""What the simulated GitHub tells of: a repository, its commits and its issues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit on the branch.

    Attributes:
        name: Of its author.
        pull: The pull request that it came by.
    """

    sha: str
    parent: str
    name: str
    email: str
    login: str
    date: datetime
    message: str
    files: tuple[str, ...]
    pull: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue, or a pull request among them.

    Attributes:
        closed_at: None while it is open.
        reopened: It was closed once, and is open again.
    """

    number: int
    title: str
    body: str
    author: str
    created_at: datetime
    updated_at: datetime
    labels: tuple[str, ...] = ()
    closed_at: datetime | None = None
    reopened: bool = False
    assignees: tuple[str, ...] = ()
    pull: bool = False


class Project(Protocol):
    """The repository."""

    @property
    def repo(self) -> str:
        """Owner and name."""

    @property
    def branch(self) -> str:
        """Its trunk."""

    @property
    def now(self) -> datetime:
        """When all of it is looked at."""

    @property
    def commits(self) -> Sequence[Commit]:
        """Of the trunk, the oldest first."""

    @property
    def issues(self) -> Sequence[Issue]:
        """In no order."""
