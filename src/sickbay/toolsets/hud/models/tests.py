"""What the tools about single tests answer with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from sickbay.core.results import Listing
from sickbay.toolsets.hud.models.failures import Occurrence


@dataclass(frozen=True, slots=True, kw_only=True)
class FlakyTest:
    """A test that failed, and passed when it was run again in the same job.

    Attributes:
        jobs: Some of those where it happened; ``jobs_total`` counts all of them.
        job_id: One of them, to look at its log.
        disabled_by: Number of the issue that disables it.
    """

    test: str
    suite: str
    file: str
    green: int
    red: int
    red_share: float | None
    jobs: tuple[str, ...] = ()
    jobs_total: int = 0
    job_id: int | None = None
    traceback: str | None = None
    disabled_by: int | None = None


@dataclass(frozen=True, kw_only=True)
class FlakyTests(Listing):
    """Tests that are flaky, and where one of them failed."""

    flaky: tuple[FlakyTest, ...] = ()
    failures_total: int = 0
    failures: tuple[Occurrence, ...] = ()

    @property
    def nothing(self) -> bool:
        """A test may fail without being flaky."""
        return not (self.flaky or self.failures)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisabledTest:
    """A test, or a job, that an issue disables or calls unstable.

    Attributes:
        platforms: Empty where it is disabled on all of them.
        quiet_days: Since the issue was changed last.
    """

    name: str
    issue: int | None = None
    url: str | None = None
    platforms: tuple[str, ...] = ()
    assignee: str | None = None
    labels: tuple[str, ...] = ()
    updated_at: datetime | None = None
    quiet_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisabledDay:
    """How many tests were disabled on one day."""

    day: date
    count: int
    new: int
    deleted: int


@dataclass(frozen=True, kw_only=True)
class DisabledTests(Listing):
    """What is disabled now, and how that went."""

    total: int = 0
    disabled: tuple[DisabledTest, ...] = ()
    days: tuple[DisabledDay, ...] = ()

    @property
    def nothing(self) -> bool:
        """There may be a past without a present."""
        return not (self.disabled or self.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """A test that ended otherwise on the second commit; '' where it did not run."""

    test: str
    suite: str
    file: str
    job: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class StatusChanges(Listing):
    """What two commits did to the tests."""

    counts: dict[str, int] = field(default_factory=dict)
    changes: tuple[StatusChange, ...] = ()
