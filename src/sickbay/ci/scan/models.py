"""What a scan is made of, and what it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sickbay.ci.builds import Attempt, BuildJob
    from sickbay.ci.states import Ending
    from sickbay.logs.report import Report

Category = Literal[
    "NEW_REGRESSION",
    "FLAKY_SUSPECTED",
    "INFRA_SUSPECTED",
    "KNOWN_TRACKED",
    "NEEDS_HUMAN_TRIAGE",
]
CATEGORIES: tuple[Category, ...] = (
    "NEW_REGRESSION",
    "FLAKY_SUSPECTED",
    "INFRA_SUSPECTED",
    "KNOWN_TRACKED",
    "NEEDS_HUMAN_TRIAGE",
)
"""In the order of reports."""

Trouble = Literal[
    "regression",
    "flaky",
    "known_issue",
    "sick_agent",
    "out_of_memory",
    "agent_lost",
    "outage",
    "timeout",
    "crash",
    "setup",
    "unknown",
]
"""What went wrong, finer than a category."""

Level = Literal["high", "medium", "low"]
"""How far a verdict can be trusted; the documentation says how often each was right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedJob:
    """A failed attempt of a job, and what its log says.

    Attributes:
        job: The job with all attempts; ``job.ending`` is ``flaky`` if a retry passed.
        attempt: The one that failed.
        report: On its log; None where that was not to be had, ``why`` says why.
    """

    job: BuildJob
    attempt: Attempt
    report: Report | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastBuild:
    """An earlier build: how the jobs ended there, by their places.

    Attributes:
        hosts: On which machine each of them ran.
    """

    number: int
    url: str
    sha: str = ""
    endings: Mapping[tuple[str, int | None], Ending]
    hosts: Mapping[tuple[str, int | None], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue of the tracker that may be about a failure.

    Attributes:
        tracked: It has the label of CI failures.
        closed_at: None while it is open.
    """

    number: int
    title: str
    url: str
    body: str = ""
    labels: tuple[str, ...] = ()
    tracked: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None
    closed_at: datetime | None = None
    assignees: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether nobody closed it."""
        return self.closed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An issue that seems to be about a cause.

    Attributes:
        score: From 0 to 1.
        how: What is the same, for people: ``the test's function``, ...
        recurrence: The issue is closed: it may have come back.
    """

    issue: Issue
    score: float
    how: str
    recurrence: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who should look at a failure.

    Attributes:
        names: As the source has them: ``@team``, a login, an address.
        source: Where it was found.
        confidence: From 0 to 1.
        why: The rule, the lines or the commit that says so.
    """

    names: tuple[str, ...]
    source: Literal["codeowners", "blame", "commit"]
    confidence: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Something that speaks for or against a category.

    Attributes:
        weight: In natural log odds; below zero it speaks against.
        text: For people, with its numbers.
    """

    category: Category
    weight: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One failure in one attempt of one job.

    Attributes:
        test_id: None where the job failed and no test did.
        line: Of the log, from 1.
        attempts: How the test's own attempts in the log ended, if it had several.
    """

    job: BuildJob
    attempt: Attempt
    test_id: str | None = None
    message: str | None = None
    exception: str | None = None
    signature: str = ""
    line: int | None = None
    attempts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a cause is taken for.

    Attributes:
        confidence: The probability that the category is right, from 0 to 1.
        reason: The strongest evidence in a sentence.
        evidence: All of it, what speaks for the category first.
        since: The first build of the unbroken streak of failures, where it is known.
    """

    category: Category
    trouble: Trouble
    confidence: float
    level: Level
    reason: str
    evidence: tuple[Evidence, ...] = ()
    since: PastBuild | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One reason why jobs failed: n tests in m jobs.

    Attributes:
        cause_id: The same for the same cause in other builds.
        text: The line that tells it best.
    """

    cause_id: str
    text: str
    occurrences: tuple[Occurrence, ...]
    verdict: Verdict
    match: Match | None = None
    owner: Owner | None = None

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests that it hit, each once."""
        named = (seen.test_id for seen in self.occurrences if seen.test_id)
        return tuple(dict.fromkeys(named))

    @property
    def jobs(self) -> tuple[BuildJob, ...]:
        """The jobs that it hit, each once."""
        return tuple({id(seen.job): seen.job for seen in self.occurrences}.values())

    @property
    def soft(self) -> bool:
        """Whether all jobs that it hit failed softly."""
        return all(job.ending == "soft_failed" for job in self.jobs)

    @property
    def passed_on_retry(self) -> bool:
        """Whether each of its jobs passed in the end."""
        return all(job.ending == "flaky" for job in self.jobs)
