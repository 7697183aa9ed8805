"""Fetches the logs of many jobs and explains them, both at the same time."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sickbay.core.errors import SickbayError
from sickbay.toolsets.hud.analysis.agreement import agreement
from sickbay.toolsets.hud.analysis.brief import brief
from sickbay.toolsets.hud.models.jobs import (
    ExplainedJob,
    HudSays,
    JobCause,
    JobCluster,
)
from sickbay.toolsets.hud.source import handle
from sickbay.toolsets.hud.tools.finder import Finder
from sickbay.toolsets.hud.tools.gaps import Gaps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cachetools import LRUCache

    from sickbay.ci.models import Job
    from sickbay.clients.logstore import StoredLog
    from sickbay.core.tool import Call
    from sickbay.logs.cluster import Cluster
    from sickbay.logs.report import Cause, Report
    from sickbay.toolsets.hud.analysis.reference import JobReference
    from sickbay.toolsets.hud.source import Hud

MAX_JOBS = 100

KEPT = 200
"""Reports that are remembered: the next page of an answer needs them once more."""

CAUSES = 5
TESTS = 5
"""Shown of a job that is explained alone; of one among many, the first of each."""

_READ: WeakKeyDictionary[Hud, LRUCache[tuple[str, str], Report]] = WeakKeyDictionary()


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


class Reader:
    """Reads the logs of jobs: one after the other, while the next ones are fetched.

    Args:
        source: The HUD.
        call: Is told how far it is.
        gaps: Where it goes what was not to be had.
    """

    def __init__(self, source: Hud, call: Call, gaps: Gaps) -> None:
        from cachetools import LRUCache  # noqa: PLC0415 - not when the server starts

        self._source = source
        self._call = call
        self._gaps = gaps
        self._read = _READ.setdefault(source, LRUCache(KEPT))
        self._began = source.now().replace(microsecond=0)  # as the cache counts

    async def read(self, references: Sequence[JobReference]) -> list[Reading]:
        """Read them all, in their order; those without a log are left out."""
        names = {self._name(ref): ref for ref in references}
        looking = asyncio.ensure_future(self._found(references))
        read = []
        try:
            async with aclosing(self._source.logs.each(names)) as logs:
                async for name, log in logs:
                    job = (await looking).get(name)
                    reading = self._reading(names[name], job, log)
                    read.append(await self._gaps.tried(f"log {name}", reading))
                    self._call.progress(len(read), len(names))
        finally:
            looking.cancel()
        return [reading for reading in read if reading is not None]

    def _name(self, ref: JobReference) -> str:
        return handle(ref.job_id, repo=ref.repo, usual=self._source.repo)

    async def _found(self, references: Sequence[JobReference]) -> dict[str, Job]:
        """What the HUD knows of the jobs; without it their logs say enough."""
        gaps = Gaps()
        found = await Finder(self._source, gaps).find(references)
        if gaps.first:
            self._gaps.note("what the HUD says", str(gaps.first))
        return {self._name(item.reference): item.job for item in found if item.job}

    async def _reading(
        self, ref: JobReference, job: Job | None, log: StoredLog | SickbayError
    ) -> Reading:
        if isinstance(log, SickbayError):
            raise log
        name = self._name(ref)
        if self._is_old(log, job):
            log = await self._source.logs.resolve(name, refresh=True)
        report = self._read.get((name, log.handle))
        if report is None:
            report = await self._call.thread(self._report, name, log)
            self._read[name, log.handle] = report
        return Reading(reference=ref, job=job, report=report)

    def _is_old(self, log: StoredLog, job: Job | None) -> bool:
        """Whether the log was fetched before the job was over."""
        if job is None or log.fetched_at is None or log.fetched_at >= self._began:
            return False
        if job.unfinished or job.status == "in_progress":  # that may have failed, too
            return True
        if job.started_at is None or job.duration_s is None:
            return False
        return log.fetched_at < job.started_at + timedelta(seconds=job.duration_s)

    def _report(self, name: str, log: StoredLog) -> Report:
        from sickbay.logs.parts import explain_parts  # noqa: PLC0415 - brings the engine

        wanted = self._source.rulebook.wanted(self._call)
        return explain_parts(self._parts(log), wanted, source=name)

    def _parts(self, log: StoredLog) -> Iterator[bytes | memoryview]:
        for part in log.chunks():
            self._call.check()
            yield part


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
