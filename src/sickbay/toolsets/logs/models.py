"""What the tools of ``logs`` answer with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from sickbay.core.results import Listing, Result
from sickbay.logs.cluster import Example
from sickbay.logs.excerpt import Line
from sickbay.logs.hunks import Hunk
from sickbay.logs.named import Tally
from sickbay.logs.report import (
    Category,
    Cause,
    Ci,
    Counts,
    FailedTest,
    RuleMatch,
    Tests,
    Verdict,
)

LogName = Annotated[str, "path, URL or handle (log:..., hud:...) of a log"]
LogNames = Annotated[list[str], "paths, URLs or handles of logs, or folders"]
Pattern = Annotated[str, "RE2 regex; each line is matched by itself"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSummary:
    """One log of many, in a few words."""

    log: str
    category: Category
    reason: str
    cause: str | None = None
    line_number: int | None = None
    failed_tests: int = 0


@dataclass(frozen=True, kw_only=True)
class Explanation(Listing):
    """Why one log failed; of a folder, a summary of each log."""

    source: str | None = None
    bytes: int = 0
    lines: int = 0
    ci: Ci | None = None
    verdict: Verdict | None = None
    causes: tuple[Cause, ...] = ()
    rule_match: RuleMatch | None = None
    tests: Tests = field(default_factory=Tests)
    reports: tuple[LogSummary, ...] = ()

    @property
    def nothing(self) -> bool:
        """A log without failed tests may still have failed."""
        return not (self.causes or self.tests.failed or self.reports)

    @property
    def paged(self) -> str | None:
        """A folder has many rows, and no tests of its own."""
        return "reports" if self.reports else None


@dataclass(frozen=True, kw_only=True)
class TestResults(Listing):
    """The test results of one log."""

    frameworks: tuple[str, ...] = ()
    sessions: int = 0
    expected_failed: int | None = None
    counts: Counts = field(default_factory=Counts)
    failed: tuple[FailedTest, ...] = ()
    flaky: tuple[FailedTest, ...] = ()

    @property
    def nothing(self) -> bool:
        """Tests that all passed are a result, too."""
        return not self.frameworks


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCount:
    """How many lines of one log match."""

    log: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMatch:
    """One matching line of one log, with the lines around it."""

    log: str
    line_number: int
    text: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Matches(Listing):
    """The matching lines of one or many logs."""

    total: int = 0
    counts: tuple[LogCount, ...] = ()
    matches: tuple[LogMatch, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Excerpt(Listing):
    """Some lines of one log."""

    total_lines: int = 0
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Patterns(Listing):
    """How often each named pattern is in a log, and where first."""

    counts: dict[str, int] = field(default_factory=dict)
    found: tuple[Tally, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSection:
    """A stretch of a log; what only a CI's own section has is None elsewhere."""

    number: int
    line_start: int
    line_end: int
    name: str | None = None
    failed: bool | None = None
    exit_status: int | None = None
    duration_s: float | None = None
    lines: tuple[str, ...] = ()
    left_out: int = 0
    ended: bool = True


@dataclass(frozen=True, kw_only=True)
class Sections(Listing):
    """The sections of one log."""

    count: int = 0
    sections: tuple[LogSection, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Difference(Listing):
    """What only the failing log says."""

    new_lines: int = 0
    hunks: tuple[Hunk, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCluster:
    """Failures with one cause; see ``logs.cluster.Cluster``."""

    headline: str
    cause: str
    category: Category | None
    count: int
    example: Example
    tests: tuple[str, ...]
    sources: tuple[str, ...]
    signature: str
    signatures: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Clusters(Listing):
    """The failures of many logs, grouped by cause."""

    without_failure: int = 0
    clusters: tuple[LogCluster, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Download(Result):
    """A log that is here now."""

    handle: str | None = None
    source: str | None = None
    bytes: int = 0
    lines: int = 0
    file_path: str | None = None
