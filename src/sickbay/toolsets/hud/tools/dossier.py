"""Everything about one job, put together from the places that know a part of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from sickbay.ci.handles import handle
from sickbay.ci.names import parsed
from sickbay.core.errors import NotFound, SickbayError
from sickbay.render.words import brief
from sickbay.toolsets.hud.analysis.number import number
from sickbay.toolsets.hud.analysis.reference import commit_sha
from sickbay.toolsets.hud.models.jobs import (
    ArtifactRow,
    Attempt,
    JobFacts,
    JobLog,
    JobReport,
    JobUsage,
    StoredFailure,
    StoredLine,
)
from sickbay.toolsets.hud.tools.finder import Finder

if TYPE_CHECKING:
    from sickbay.ci.models import Job
    from sickbay.clients.hud.models import JobUtilization, RunInfo
    from sickbay.core.gaps import Gaps
    from sickbay.toolsets.hud.analysis.reference import JobReference
    from sickbay.toolsets.hud.source import Hud
    from sickbay.toolsets.hud.tools.finder import FoundJob

RUNS = 12
"""Attempts that are looked up."""

COMMANDS = 5
"""That ran before a failure, the nearest first."""


async def found_job(
    source: Hud, gaps: Gaps, reference: JobReference, sha: str | None
) -> FoundJob:
    """The job that is meant, looked for on its commit where that is known."""
    known = reference.sha or (commit_sha(sha) if sha else None)
    (found,) = await Finder(source, gaps).find([replace(reference, sha=known)])
    return found


class Dossier:
    """Gathers what is known of one job.

    Args:
        source: The HUD.
        gaps: Where it goes what was not to be had.
        found: The job.
    """

    def __init__(self, source: Hud, gaps: Gaps, found: FoundJob) -> None:
        self._source = source
        self._client = source.client
        self._gaps = gaps
        self._whole = found.whole
        self._ref = found.reference
        self._job = found.job

    async def report(self) -> JobReport:
        """All of it; the parts are asked for at the same time."""
        run_id = self._job.run_id if self._job else await self._run_id()
        log, attempts, usage, artifacts = await asyncio.gather(
            self._log(), self._attempts(), self._usage(run_id), self._artifacts(run_id)
        )
        if self._job is None and run_id is None and log.url is None:
            raise self._gaps.first or NotFound(
                f"the HUD knows no job {self._ref.job_id} in {self._ref.repo}",
                hint="name another repo, or give the job's address on GitHub",
            )
        return JobReport(
            job=self._facts(run_id),
            failure=stored_failure(self._job) if self._job else None,
            attempts=attempts,
            log=log,
            usage=usage,
            artifacts=artifacts,
            coverage=self._gaps.coverage(1, 1),
        )

    async def _run_id(self) -> int | None:
        """The run of a job that was not found, or the number itself: it may be a run's.

        That is what the HUD keeps artifacts by, and what older programs ask with.
        """
        if self._ref.run_id is not None:
            return self._ref.run_id
        with suppress(SickbayError):
            if await self._client.artifacts(self._ref.job_id):
                what = f"job {self._ref.job_id}"
                self._gaps.note(
                    what, "that is a run; its artifacts are all it has here"
                )
                return self._ref.job_id
        return None

    def _facts(self, run_id: int | str | None) -> JobFacts:
        job = self._job
        if job is None:
            return JobFacts(
                job_id=self._ref.job_id, repo=self._ref.repo, run_id=number(run_id)
            )
        return JobFacts(
            job_id=self._ref.job_id,
            name=job.name or None,
            state=job.state if self._whole else None,
            conclusion=job.conclusion,
            status=job.status,
            repo=self._ref.repo,
            sha=job.sha or None,
            branch=job.branch,
            run_id=number(job.run_id),
            attempt=job.attempt,
            url=job.url,
            started_at=job.started_at,
            duration_s=job.duration_s,
            queue_s=job.queue_s,
            runner=job.runner,
            author=job.author,
            origin=job.origin,
            annotation=job.annotation,
        )

    async def _log(self) -> JobLog:
        ref = self._ref
        name = handle(ref.job_id, repo=ref.repo, usual=self._source.repo)
        try:
            place = await self._client.log_place(ref.job_id, repo=ref.repo)
        except NotFound as exc:
            return JobLog(handle=name, why=str(exc))
        except SickbayError as exc:
            self._gaps.first = self._gaps.first or exc
            self._gaps.note("log", str(exc))
            return JobLog(handle=name, why=str(exc))
        return JobLog(
            handle=name, url=place.url, running=place.running, bytes=place.bytes
        )

    async def _attempts(self) -> tuple[Attempt, ...]:
        """Every run of the job on its commit, the first one first."""
        job = self._job
        if job is None or not job.sha:
            return ()
        asked = self._client.commit(job.sha, repo=self._ref.repo)
        page = await self._gaps.tried("attempts", asked)
        if page is None:
            return (_attempt(job),)
        runs = page.runs.get(parsed(job.name).workflow, ())
        for run in runs[RUNS:]:
            self._gaps.note(f"run {run.run_id}", f"more than {RUNS} runs")
        pages = await asyncio.gather(*(self._of_run(job, run) for run in runs[:RUNS]))
        jobs = [found for found in (*page.jobs, job) if found.name == job.name]
        jobs += [found for found in pages if found is not None]
        self._completed(jobs)
        single = {found.job_id: found for found in jobs}
        return tuple(map(_attempt, sorted(single.values(), key=_order)))

    async def _of_run(self, job: Job, run: RunInfo) -> Job | None:
        asked = self._client.commit(
            job.sha, repo=self._ref.repo, run_id=run.run_id, attempt=run.attempt
        )
        page = await self._gaps.tried(f"attempt {run.attempt} of {run.run_id}", asked)
        jobs = page.jobs if page else ()
        return next((found for found in jobs if found.name == job.name), None)

    def _completed(self, jobs: list[Job]) -> None:
        """Take what the page of a commit tells more than the grid."""
        for found in jobs:
            if self._job and found.job_id == self._job.job_id and found.runner:
                self._job = found

    async def _usage(self, run_id: int | str | None) -> JobUsage:
        if run_id is None:
            return JobUsage(why="its run is unknown")
        asked = self._client.utilization(run_id, repo=self._ref.repo)
        found = await self._gaps.tried("usage", asked)
        if found is None:
            return JobUsage(why="the HUD did not tell")
        mine = [item for item in found if item.job_id == self._ref.job_id]
        if not mine:
            return JobUsage(why="nothing was measured in this job")
        return _usage_of(mine[-1])

    async def _artifacts(self, run_id: int | str | None) -> tuple[ArtifactRow, ...]:
        if run_id is None:
            self._gaps.note("artifacts", "they are kept by run, and that is unknown")
            return ()
        found = await self._gaps.tried("artifacts", self._client.artifacts(run_id))
        return tuple(
            ArtifactRow(
                name=item.name,
                bytes=item.size_in_bytes,
                url=item.url or None,
                expired=item.expired,
            )
            for item in found or ()
        )


def _usage_of(item: JobUtilization) -> JobUsage:
    """What was measured; the HUD has percents only."""
    has_gpu = item.stats.get("has_gpu")
    return JobUsage(
        has_gpu=bool(has_gpu) if has_gpu is not None else None,
        percent={
            name: round(float(value), 1)
            for name, value in sorted(item.stats.items())
            if value is not None and name != "has_gpu"
        },
    )


def stored_failure(job: Job) -> StoredFailure | None:
    """What the HUD says of a failure, if anything."""
    if not (job.lines or job.captures):
        return None
    numbers: list[int | None] = [*job.line_numbers]
    numbers += [None] * (len(job.lines) - len(numbers))
    return StoredFailure(
        lines=tuple(
            StoredLine(text=brief(text), line_number=at)
            for text, at in zip(job.lines, numbers, strict=False)
        ),
        captures=tuple(map(brief, job.captures)),
        commands=tuple(map(brief, job.context[:COMMANDS])),
    )


def _attempt(job: Job) -> Attempt:
    return Attempt(
        job_id=number(job.job_id),
        run_id=number(job.run_id),
        attempt=job.attempt,
        state=job.state,
        started_at=job.started_at,
        duration_s=job.duration_s,
        runner=job.runner,
        origin=job.origin,
    )


def _order(job: Job) -> int:
    return number(job.job_id) or 0
