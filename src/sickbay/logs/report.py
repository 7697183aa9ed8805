"""What an explanation says: plain frozen data, the same for text, JSON and Python."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal

from sickbay.core.results import Coverage

SCHEMA = 1

Category = Literal[
    "code", "test", "infrastructure", "dependency", "configuration", "unknown"
]
Ci = Literal[
    "buildkite", "github-actions", "gitlab", "travis", "azure", "jenkins", "plain"
]
Outcome = Literal[
    "passed",
    "failed",
    "error",
    "skipped",
    "xfailed",
    "xpassed",
    "rerun",
    "crashed",
    "timed_out",
]

CATEGORIES: tuple[Category, ...] = (
    "code",
    "test",
    "infrastructure",
    "dependency",
    "configuration",
    "unknown",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whose fault it looks like: the code, the test, or the machine around them."""

    category: Category
    confidence: float
    reason: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """A span of at most ten raw lines that a person would point at."""

    rank: int
    line_start: int
    line_end: int
    text: str
    rule: str | None
    captures: tuple[str, ...]
    score: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """The one winner of a rule file: its first rule that matched, last line of it."""

    rule: str
    rule_index: int
    line_number: int
    line: str
    captures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tests ended how."""

    passed: int = 0
    failed: int = 0
    error: int = 0
    skipped: int = 0
    xfailed: int = 0
    xpassed: int = 0
    rerun: int = 0
    crashed: int = 0
    timed_out: int = 0

    def __add__(self, other: Counts) -> Counts:
        mine, theirs = asdict(self), asdict(other)
        return Counts(**{name: mine[name] + theirs[name] for name in mine})

    @property
    def bad(self) -> int:
        """Tests that did not do what they should."""
        return self.failed + self.error + self.crashed + self.timed_out


@dataclass(frozen=True, slots=True)
class FailedTest:
    """One test that failed, under the id that its framework would accept back.

    ``attempts`` holds the outcome of every attempt seen, in order; a test whose last
    attempt passed is flaky, not failed.
    """

    test_id: str
    framework: str
    outcome: Outcome
    message: str | None
    exception: str | None
    line: int
    signature: str
    attempts: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Tests:
    """The test results of one log.

    ``expected_failed`` is the framework's own final count of failures and errors;
    ``None`` when it printed none.
    """

    frameworks: tuple[str, ...] = ()
    sessions: int = 0
    expected_failed: int | None = None
    counts: Counts = field(default_factory=Counts)
    failed: tuple[FailedTest, ...] = ()
    flaky: tuple[FailedTest, ...] = ()

    __test__: ClassVar[bool] = False  # pytest takes the name for a class of tests


@dataclass(frozen=True, slots=True)
class Report:
    """The explanation of one log."""

    source: str
    bytes: int
    lines: int
    ci: Ci
    verdict: Verdict
    causes: tuple[Cause, ...]
    rule_match: RuleMatch | None
    tests: Tests
    coverage: Coverage
    schema: int = SCHEMA

    @property
    def found_failure(self) -> bool:
        """Whether the log shows that something failed."""
        return bool(self.causes or self.tests.failed)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-ready data, ``schema`` first."""
        data = asdict(self)
        return {"schema": data.pop("schema"), **data}
