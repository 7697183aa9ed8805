"""The tools about single jobs: the end of a log, and why jobs failed."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from sickbay.core.errors import BadRequest
from sickbay.core.gaps import Gaps
from sickbay.core.tool import Call, tool
from sickbay.toolsets.buildkite.analysis.explanation import Reading, explained_jobs
from sickbay.toolsets.buildkite.analysis.tail import Tail, log_tail
from sickbay.toolsets.buildkite.models.jobs import (
    ExplainedJobs,
    JobLogEnd,
    JobName,
    JobNames,
    TailLines,
)
from sickbay.toolsets.buildkite.source import Buildkite
from sickbay.toolsets.buildkite.tools.reference import meant_job

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.builds import BuildJob
    from sickbay.ci.references import JobRef

MAX_JOBS = 100
EXPLAIN_S = 600.0

LINE_BYTES = 1_000
"""Of a line of a log, escapes included: most are far shorter."""

MAX_BYTES = 1 << 20
"""Of the end of a log that is fetched."""


@tool(
    title="End of a job's log",
    untrusted=("name", "lines"),
    open_world=True,
)
async def job_log(
    source: Buildkite, call: Call, *, job: JobName, tail_lines: TailLines = 100
) -> JobLogEnd:
    """Show the last lines of a job's log without fetching the whole.

    Gives `lines`, the `log` handle with its `bytes`, `whole_log` or how to read the
    `rest` (logs_read, logs_search), and of the job `job_id`, `name`, `state`,
    `exit_status` and whether it is `running`.
    """
    ref = await meant_job(source, job)
    gaps = Gaps()
    asked = min(tail_lines * LINE_BYTES, MAX_BYTES)
    facts, end = await asyncio.gather(
        gaps.tried("the job", source.client.job(ref)),
        source.client.log_tail(ref, asked),
    )
    shown: Tail = await call.thread(log_tail, end.data, tail_lines, end.whole)
    count = len(shown.lines)
    return JobLogEnd(
        job_id=ref.job_id,
        name=facts.name if facts else None,
        state=(facts.conclusion or facts.status) if facts else None,
        exit_status=facts.exit_status if facts else None,
        running=facts.unfinished if facts else None,
        log=ref.handle,
        bytes=end.bytes_total,
        whole_log=shown.whole,
        lines=shown.lines,
        rest=None if shown.whole else _rest(ref, count),
        coverage=gaps.coverage(
            len(shown.lines), len(shown.lines) if shown.whole else None
        ),
    )


@tool(
    title="Why jobs failed",
    items="explained",
    untrusted=("explained", "clusters"),
    timeout_s=EXPLAIN_S,
    open_world=True,
)
async def explain_job(
    source: Buildkite, call: Call, *, jobs: JobNames
) -> ExplainedJobs:
    """Read the logs of jobs and say why they failed.

    Gives `explained`: category, reason, causes (lines), failed_tests, exit_status,
    host; of several jobs also `clusters` of one cause each and how many are
    `without_failure`. Next: logs_read with the job's log.
    """
    if not jobs:
        raise BadRequest("no job is named", hint="give jobs: one or several")
    refs = list(dict.fromkeys([await meant_job(source, text) for text in jobs]))
    gaps = Gaps()
    for ref in refs[MAX_JOBS:]:
        gaps.note(f"job {ref.job_id}", f"more than {MAX_JOBS} jobs in one call")
    readings = await _read(source, call, gaps, refs[:MAX_JOBS])
    if not readings and gaps.first:
        raise gaps.first
    found: ExplainedJobs = await call.thread(explained_jobs, readings)
    return ExplainedJobs(
        explained=found.explained,
        clusters=found.clusters,
        without_failure=found.without_failure,
        coverage=gaps.coverage(len(readings), len(refs)),
    )


async def _read(
    source: Buildkite, call: Call, gaps: Gaps, refs: Sequence[JobRef]
) -> list[Reading]:
    """Read the logs, while Buildkite is asked about their jobs."""
    from sickbay.clients.reader import Reader  # noqa: PLC0415 - brings the engine

    handles = {ref.handle: ref for ref in refs}
    looking = asyncio.ensure_future(_jobs(source, gaps, refs))
    reader = Reader(source.logs, source.rulebook, source.reports, call)
    read = []
    try:
        async with aclosing(reader.each(handles)) as reports:
            async for handle, report in reports:
                read.append((handle, gaps.had(f"log {handle}", report)))
                call.progress(len(read), len(handles))
        jobs = await looking
    finally:
        looking.cancel()
    return [
        Reading(job_id=handles[handle].job_id, job=jobs.get(handle), report=report)
        for handle, report in read
        if report is not None
    ]


async def _jobs(
    source: Buildkite, gaps: Gaps, refs: Sequence[JobRef]
) -> dict[str, BuildJob]:
    """What Buildkite says of the jobs; without it their logs say enough."""
    builds = dict.fromkeys(ref.build for ref in refs)
    found = await asyncio.gather(
        *(
            gaps.tried(f"the jobs of build {ref.number}", source.client.build(ref))
            for ref in builds
        )
    )
    known = dict(zip(builds, found, strict=True))
    by_id = {
        (ref, attempt.job_id): job
        for ref, one in known.items()
        if one is not None
        for job in one.jobs
        for attempt in job.attempts
    }
    named = {ref.handle: by_id.get((ref.build, ref.job_id)) for ref in refs}
    return {handle: job for handle, job in named.items() if job is not None}


def _rest(ref: JobRef, shown: int) -> str:
    return (
        f"logs_read with log={ref.handle} and tail={shown * 10}, or logs_search in it"
    )
