"""What the scan of a build comes to: causes with their evidence, links and owners."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from sickbay.ci.scan.models import Category, Level, Trouble
from sickbay.core.results import Listing, Result
from sickbay.core.tool import Identifier

BuildName = Annotated[str, Identifier(), "number, address or organization/pipeline/n"]
Pipeline = Annotated[str | None, "name or organization/name"]
Branch = Annotated[str | None, "main unless set"]
Format = Literal["daily_findings", "standup", "markdown", "slack"]
ChangeName = Literal["new", "still_failing", "fixed", "not_run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildInfo:
    """A build, without its jobs.

    Attributes:
        title: First line of its message.
        nightly: Its title is that of the nightly builds.
        finished: Nothing of it runs any more.
        why: What is missing of it.
    """

    build_number: int
    build_url: str
    organization: str
    pipeline: str
    branch: str = ""
    commit: str = ""
    title: str = ""
    state: str = ""
    nightly: bool = False
    finished: bool = True
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCounts:
    """How the jobs of a build ended, attempts joined; each is counted once.

    Attributes:
        total: Jobs that run something; steps that wait for a person are not among
            them but for ``blocked``.
        failed: ``hard`` and ``soft`` together.
        flaky: Failed, and passed on a retry.
        broken: Never ran because of another one.
    """

    total: int = 0
    passed: int = 0
    failed: int = 0
    hard: int = 0
    soft: int = 0
    flaky: int = 0
    blocked: int = 0
    broken: int = 0
    canceled: int = 0
    skipped: int = 0
    unfinished: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """A failed attempt of a job.

    Attributes:
        log: Handle of its log, ``line`` the line in it that tells the failure.
        soft: It failed without stopping the build.
        retried: Another attempt of the job took its place.
    """

    name: str
    job_id: str
    url: str | None = None
    log: str | None = None
    line: int | None = None
    soft: bool = False
    retried: bool = False
    exit_status: int | None = None
    host: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingTest:
    """A test that failed, and where: ``job_id`` is one of the cause's jobs.

    Attributes:
        jobs: In how many jobs it failed.
    """

    test_id: str
    job_id: str
    line: int | None = None
    message: str | None = None
    exception: str | None = None
    signature: str = ""
    jobs: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRow:
    """An issue that seems to be about a cause; see ``sickbay.ci.scan.models.Match``."""

    number: int
    url: str
    title: str
    state: Literal["open", "closed"]
    score: float
    how: str
    recurrence: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRow:
    """Who should look at it; see ``sickbay.ci.scan.models.Owner``."""

    names: tuple[str, ...]
    source: str
    confidence: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceRow:
    """The first build of an unbroken streak of failures."""

    build_number: int
    build_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseRow:
    """One reason why jobs failed: ``test_count`` tests in ``job_count`` jobs.

    Attributes:
        tests: The first of them.
        jobs: The attempt of each that counts, then their other attempts.
        text: The line that tells it best.
    """

    cause_id: str
    category: Category
    trouble: Trouble
    confidence: float
    level: Level
    reason: str
    text: str = ""
    tests: tuple[FailingTest, ...] = ()
    test_count: int = 0
    jobs: tuple[JobRow, ...] = ()
    job_count: int = 0
    soft: bool = False
    exception: str | None = None
    signature: str = ""
    issue: IssueRow | None = None
    owner: OwnerRow | None = None
    since: SinceRow | None = None
    evidence: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What a report calls it: its first test, or the job where no test failed."""
        return self.tests[0].test_id if self.tests else self.job_name

    @property
    def job_name(self) -> str:
        """The job in which its first test failed."""
        first = self.tests[0].job_id if self.tests else None
        found = (job.name for job in self.jobs if first in {None, job.job_id})
        return next(found, "")

    @property
    def message(self) -> str:
        """What its first test says, or its best line."""
        test = self.tests[0] if self.tests else None
        if test is None or not test.message:
            return self.text
        kind, said = test.exception, test.message
        if not kind or kind in said or said.startswith("assert"):
            return said
        return f"{kind}: {said}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetriedRow:
    """A failure that another attempt made good: none of the build."""

    cause_id: str
    category: Category
    name: str
    text: str = ""
    test_count: int = 0
    jobs: tuple[JobRow, ...] = ()
    job_count: int = 0


@dataclass(frozen=True, kw_only=True)
class ScanReport(Listing):
    """What failed in a build, of which causes, and whose they are."""

    scan_id: str | None = None
    build_info: BuildInfo | None = None
    jobs: JobCounts = JobCounts()
    categories: dict[str, int] = field(default_factory=dict)
    unique_failures: int = 0
    causes: tuple[CauseRow, ...] = ()
    passed_on_retry: tuple[RetriedRow, ...] = ()
    notes: tuple[str, ...] = ()
    scanned_at: datetime | None = None

    @property
    def nothing(self) -> bool:
        """A build without a failure was scanned all the same."""
        return self.build_info is None


@dataclass(frozen=True, kw_only=True)
class Rendered(Result):
    """A report as text."""

    text: str = ""
    lines: int = 0
    scan_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A failure in one of two builds.

    Attributes:
        job: Where it failed, in the new build if it does there.
        why: What makes it doubtful; None where it is certain.
    """

    change: ChangeName
    name: str
    job: JobRow | None = None
    category: Category | None = None
    text: str = ""
    why: str | None = None


@dataclass(frozen=True, kw_only=True)
class ComparedBuilds(Listing):
    """What is new, fixed or still failing in a build against another."""

    build_info: BuildInfo | None = None
    base_info: BuildInfo | None = None
    counts: dict[str, int] = field(default_factory=dict)
    changes: tuple[ChangeRow, ...] = ()
    scans: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Two builds without a failure were compared all the same."""
        return self.build_info is None
