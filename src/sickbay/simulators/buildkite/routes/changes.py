"""What changes the world: retry, unblock, rebuild; and how much may be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.routing import Route

from sickbay.simulators.buildkite.answers import (
    Refused,
    allow,
    as_json,
    base_of,
    build_of,
    job_of,
    world_of,
)
from sickbay.simulators.buildkite.changes import rebuilt, retried, unblocked
from sickbay.simulators.buildkite.routes.builds import ORGANIZATION
from sickbay.simulators.buildkite.routes.jobs import BUILD, JOBS
from sickbay.simulators.buildkite.wire import build_fields, job_fields

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def retry(request: Request) -> Response:
    """Try a job once more."""
    allow(request, "write_builds")
    build, job = job_of(request)
    again = retried(world_of(request), build, job)
    return as_json(job_fields(again, build, world_of(request), base_of(request)))


async def unblock(request: Request) -> Response:
    """Let a build go on behind a manual step."""
    allow(request, "write_builds")
    build, job = job_of(request)
    fields = await _fields(request)
    opened = unblocked(world_of(request), build, job, fields)
    return as_json(job_fields(opened, build, world_of(request), base_of(request)))


async def _fields(request: Request) -> dict[str, Any]:
    body = await request.body()
    try:
        told = msgspec.json.decode(body or b"{}", type=dict[str, Any])
    except msgspec.DecodeError:
        raise Refused(400, "Problems parsing JSON") from None
    fields = told.get("fields") or {}
    if not isinstance(fields, dict):
        raise Refused(422, "fields must be an object")
    return fields


async def rebuild(request: Request) -> Response:
    """Run a whole build once more."""
    allow(request, "write_builds")
    world = world_of(request)
    again = rebuilt(world, build_of(request))
    return as_json(build_fields(again, world, base_of(request)), 201)


async def limits(request: Request) -> Response:
    """How much the organization may ask for."""
    allow(request, "read_organizations")
    limit = request.app.state.faults.org_limit
    return as_json({"rest": {"limit": limit, "enforced": bool(limit)}})


ROUTES = (
    *(Route(f"{path}/retry", retry, methods=["PUT"]) for path in JOBS),
    *(Route(f"{path}/unblock", unblock, methods=["PUT"]) for path in JOBS),
    Route(f"{BUILD}/rebuild", rebuild, methods=["PUT"]),
    Route(f"{ORGANIZATION}/rate_limit", limits),
)
