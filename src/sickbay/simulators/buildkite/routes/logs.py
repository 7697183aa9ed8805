"""The logs of jobs: as JSON, as they are, in part."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from sickbay.simulators.buildkite.answers import (
    Refused,
    allow,
    as_json,
    base_of,
    job_of,
    world_of,
)
from sickbay.simulators.buildkite.logs import Run, text
from sickbay.simulators.buildkite.routes.jobs import JOBS
from sickbay.simulators.buildkite.wire import command

if TYPE_CHECKING:
    from starlette.requests import Request

    from sickbay.simulators.buildkite.jobs import Job
    from sickbay.simulators.buildkite.world import Build, World

HEADER = re.compile(rb"\x1b_bk;t=(\d+)\x07(?:---|\+\+\+|~~~) ")
MS = 1_000_000  # ns
SUFFIX = re.compile(r"bytes=-(\d+)")
stored = lru_cache(maxsize=8)(text)


def run_of(job: Job, build: Build, world: World) -> Run | None:
    """What the log of a job has to tell; None if it never began."""
    if job.host is None or job.started is None:
        return None
    return Run(
        name=job.name,
        command=command(job),
        host=job.host.name,
        agent=job.host.agent,
        queue=job.host.queue,
        suite=job.step.suite,
        way=job.blow.way if job.blow else "passed",
        seed=job.blow.seed if job.blow else 0,
        started=job.started,
        finished=job.finished,
        state=job.state,
        exit_status=job.exit_status,
        signal=job.signal,
        signal_reason=job.signal_reason,
        commit=build.sha,
        organization=world.organization,
        pipeline=build.slot.pipeline,
        number=build.slot.number,
    )


def body_of(job: Job, build: Build, world: World) -> bytes:
    """The log as it is kept; nothing of a job that never began."""
    run = run_of(job, build, world)
    return stored(run, world.log_bytes) if run else b""


async def log(request: Request) -> Response:
    """The log of a job."""
    allow(request, "read_build_logs")
    build, job = job_of(request)
    world = world_of(request)
    if job.step.kind != "script":
        raise Refused(404, "No log found")
    body = body_of(job, build, world)
    kind = _kind(request)
    if kind == "application/json" and request.method != "HEAD":
        return _told(request, body)
    if kind == "text/html":
        page = f"<pre>{escape(body.decode(errors='replace'))}</pre>"
        return Response(page, media_type=kind)
    return _part(request.headers.get("range"), body)


def _kind(request: Request) -> str:
    """What the answer is to be: the path says so, or the header does."""
    for end, kind in ((".txt", "text/plain"), (".html", "text/html")):
        if request.url.path.endswith(end):
            return kind
    accepted = request.headers.get("accept", "")
    for kind in ("text/plain", "text/html"):
        if kind in accepted:
            return kind
    return "application/json"


def _told(request: Request, body: bytes) -> Response:
    url = f"{base_of(request)}{request.url.path.removeprefix('/v2')}"
    return as_json(
        {
            "url": url,
            "content": body.decode(errors="replace"),
            "size": len(body),
            "header_times": [int(found[1]) * MS for found in HEADER.finditer(body)],
        }
    )


def _part(wanted: str | None, body: bytes) -> Response:
    """The log, or its end: no other part is to be had."""
    headers = {"accept-ranges": "bytes"}
    if wanted is None:
        return Response(body, 200, headers, "text/plain")
    found = SUFFIX.fullmatch(wanted)
    if found is None:
        raise Refused(400, "Only suffix ranges are supported")
    if not body or not int(found[1]):
        return Response(b"", 416, {"content-range": f"bytes */{len(body)}"})
    start = max(0, len(body) - int(found[1]))
    headers["content-range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
    return Response(body[start:], 206, headers, "text/plain")


ROUTES = tuple(
    Route(f"{path}/log{end}", log) for path in JOBS for end in ("", ".txt", ".html")
)
