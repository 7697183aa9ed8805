"""What the tools about the trunk answer with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from annotated_types import Ge, Le

from sickbay.ci.course import Verdict
from sickbay.ci.grid import Status
from sickbay.ci.states import State
from sickbay.ci.trunk import Health
from sickbay.core.results import Listing
from sickbay.logs.report import Category

Branch = Annotated[str | None, "or the sha to begin at"]
JobFilter = Annotated[str | None, "RE2 regex on job names"]
Strict = Annotated[bool, "only jobs that gate it"]
Window = Annotated[int, Ge(1), Le(500), "newest first"]
Detail = Literal["summary", "jobs", "failures"]
Kind = Literal["failed", "unfinished", "passed", "idle"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitName:
    """Which commit, and whose."""

    sha: str
    title: str = ""
    author: str = ""
    pr: int | None = None
    time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedJob:
    """A job that failed, and the first line of what is known of it."""

    job: str
    job_id: int | None = None
    line: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitRow(CommitName):
    """One commit, and what became of its jobs.

    Attributes:
        counts: How many jobs ended how; what none did is left out.
        marks: ``forced``, ``forced_with_failures``, ``autoreverted``.
        failing: Some of the jobs that failed, those that block first.
    """

    status: Status
    counts: dict[str, int]
    marks: tuple[str, ...] = ()
    hud_url: str | None = None
    failing: tuple[FailedJob, ...] = ()
    more_failing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """One job on one commit; lines and captures only where failures are asked for."""

    sha: str
    job: str
    state: State
    job_id: int | None = None
    log: str | None = None
    duration_s: float | None = None
    lines: tuple[str, ...] = ()
    captures: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Commits(Listing):
    """Some commits of a branch, or the jobs of these."""

    commits: tuple[CommitRow, ...] = ()
    jobs: tuple[JobRow, ...] = ()

    @property
    def paged(self) -> str | None:
        """There are either commits or jobs."""
        return "jobs" if self.jobs else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreakRow:
    """A job that failed each time since it last passed; see ``ci.streaks.Streak``.

    Attributes:
        suspects: None while it is ``clipped``: who broke it was not looked at.
        suspect_count: Of ``suspects`` only the oldest are given.
    """

    job: str
    length: int
    first_bad: CommitName
    last_good: CommitName | None
    clipped: bool
    suspects: tuple[CommitName, ...]
    suspect_count: int
    last_bad_sha: str
    pending: int = 0
    absent: int = 0
    job_id: int | None = None
    log: str | None = None
    line: str | None = None
    signatures: int = 0


@dataclass(frozen=True, kw_only=True)
class Streaks(Listing):
    """The jobs of a branch that fail now."""

    streaks: tuple[StreakRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseRow:
    """Failures that say the same, and what became of them; see ``ci.causes.Cause``.

    Attributes:
        line: What they say; empty if they say nothing.
        job_id: An example to look at, and ``log`` its log.
        job_count: Of ``jobs`` only the first are given; so with tests and suspects.
        suspects: None while it is ``clipped``: who brought it was not looked at.
    """

    line: str
    verdict: Verdict
    category: Category
    why: str
    blocking: bool
    jobs: tuple[str, ...]
    job_count: int
    job_id: int | None = None
    log: str | None = None
    failures: int = 0
    retried: int = 0
    tests: tuple[str, ...] = ()
    test_count: int = 0
    first_bad: CommitName
    last_bad_sha: str
    last_good_sha: str | None = None
    clipped: bool = False
    episodes: int = 1
    culprit: CommitName | None = None
    culprit_why: str | None = None
    suspects: tuple[CommitName, ...] = ()
    suspect_count: int = 0
    fix: CommitName | None = None
    fix_why: str | None = None


@dataclass(frozen=True, kw_only=True)
class TrunkStatus(Listing):
    """What a branch comes to; see ``ci.trunk.Trunk``.

    Attributes:
        hud_url: Where the HUD shows the branch that was looked at.
    """

    hud_url: str | None = None
    health: Health = "unknown"
    reason: str = ""
    since: CommitName | None = None
    lasts_s: float | None = None
    clipped: bool = False
    newest: CommitName | None = None
    complete: CommitName | None = None
    unfinished: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)
    causes: tuple[CauseRow, ...] = ()

    @property
    def nothing(self) -> bool:
        """A branch without failures is a result."""
        return self.newest is None
