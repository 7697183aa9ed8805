"""What the judgement over many builds is made of, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from sickbay.ci.records import Listing
    from sickbay.ci.states import State
    from sickbay.logs.report import Outcome as TestOutcome

Outcome = Literal["pass", "fail", "flaky", "infra", "absent"]
"""What became of a test in a build, all its jobs and attempts together.

``flaky`` passed and failed in one variant; ``infra`` failed with the machine or with
its whole session; ``absent`` did not run, or nobody knows.
"""

Classification = Literal[
    "REGRESSION",
    "FLAKE_ONSET",
    "PERSISTENT_FAIL",
    "SPORADIC",
    "FIXED",
    "STABLE",
    "INSUFFICIENT_DATA",
]
"""``STABLE`` never failed."""

Level = Literal["HIGH", "MED", "LOW"]
"""How far a classification can be trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildPoint:
    """A build, as one point of a timeline; see ``ci.records.BuildRecord``."""

    build_id: str
    source: str = ""
    pipeline: str = ""
    number: str = ""
    url: str | None = None
    branch: str = ""
    sha: str = ""
    title: str = ""
    author: str | None = None
    state: str = ""
    created_at: datetime | None = None
    ordered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One test in one attempt of a job; see ``ci.records.ResultRecord``."""

    build_id: str
    job_id: str
    outcome: TestOutcome
    variant: str = ""
    shard: int | None = None
    attempts: int = 1
    duration_s: float | None = None
    signature: str = ""
    exception: str | None = None
    message: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """One attempt of a job that runs the test; see ``ci.records.JobRecord``."""

    build_id: str
    job_id: str
    name: str
    variant: str
    state: State
    shard: int | None = None
    attempt: int = 1
    last: bool = True
    soft_failed: bool = False
    infra: str | None = None
    listing: Listing = "none"
    complete: bool = False
    tests_run: int | None = None
    tests_failed: int | None = None
    host: str | None = None
    url: str | None = None
    log: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """All that is known of one test in a line of builds.

    Attributes:
        builds: In the order of commits, the oldest first.
        runs: Of the test.
        jobs: Every job of the variants that the test was ever seen in.
    """

    test_id: str
    builds: tuple[BuildPoint, ...] = ()
    runs: tuple[Run, ...] = ()
    jobs: tuple[JobRun, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What became of one test in one build.

    Attributes:
        trials: How often the test itself decided the outcome, with ``failures``.
        inferred: Nobody saw it pass: its job did, or failed of other tests only.
        why: What makes it infra or absent, or inferred; None where it was seen.
        signature: Of its failures here, the most frequent; empty where it passed.
    """

    build: BuildPoint
    outcome: Outcome
    trials: int = 0
    failures: int = 0
    inferred: bool = False
    why: str | None = None
    signature: str = ""
    runs: tuple[Run, ...] = ()
    jobs: tuple[JobRun, ...] = ()

    @property
    def observed(self) -> bool:
        """Whether it says anything of the test."""
        return self.outcome in {"pass", "fail", "flaky"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Which builds are looked at; None is any.

    Attributes:
        message: Regular expression that the titles of builds match somewhere.
        most: Builds, the newest that fit.
    """

    pipeline: str | None = None
    branch: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    message: str | None = None
    most: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One test over many builds, counted.

    Attributes:
        builds: In which it ran, with ``failed_builds`` of them where it failed finally
            or on the way.
        passes: Runs that passed, with ``failures`` that did not, machines excluded.
        pairs: Commits on which one variant ran it at least twice, or its session
            repeated it, with ``split_pairs`` of them where it passed and failed.
        transitions: Changes from pass to fail and back between neighbouring builds.
        lost_s: Time of its failed and repeated runs; None where nobody timed them.
        signature: Of its failures, the most frequent.
    """

    test_id: str
    builds: int
    failed_builds: int
    passes: int
    failures: int
    pairs: int = 0
    split_pairs: int = 0
    transitions: int = 0
    lost_s: float | None = None
    first_failed_at: datetime | None = None
    last_failed_at: datetime | None = None
    signature: str = ""
    variants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One failure of a cause in a job; see ``ci.records.CauseRecord``."""

    build: BuildPoint
    cause_id: str
    job_id: str
    text: str
    variant: str = ""
    job_name: str = ""
    signature: str = ""
    test_id: str | None = None
    category: str = ""
    trouble: str = ""
    confidence: float = 0.0
    excerpt: str | None = None
    line: int | None = None
    log: str | None = None
    job_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """How long one test took in builds, in the order of commits: passed runs only.

    Attributes:
        seconds: The median of its runs in each of ``builds``.
    """

    test_id: str
    variant: str
    builds: tuple[BuildPoint, ...]
    seconds: tuple[float, ...]
