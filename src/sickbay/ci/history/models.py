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
        variants: What became of it in each variant that has something to say.
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
    variants: tuple[tuple[str, Outcome], ...] = ()

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
        pairs: Variants of commits that ran it at least twice, or whose session
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
class Rate:
    """How often something happens, as far as counts can tell.

    Attributes:
        value: ``happened`` of ``times``; None where it never had the chance.
        low: From here to ``high`` it lies with a probability of 90 %.
    """

    happened: int
    times: int
    value: float | None
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """The newest place where a test began to behave differently, if it did anywhere.

    Attributes:
        probability: That there is any change in the window.
        log_bayes_factor: Natural logarithm of how much better changes explain the
            outcomes than none does.
        before: The last observed build before the most probable place, with ``after``
            the first one after it. The change came with a commit after that of the
            first of the two, up to and with that of the second.
        rising: Whether it fails more often since.
        posterior: For each observed build since the change before, the probability
            that this one lies right before it; they sum to 1 with ``none``, that there
            is none.
        candidates: The builds from which the change may date at the most probable
            place: all after the observed one before it, those that were not observed
            included.
        credible: The same, where the place is only known with 90 %.
    """

    probability: float
    log_bayes_factor: float
    before: BuildPoint
    after: BuildPoint
    rising: bool
    rate_before: Rate
    rate_after: Rate
    none: float
    posterior: tuple[tuple[str, float], ...]
    candidates: tuple[BuildPoint, ...]
    credible: tuple[BuildPoint, ...]
    credible_mass: float

    @property
    def last_good(self) -> BuildPoint:
        """The observed build next to the change where it fails less often."""
        return self.before if self.rising else self.after

    @property
    def first_bad(self) -> BuildPoint:
        """The observed build next to the change where it fails more often."""
        return self.after if self.rising else self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class FlakeScore:
    """How flaky a test is, from 0 to 1, with what that was taken from.

    Attributes:
        score: From ``low`` to ``high`` it lies with a probability of 90 %.
        rate: Share of its runs that failed.
        split: Variants of commits in which it passed and failed, of those that ran it
            twice.
        flips: Changes between neighbouring builds, of those possible.
        isolation: 1 where every failing build stands alone or passed again, near 0
            where all follow each other; None where it never failed.
        why: What the score rests on, in a sentence.
    """

    score: float
    low: float
    high: float
    rate: Rate
    split: Rate
    flips: Rate
    isolation: float | None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What a test's past comes to.

    Attributes:
        confidence: Probability that the classification is right, from 0 to 1.
        level: The same as a word.
        notes: Sentences that explain it, the most important first.
        change: The most probable place of a change, whether or not it convinces.
        transition: The first build after the change; None where none convinces.
        last_good: The last observed build before the transition, and ``first_bad``
            the transition; None where it does not fail more often since.
        rate_before: Of failing builds before the transition; None where there is none.
        rate_after: Of failing builds since the transition, or in the whole window.
        signature_before: Dominant fingerprint of the failures before the transition.
        signature_share: Of the failures with a fingerprint since then, how many have
            ``signature_after``; None where none has one.
        found: Builds in which the test was observed, of ``builds``.
        failed: Builds in which it failed finally, with ``flaky`` those where it failed
            and passed.
        probabilities: Of every classification, as far as it can be told from another.
    """

    classification: Classification
    confidence: float = 0.0
    level: Level = "LOW"
    notes: tuple[str, ...] = ()
    change: ChangePoint | None = None
    transition: BuildPoint | None = None
    last_good: BuildPoint | None = None
    first_bad: BuildPoint | None = None
    rate_before: Rate | None = None
    rate_after: Rate | None = None
    flake: FlakeScore | None = None
    signature_before: str = ""
    signature_after: str = ""
    signature_share: float | None = None
    builds: int = 0
    found: int = 0
    failed: int = 0
    flaky: int = 0
    infra: int = 0
    absent: int = 0
    probabilities: tuple[tuple[Classification, float], ...] = ()


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
