"""The pages that everybody may see, for programs that have no token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sickbay.simulators.buildkite.answers import (
    as_json,
    build_of,
    flag,
    job_of,
    whole,
    world_of,
)
from sickbay.simulators.buildkite.routes.logs import body_of
from sickbay.simulators.buildkite.wire import (
    branch,
    creator,
    finished_at,
    iso,
    message,
    state,
)
from sickbay.simulators.chance import chance

if TYPE_CHECKING:
    from starlette.requests import Request

    from sickbay.simulators.buildkite.jobs import Job
    from sickbay.simulators.buildkite.world import Build, World

COOKIE = "_buildkite_sess"
SESSION = "public-session"
PAGE = "<!DOCTYPE html><html><body><div id='app' data-build='{}'></div></body></html>"
ROWS = 60  # jobs of a page


def _strange(request: Request) -> Response | None:
    """Everything but public pipelines is behind the login."""
    if request.path_params.get("pipeline") in world_of(request).private:
        return RedirectResponse("/web/login", 302)
    return None


def _sessionless(request: Request) -> Response | None:
    """The data behind a page is for those who have been there."""
    if request.cookies.get(COOKIE) != SESSION:
        return RedirectResponse("/web/login", 302)
    return _strange(request)


async def page(request: Request) -> Response:
    """The page of a build, which opens a session."""
    if hidden := _strange(request):
        return hidden
    build, world = build_of(request), world_of(request)
    wants = "application/json" in request.headers.get("accept", "")
    if wants and not request.app.state.faults.page_only:
        answer = as_json(_facts(build, world))
    else:
        answer = Response(PAGE.format(build.slot.number), media_type="text/html")
    answer.set_cookie(COOKIE, SESSION, path="/", httponly=True)
    return answer


def _facts(build: Build, world: World) -> dict[str, Any]:
    slot = build.slot
    return {
        "id": f"019a0000-0000-7000-a000-{slot.number:012x}",
        "number": slot.number,
        "state": state(build),
        "branch_name": branch(slot, world),
        "commit_id": build.sha,
        "message": message(build, world),
        "source": "schedule" if slot.pull is None else "webhook",
        "author_name": world.author(slot).name,
        "creator_name": creator(slot, world),
        "created_at": iso(slot.created),
        "started_at": iso(slot.created + 20),
        "finished_at": iso(finished_at(build)),
    }


async def jobs(request: Request) -> Response:
    """The jobs of a build, page by page."""
    if hidden := _sessionless(request):
        return hidden
    build = build_of(request)
    kept = [
        job
        for job in build.jobs
        if not job.retried or flag(request, "include_retried", default=True)
    ]
    number = max(1, whole(request, "page", 1))
    shown = kept[(number - 1) * ROWS : number * ROWS]
    rows = [_row(job) for job in shown]
    return as_json({"records": rows, "has_next_page": number * ROWS < len(kept)})


def _row(job: Job) -> dict[str, Any]:
    draw = chance("step", job.number, job.step.key)
    return {
        "id": job.job_id,
        "step_uuid": str(UUID(int=draw.getrandbits(128), version=4)),
        "step_key": job.step.key or None,
        "type": job.step.kind,
        "name": job.name or None,
        "state": job.state,
        "passed": job.state == "passed",
        "soft_failed": job.soft_failed,
        "exit_status": job.exit_status,
        "signal": job.signal,
        "signal_reason": job.signal_reason,
        "retried": job.retried,
        "retried_in_job_id": job.retried_in,
        "parallel_group_index": job.shard,
        "parallel_group_total": job.step.shards if job.step.parallel else None,
        "started_at": iso(job.started),
        "finished_at": iso(job.finished),
    }


async def log(request: Request) -> Response:
    """The log of a job, as it is."""
    if hidden := _sessionless(request):
        return hidden
    build, job = job_of(request)
    body = body_of(job, build, world_of(request))
    return Response(body, media_type="text/plain")


async def login(_: Request) -> Response:
    """Where those land who may not see something."""
    return Response(
        "<html><body>Log in to Buildkite</body></html>", media_type="text/html"
    )


BUILD = "/web/{organization}/{pipeline}/builds/{number:int}"
DOWNLOAD = (
    "/web/organizations/{organization}/pipelines/{pipeline}/builds/{number:int}"
    "/jobs/{job_id}/download"
)
ROUTES = (
    Route("/web/login", login),
    Route(BUILD, page),
    Route(f"{BUILD}/data/jobs", jobs),
    Route(DOWNLOAD, log),
)
