"""What the logs of jobs say, in rows: each by itself, and those of one cause."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.render.words import brief
from sickbay.toolsets.hud.analysis.agreement import agreement
from sickbay.toolsets.hud.models.jobs import (
    ExplainedJob,
    HudSays,
    JobCause,
    JobCluster,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.models import Job
    from sickbay.logs.cluster import Cluster
    from sickbay.logs.report import Cause, Report
    from sickbay.toolsets.hud.analysis.reference import JobReference

CAUSES = 5
TESTS = 5
"""Shown of a job that is explained alone; of one among many, the first of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One log, read."""

    reference: JobReference
    job: Job | None
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Many logs, read and compared."""

    jobs: tuple[ExplainedJob, ...]
    clusters: tuple[JobCluster, ...]
    without_failure: int


def clustered(readings: Sequence[Reading]) -> Explained:
    """What the logs say, one by one and together; of one alone, more."""
    from sickbay.logs.cluster import cluster  # noqa: PLC0415 - only for many logs

    reports = [reading.report for reading in readings]
    many = len(reports) > 1
    numbers = {item.report.source: item.reference.job_id for item in readings}
    found = cluster(reports) if many else ()
    return Explained(
        jobs=tuple(explained_job(reading, whole=not many) for reading in readings),
        clusters=tuple(_cluster(one, numbers) for one in found),
        without_failure=sum(not report.found_failure for report in reports),
    )


def explained_job(reading: Reading, *, whole: bool) -> ExplainedJob:
    """What one log says, in short, and whether the HUD says so too."""
    report, job = reading.report, reading.job
    causes = report.causes[:CAUSES] if whole else report.causes[:1]
    failed = report.tests.failed
    return ExplainedJob(
        job_id=reading.reference.job_id,
        name=job.name or None if job else None,
        log=report.source,
        bytes=report.bytes,
        category=report.verdict.category,
        confidence=report.verdict.confidence,
        reason=brief(report.verdict.reason),
        causes=tuple(_cause(cause, whole=whole) for cause in causes),
        failed_tests=tuple(test.test_id for test in failed[: TESTS if whole else 1]),
        failed=len(failed),
        hud=_hud_says(report, job),
    )


def _cause(cause: Cause, *, whole: bool) -> JobCause:
    """A cause with its lines, or with the one of them that says most."""
    from sickbay.logs.signature import likeness  # noqa: PLC0415 - see clustered

    lines = cause.text.split("\n")
    shown = lines if whole else [max(lines, key=likeness)]
    return JobCause(
        line_start=cause.line_start,
        line_end=cause.line_end,
        text="\n".join(map(brief, shown)),
        score=cause.score,
        rule=cause.rule,
    )


def _hud_says(report: Report, job: Job | None) -> HudSays | None:
    if job is None or not (job.lines or job.captures):
        return None
    return HudSays(
        line=brief(job.lines[0]) if job.lines else None,
        line_number=job.line_numbers[0] if job.line_numbers else None,
        captures=tuple(map(brief, job.captures)),
        agrees=agreement(
            report,
            lines=job.lines,
            numbers=job.line_numbers,
            captures=job.captures,
        ),
    )


def _cluster(found: Cluster, numbers: dict[str, int]) -> JobCluster:
    return JobCluster(
        cause=brief(found.cause),
        category=found.category,
        failures=found.count,
        jobs=tuple(numbers[source] for source in found.sources),
        tests=found.tests[:TESTS],
        line=brief(found.example.text),
        signature=found.signature,
    )
