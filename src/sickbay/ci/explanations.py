"""What the logs of jobs say, in rows: the causes of each, and those that are one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.logs.report import Category  # noqa: TC001 - results are made of it
from sickbay.render.words import brief

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sickbay.logs.cluster import Cluster
    from sickbay.logs.report import Cause, Report

CAUSES = 5
TESTS = 5
"""Shown of a job that is explained alone; of one among many, the first of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCause:
    """Lines of a log that a person would point at."""

    line_start: int
    line_end: int
    text: str
    score: float
    rule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCluster:
    """Jobs that failed of one cause, by what their CI calls them."""

    cause: str
    category: Category | None
    jobs: tuple[int | str, ...]
    failures: int
    tests: tuple[str, ...]
    line: str
    signature: str


def job_causes(report: Report, *, whole: bool) -> tuple[JobCause, ...]:
    """The likeliest causes, best first; of one job among many, its best line."""
    found = report.causes[:CAUSES] if whole else report.causes[:1]
    return tuple(_cause(cause, whole=whole) for cause in found)


def failed_tests(report: Report, *, whole: bool) -> tuple[str, ...]:
    """The first of the tests that failed."""
    count = TESTS if whole else 1
    return tuple(test.test_id for test in report.tests.failed[:count])


def job_clusters(
    reports: Sequence[Report], jobs: Mapping[str, int | str]
) -> tuple[JobCluster, ...]:
    """The causes that several logs have in common, the largest first.

    Args:
        reports: On the logs of jobs.
        jobs: What the CI calls the job of each, by the name of its log.
    """
    from sickbay.logs.cluster import cluster  # noqa: PLC0415 - only for many logs

    return tuple(_row(found, jobs) for found in cluster(reports))


def _cause(cause: Cause, *, whole: bool) -> JobCause:
    """A cause with its lines, or with the one of them that says most."""
    from sickbay.logs.signature import likeness  # noqa: PLC0415 - see job_clusters

    lines = cause.text.split("\n")
    shown = lines if whole else [max(lines, key=likeness)]
    return JobCause(
        line_start=cause.line_start,
        line_end=cause.line_end,
        text="\n".join(map(brief, shown)),
        score=cause.score,
        rule=cause.rule,
    )


def _row(found: Cluster, jobs: Mapping[str, int | str]) -> JobCluster:
    return JobCluster(
        cause=brief(found.cause),
        category=found.category,
        failures=found.count,
        jobs=tuple(jobs[source] for source in found.sources),
        tests=found.tests[:TESTS],
        line=brief(found.example.text),
        signature=found.signature,
    )
