"""What toolsets may want of each other that speaks of builds; see ``core.services``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import datetime

    from sickbay.ci.records import BuildRecord, Source
    from sickbay.core.tool import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildsWanted:
    """Which builds are meant; those that are over, the newest first.

    Attributes:
        pipeline: None is the source's usual one.
        branch: None is the pipeline's trunk.
        since: When they were created, at the earliest.
        until: And at the latest.
        message: Regular expression that their messages match somewhere.
        most: How many.
    """

    pipeline: str | None = None
    branch: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    message: str | None = None
    most: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Depth:
    """How much of a build is read.

    Attributes:
        job: Regular expression of the names of jobs whose logs are read; None is all.
        logs: How many logs, those of failed jobs first.
        passed_logs: Whether the logs of jobs that passed are read too: they may name
            the tests that passed.
        excerpt_bytes: Of all excerpts of logs together.
    """

    job: str | None = None
    logs: int = 100
    passed_logs: bool = False
    excerpt_bytes: int = 200 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBuild:
    """A build that a source has.

    Attributes:
        record: With its jobs, without results and causes.
        read: Reads what failed in it; the same record with results and causes, and
            what is missing. Raises SickbayError only where nothing can be had.
    """

    record: BuildRecord
    read: Callable[[Depth, Call], Awaitable[BuildRecord]]


@runtime_checkable
class BuildSource(Protocol):
    """Gives the builds of a CI to whoever keeps a history of them."""

    @property
    def origin(self) -> Source:
        """What its builds have as their source."""

    def pipeline(self, named: str | None) -> str:
        """The pipeline as records name it; None is the usual one.

        Raises:
            BadRequest: It is no name of one.
        """

    def builds_of(self, wanted: BuildsWanted) -> AsyncIterator[FoundBuild]:
        """Builds that are over, the newest first.

        Raises:
            SickbayError: They are not to be had.
        """
