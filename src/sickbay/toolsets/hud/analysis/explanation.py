"""What the logs of jobs say, and whether the HUD says so too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.ci.explanations import failed_tests, job_causes, job_clusters
from sickbay.render.words import brief
from sickbay.toolsets.hud.analysis.agreement import agreement
from sickbay.toolsets.hud.models.jobs import ExplainedJob, HudSays

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.explanations import JobCluster
    from sickbay.ci.models import Job
    from sickbay.logs.report import Report
    from sickbay.toolsets.hud.analysis.reference import JobReference


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
    reports = [reading.report for reading in readings]
    many = len(reports) > 1
    numbers = {item.report.source: item.reference.job_id for item in readings}
    return Explained(
        jobs=tuple(explained_job(reading, whole=not many) for reading in readings),
        clusters=job_clusters(reports, numbers) if many else (),
        without_failure=sum(not report.found_failure for report in reports),
    )


def explained_job(reading: Reading, *, whole: bool) -> ExplainedJob:
    """What one log says, in short, and whether the HUD says so too."""
    report, job = reading.report, reading.job
    return ExplainedJob(
        job_id=reading.reference.job_id,
        name=job.name or None if job else None,
        log=report.source,
        bytes=report.bytes,
        category=report.verdict.category,
        confidence=report.verdict.confidence,
        reason=brief(report.verdict.reason),
        causes=job_causes(report, whole=whole),
        failed_tests=failed_tests(report, whole=whole),
        failed=len(report.tests.failed),
        hud=_hud_says(report, job),
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
