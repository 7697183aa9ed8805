"""What the tools that look for one failure in many jobs answer with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sickbay.ci.states import State
from sickbay.core.results import Listing


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureGroup:
    """The failures of one job that say the same.

    Attributes:
        job_id: Of the newest, as are ``line`` and ``log``.
        shas: Commits, the newest first.
        alike: Whether they share most words with what was looked for.
    """

    job: str
    alike: bool = True
    count: int
    commits: int = 0
    shas: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    job_id: int | None = None
    line: str | None = None
    log: str | None = None


@dataclass(frozen=True, kw_only=True)
class SimilarFailures(Listing):
    """Jobs that failed with much the same line.

    Attributes:
        groups: Those that are alike, then those that share a few words only: nothing
            else counts these but ``unlike``.
    """

    found: int = 0
    commits: int = 0
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    capped: bool = False
    unlike: int = 0
    groups: tuple[FailureGroup, ...] = ()

    @property
    def nothing(self) -> bool:
        """None is alike, whatever else was found."""
        return not self.found


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedFor:
    """The failure that a history is of."""

    job: str | None = None
    captures: tuple[str, ...] = ()
    line: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """How often it happened on one day, in UTC."""

    day: date
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCount:
    """How often it happened to one job."""

    job: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One time that it happened."""

    job_id: int | None = None
    job: str
    sha: str
    branch: str | None = None
    time: datetime | None = None
    state: State
    line: str | None = None
    log: str | None = None


@dataclass(frozen=True, kw_only=True)
class FailureHistory(Listing):
    """How often one failure happened in the last two weeks, and to which jobs."""

    looked_for: LookedFor = LookedFor()
    total: int = 0
    days: tuple[DayCount, ...] = ()
    jobs: tuple[JobCount, ...] = ()
    latest: tuple[Occurrence, ...] = ()
