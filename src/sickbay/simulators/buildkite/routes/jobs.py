"""The jobs of a build, with a cursor; one job; its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.routing import Route

from sickbay.simulators.buildkite.answers import (
    MOST,
    PER_PAGE,
    Refused,
    allow,
    as_json,
    base_of,
    build_of,
    flag,
    job_of,
    several,
    whole,
    world_of,
)
from sickbay.simulators.buildkite.routes.builds import ORGANIZATION, PIPELINE
from sickbay.simulators.buildkite.wire import branch, command, job_fields

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sickbay.simulators.buildkite.jobs import Job


async def listed(request: Request) -> Response:
    """Jobs, after or before one of them."""
    allow(request, "read_builds")
    build = build_of(request)
    jobs = [job for job in build.jobs if _heeded(request, job)]
    size = min(MOST, whole(request, "per_page", PER_PAGE)) or PER_PAGE
    start = _start(request, jobs, size)
    shown = jobs[start : start + size]
    base = base_of(request)
    links = {"self": str(request.url)}
    if start + size < len(jobs):
        links["next"] = _after(request, shown[-1])
    world = world_of(request)
    rows = [job_fields(job, build, world, base) for job in shown]
    return as_json({"items": rows, "links": links})


def _heeded(request: Request, job: Job) -> bool:
    states = several(request, "state")
    keys, groups = several(request, "step_key"), several(request, "group_key")
    return (
        (not states or job.state in states)
        and (not keys or job.step.key in keys)
        and (not groups or job.step.group in groups)
        and (flag(request, "include_retried_jobs", default=True) or not job.retried)
    )


def _start(request: Request, jobs: list[Job], size: int) -> int:
    ids = [job.job_id for job in jobs]
    after, before = (request.query_params.get(name) for name in ("after", "before"))
    for cursor in (after, before):
        if cursor is not None and cursor not in ids:
            raise Refused(400, "Invalid cursor")
    if after is not None:
        return ids.index(after) + 1
    return max(0, ids.index(before) - size) if before is not None else 0


def _after(request: Request, job: Job) -> str:
    others = [
        (name, value)
        for name, value in request.query_params.multi_items()
        if name not in {"after", "before"}
    ]
    query = urlencode([*others, ("after", job.job_id)])
    return f"{request.url.replace(query='')}?{query}"


async def one(request: Request) -> Response:
    """One attempt of a job."""
    allow(request, "read_builds")
    build, job = job_of(request)
    return as_json(job_fields(job, build, world_of(request), base_of(request)))


async def env(request: Request) -> Response:
    """The environment that a job ran in."""
    allow(request, "read_job_env")
    build, job = job_of(request)
    world = world_of(request)
    return as_json(
        {
            "env": {
                "CI": "true",
                "BUILDKITE": "true",
                "BUILDKITE_BRANCH": branch(build.slot, world),
                "BUILDKITE_BUILD_NUMBER": str(build.slot.number),
                "BUILDKITE_COMMAND": command(job),
                "BUILDKITE_COMMIT": build.sha,
                "BUILDKITE_JOB_ID": job.job_id,
                "BUILDKITE_LABEL": job.name,
            }
        }
    )


BUILD = f"{PIPELINE}/builds/{{number:int}}"
JOBS = (f"{ORGANIZATION}/jobs/{{job_id}}", f"{BUILD}/jobs/{{job_id}}")
ROUTES = (
    Route(f"{BUILD}/jobs", listed),
    *(Route(path, one) for path in JOBS),
    *(Route(f"{path}/env", env) for path in JOBS),
)
