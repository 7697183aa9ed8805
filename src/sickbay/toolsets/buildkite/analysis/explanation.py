"""What the logs of jobs say, beside what Buildkite says of the jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.ci.explanations import failed_tests, job_causes, job_clusters
from sickbay.render.words import brief
from sickbay.toolsets.buildkite.models.jobs import ExplainedJob, ExplainedJobs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.builds import BuildJob
    from sickbay.logs.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One log, read, and the job that it is of, where that is known."""

    job_id: str
    job: BuildJob | None
    report: Report


def explained_jobs(readings: Sequence[Reading]) -> ExplainedJobs:
    """What the logs say, one by one and together; of one alone, more."""
    reports = [reading.report for reading in readings]
    many = len(reports) > 1
    ids = {item.report.source: item.job_id for item in readings}
    return ExplainedJobs(
        explained=tuple(_explained(item, whole=not many) for item in readings),
        clusters=job_clusters(reports, ids) if many else (),
        without_failure=sum(not report.found_failure for report in reports),
    )


def _explained(reading: Reading, *, whole: bool) -> ExplainedJob:
    report, job = reading.report, reading.job
    attempts = job.attempts if job else ()
    mine = next((item for item in attempts if item.job_id == reading.job_id), None)
    return ExplainedJob(
        job_id=reading.job_id,
        name=mine.name if mine else None,
        log=report.source,
        url=mine.url if mine else None,
        state=mine.conclusion or mine.status if mine else None,
        ending=job.ending if job else None,
        exit_status=mine.exit_status if mine else None,
        signal_reason=mine.signal_reason if mine else None,
        host=mine.host if mine else None,
        bytes=report.bytes,
        category=report.verdict.category,
        confidence=report.verdict.confidence,
        reason=brief(report.verdict.reason),
        causes=job_causes(report, whole=whole),
        failed_tests=failed_tests(report, whole=whole),
        failed=len(report.tests.failed),
    )
