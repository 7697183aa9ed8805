"""The store of logs, and that of the running jobs' logs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from sickbay.simulators.hud import logs
from sickbay.simulators.hud.answers import world_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from sickbay.simulators.hud.runs import Run
    from sickbay.simulators.hud.world import World

MISSING = b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>"
RANGE = re.compile(r"bytes=(\d+)-(\d*)")


def log(request: Request) -> Response:
    """The log of a job that has ended."""
    world = world_of(request)
    owner = request.path_params.get("owner")
    run = world.run(request.path_params["job_id"])
    own = owner == "pytorch" and request.path_params.get("repo") == "pytorch"
    if run is None or own or run.completed is None or run.lost or _gone(run, world):
        return _missing()
    return _kept(request, run, world)


def temp_log(request: Request) -> Response:
    """The log so far of a job that runs on after a failure."""
    world = world_of(request)
    run = world.run(request.path_params["job_id"])
    if run is None or run.completed or not run.failure:
        return _missing()
    return _kept(request, run, world)


def _gone(run: Run, world: World) -> bool:
    return run.created < world.now.timestamp() - logs.KEPT_S


def _kept(request: Request, run: Run, world: World) -> Response:
    body = logs.stored(run, world.commit(run.order).sha, world.log_bytes)
    headers = {
        "content-encoding": "gzip",
        "accept-ranges": "bytes",
        "etag": f'"{run.job_id:x}"',
    }
    part = RANGE.fullmatch(request.headers.get("range", ""))
    if part is None:
        return Response(body, 200, headers, "text/plain")
    first, last = int(part[1]), int(part[2] or len(body) - 1)
    if first >= len(body):
        return Response(b"", 416, {"content-range": f"bytes */{len(body)}"})
    headers["content-range"] = f"bytes {first}-{min(last, len(body) - 1)}/{len(body)}"
    return Response(body[first : last + 1], 206, headers, "text/plain")


def _missing() -> Response:
    return Response(MISSING, 404, media_type="application/xml")


ROUTES = (
    Route("/log/{job_id:int}", log),
    Route("/log/{owner}/{repo}/{job_id:int}", log),
    Route("/temp_logs/{job_id:int}", temp_log),
)
