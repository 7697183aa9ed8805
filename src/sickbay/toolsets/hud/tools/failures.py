"""The tools that look for one failure in many jobs."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge

from sickbay.core.errors import BadRequest, NotFound
from sickbay.core.gaps import Gaps
from sickbay.core.timerange import TimeRange
from sickbay.core.timerange import time_range as stretch
from sickbay.core.tool import Call, Identifier, tool
from sickbay.render.words import brief
from sickbay.toolsets.hud.analysis.likeness import (
    by_day,
    by_job,
    groups,
    is_like,
    is_of,
    newest,
    occurrence,
    seen,
)
from sickbay.toolsets.hud.analysis.reference import job_reference, repository
from sickbay.toolsets.hud.models.failures import (
    FailureHistory,
    LookedFor,
    SimilarFailures,
)
from sickbay.toolsets.hud.models.jobs import Repo
from sickbay.toolsets.hud.source import Hud
from sickbay.toolsets.hud.tools.dossier import found_job

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from datetime import datetime

    from sickbay.ci.models import Job

MOST = 20
"""Jobs that one search of the HUD gives, whatever there are."""

HALVINGS = 2
"""How often a full search is halved to find more: seven searches at most."""

LATEST = 5
"""Jobs of a history that are shown whole."""

HINT = "give a job_id, or name (workflow / job) and captures"


@tool(
    title="Similar failures",
    items="groups",
    untrusted=("groups",),
    open_world=True,
)
async def similar_failures(  # noqa: PLR0913 - each narrows the search
    source: Hud,
    _call: Call,
    *,
    failure: Annotated[str, "line of a log, or words of it"],
    workflow: Annotated[str, "its name, such as pull"] = "",
    branch: Annotated[str, "any by default"] = "",
    repo: Repo = None,
    time_range: Annotated[str, "7d, 24h, A:B"] = "7d",
    min_score: Annotated[float, Ge(0), "how alike; more is stricter"] = 1.0,
) -> SimilarFailures:
    """Search jobs that failed with such a line: where, since when, on how many commits.

    Gives `groups` by job (count, shas, first_seen, last_seen, a job_id), how many jobs
    were `found` on how many `commits`, first_seen and last_seen; `capped` where there
    may be more, since one search of the HUD gives 20. Groups not `alike` share
    few words: `unlike` counts them, and nothing else does.
    """
    if not failure.strip():
        raise BadRequest("failure is empty", hint="give a line of a log")
    wanted = repository(repo, source.repo)
    asked = stretch(time_range, now=source.now())
    gaps = Gaps()
    search = partial(
        source.client.search,
        failure,
        repo=wanted,
        workflow=workflow,
        branch=branch,
        min_score=min_score,
    )
    jobs, capped = await _searched(search, asked, gaps)
    if not jobs and gaps.first:
        raise gaps.first
    of_repo = (job for job in jobs if is_of(job, wanted))
    single = {(job.job_id, job.name, job.sha): job for job in of_repo}
    alike = [job for job in single.values() if is_like(job, failure)]
    unlike = [job for job in single.values() if not is_like(job, failure)]
    return _similar(alike, unlike, gaps, capped=capped)


async def _searched(
    search: Callable[..., Awaitable[Sequence[Job]]],
    asked: TimeRange,
    gaps: Gaps,
    halvings: int = HALVINGS,
) -> tuple[list[Job], bool]:
    """What a search finds; of a full one, what is before and after its middle, too.

    Returns:
        The jobs, and whether there may be more.
    """
    what = f"failures from {asked.start:%d %b %H:%M} to {asked.stop:%d %b %H:%M}"
    found = await gaps.tried(what, search(start=asked.start, end=asked.stop))
    jobs = list(found or ())
    if len(jobs) < MOST or not halvings:
        return jobs, len(jobs) >= MOST
    middle = _middle(jobs, asked)
    halves = (TimeRange(asked.start, middle), TimeRange(middle, asked.stop))
    parts = await asyncio.gather(
        *(_searched(search, half, gaps, halvings - 1) for half in halves)
    )
    for more, _ in parts:
        jobs += more
    return jobs, any(capped for _, capped in parts)


def _middle(jobs: Sequence[Job], asked: TimeRange) -> datetime:
    """The moment around which the jobs are; they need not fill the whole time."""
    times = sorted(job.started_at for job in jobs if job.started_at)
    middle = times[len(times) // 2] if times else asked.start
    if asked.start < middle < asked.stop:
        return middle
    return asked.start + (asked.stop - asked.start) / 2


def _similar(
    jobs: Sequence[Job], unlike: Sequence[Job], gaps: Gaps, *, capped: bool
) -> SimilarFailures:
    first, last = seen(jobs)
    return SimilarFailures(
        found=len(jobs),
        commits=len({job.sha for job in jobs}),
        first_seen=first,
        last_seen=last,
        capped=capped,
        unlike=len(unlike),
        groups=groups(jobs) + groups(unlike, alike=False),
        coverage=gaps.coverage(len(jobs), None if capped else len(jobs)),
    )


@tool(
    title="History of a failure",
    items="jobs",
    untrusted=("looked_for", "jobs", "latest"),
    open_world=True,
)
async def failure_history(  # noqa: PLR0913 - two ways to say which failure
    source: Hud,
    _call: Call,
    *,
    job_id: Annotated[str | None, Identifier(), "a job that failed so"] = None,
    name: Annotated[str, "or workflow / job"] = "",
    captures: Annotated[list[str] | None, "and its captures"] = None,
    fuzzy: Annotated[bool, "also those much like it"] = False,
    repo: Repo = None,
) -> FailureHistory:
    """Count failures like that of one job in the last 14 days.

    Gives the `total`, counts by `days` and `jobs`, the `latest` (sha, time, line) and
    the captures `looked_for`.
    """
    gaps = Gaps()
    wanted = repository(repo, source.repo)
    if job_id:
        reference = job_reference(job_id, repo=wanted)
        found = await found_job(source, gaps, reference, None)
        if not found.whole and gaps.first:
            raise gaps.first
        sought = _sought(job_id, found.job)
    else:
        sought = LookedFor(job=name or None, captures=tuple(captures or ()))
    if not sought.captures:
        raise BadRequest("nothing to look for: no captures", hint=HINT)
    return await _history(source, sought, gaps, fuzzy=fuzzy)


def _sought(job_id: str, job: Job | None) -> LookedFor:
    if job is None or not job.captures:
        raise NotFound(
            f"the HUD has not classified the failure of job {job_id}",
            hint="hud_explain_job reads its log; hud_similar_failures takes a line",
        )
    line = brief(job.lines[0]) if job.lines else None
    return LookedFor(job=job.name, captures=job.captures, line=line)


async def _history(
    source: Hud, sought: LookedFor, gaps: Gaps, *, fuzzy: bool
) -> FailureHistory:
    name = sought.job or ""
    found = await source.client.failure_history(
        name=name,
        job_name=name.partition(" / ")[2] or name,
        captures=sought.captures,
        fuzzy=fuzzy,
    )
    return FailureHistory(
        looked_for=sought,
        total=found.total,
        days=by_day(found.samples),
        jobs=by_job(found.counts),
        latest=tuple(map(occurrence, newest(found.samples)[:LATEST])),
        coverage=gaps.coverage(found.total, found.total),
    )
