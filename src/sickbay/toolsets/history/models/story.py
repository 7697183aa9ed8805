"""What ``test_history`` answers with: a test in one build after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sickbay.ci.history.models import Classification, Level, Outcome
from sickbay.core.results import Image, Listing
from sickbay.toolsets.history.models.window import BuildFact


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStory:
    """What became of the test in one attempt of a job.

    Attributes:
        variant: The same for all shards and attempts of the job.
        status: How the test ended, or why nobody knows.
        fingerprint_normalized: What it said, every number that varies as ``<NUM>``.
        log_excerpt: Once in a build for each fingerprint.
        log: Its handle in all tools that take a log.
    """

    job_name: str
    job_url: str | None = None
    variant: str = ""
    shard: int | None = None
    attempt: int = 1
    status: str = "unknown"
    duration_s: float | None = None
    fingerprint_normalized: str | None = None
    log_excerpt: str | None = None
    log: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildStory:
    """What became of the test in one build.

    Attributes:
        test_found: Whether it is known how it ended there.
        why: What makes it infra or absent, or that nobody saw it pass.
    """

    build_number: str
    build_url: str | None = None
    created_at: datetime | None = None
    commit_sha: str = ""
    test_found: bool = False
    test_status: Outcome = "absent"
    why: str | None = None
    jobs: tuple[JobStory, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRow:
    """How often it fails, with the 90 % interval.

    Attributes:
        rate: ``failed`` of ``of``; None where it never ran.
    """

    failed: int = 0
    of: int = 0
    rate: float | None = None
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The builds from which the change may date, with some probability.

    Attributes:
        builds: From ``first`` to ``last``, those included that were not observed.
    """

    first: BuildFact | None = None
    last: BuildFact | None = None
    builds: int = 0
    probability: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FlakeRow:
    """How flaky a test is, from 0 to 1; ``why`` says what that rests on."""

    score: float = 0.0
    low: float = 0.0
    high: float = 1.0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the timeline comes to.

    Attributes:
        confidence: That the class is right, from 0 to 1; ``level`` says it in a word.
        notes: Sentences: what speaks for it, and what was not seen.
        transition_build: Number of the first build behind the change.
        last_good: The observed build before it broke, with ``first_bad`` behind it.
        last_bad: The observed build before it was mended, with ``first_good``.
        log_bayes_factor: Of a change against none, natural logarithm.
        signature_share: Of the failures since the change, how many have
            ``signature_after``.
    """

    classification: Classification = "INSUFFICIENT_DATA"
    confidence: float = 0.0
    level: Level = "LOW"
    notes: tuple[str, ...] = ()
    transition_build: str | None = None
    last_good: BuildFact | None = None
    first_bad: BuildFact | None = None
    last_bad: BuildFact | None = None
    first_good: BuildFact | None = None
    credible_range: Stretch | None = None
    rate_before: RateRow | None = None
    rate_after: RateRow | None = None
    log_bayes_factor: float | None = None
    flake: FlakeRow | None = None
    signature_before: str | None = None
    signature_after: str | None = None
    signature_share: float | None = None


@dataclass(frozen=True, kw_only=True)
class TestHistory(Listing):
    """One test in one build after the other, the newest first, and the verdict."""

    __test__ = False  # pytest takes it for a test

    test_id: str | None = None
    assessment: Verdict = Verdict()
    summary: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    images: tuple[Image, ...] = ()
    timeline: tuple[BuildStory, ...] = ()
