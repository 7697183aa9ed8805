"""The files that jobs leave behind, and the store that they are kept in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sickbay.simulators.buildkite.answers import (
    Refused,
    allow,
    as_json,
    base_of,
    build_of,
    job_of,
    page,
    several,
    world_of,
)
from sickbay.simulators.buildkite.course import job_id, number_in
from sickbay.simulators.buildkite.logs import junit
from sickbay.simulators.buildkite.routes.jobs import BUILD, JOBS
from sickbay.simulators.buildkite.routes.logs import run_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from sickbay.simulators.buildkite.jobs import Job
    from sickbay.simulators.buildkite.world import Build, World

STORE = "/store"
DENIED = (
    b"<?xml version='1.0'?><Error><Code>InvalidArgument</Code>"
    b"<Message>Only one auth mechanism allowed</Message></Error>"
)
results = lru_cache(maxsize=512)(junit)


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file that a job left."""

    artifact_id: str
    job: Job
    path: str
    body: bytes


def artifacts_of(job: Job, build: Build, world: World) -> Sequence[Artifact]:
    """What a job left behind."""
    run = run_of(job, build, world) if job.finished and job.step.suite else None
    body = results(run) if run else None
    if body is None:
        return ()
    shard = f"-{job.shard}" if job.shard is not None else ""
    name = job_id(job.number, "artifact", job.job_id)
    return (Artifact(name, job, f"junit/{job.step.key}{shard}.xml", body),)


async def listed(request: Request) -> Response:
    """The artifacts of a build, or of one job."""
    allow(request, "read_artifacts")
    world = world_of(request)
    if "job_id" in request.path_params:
        build, job = job_of(request)
        jobs = [job]
    else:
        build = build_of(request)
        jobs = build.jobs
    globs, states = several(request, "path"), several(request, "state")
    found = [
        artifact
        for job in jobs
        for artifact in artifacts_of(job, build, world)
        if not globs or any(fnmatchcase(artifact.path, glob) for glob in globs)
    ]
    if states and "finished" not in states:
        found = []
    shown, headers = page(request, found)
    rows = [_fields(request, artifact, build) for artifact in shown]
    return as_json(rows, headers=headers)


def _fields(request: Request, artifact: Artifact, build: Build) -> dict[str, Any]:
    world, slot = world_of(request), build.slot
    url = (
        f"{base_of(request)}/organizations/{world.organization}/pipelines/"
        f"{slot.pipeline}/builds/{slot.number}/jobs/{artifact.job.job_id}"
        f"/artifacts/{artifact.artifact_id}"
    )
    return {
        "id": artifact.artifact_id,
        "job_id": artifact.job.job_id,
        "url": url,
        "download_url": f"{url}/download",
        "state": "finished",
        "path": artifact.path,
        "dirname": "junit",
        "filename": artifact.path.rpartition("/")[2],
        "mime_type": "application/xml",
        "file_size": len(artifact.body),
        "sha1sum": hashlib.sha1(artifact.body, usedforsecurity=False).hexdigest(),
    }


async def download(request: Request) -> Response:
    """Where the file is: in a store that wants no token, but a signed URL."""
    allow(request, "read_artifacts")
    artifact = _found(request)
    signed = hashlib.sha256(artifact.artifact_id.encode()).hexdigest()
    host = request.url.netloc
    url = f"{request.url.scheme}://{host}{STORE}/{artifact.artifact_id}?sign={signed}"
    response = RedirectResponse(url, 302)
    response.headers["content-type"] = "application/json"
    return response


async def stored(request: Request) -> Response:
    """A file, to whoever has its signed URL and shows no other credential."""
    artifact = _found(request)
    signed = hashlib.sha256(artifact.artifact_id.encode()).hexdigest()
    if "authorization" in request.headers:
        return Response(DENIED, 400, media_type="application/xml")
    if request.query_params.get("sign") != signed:
        return Response(b"", 403)
    return Response(artifact.body, media_type="application/xml")


def _found(request: Request) -> Artifact:
    world, wanted = world_of(request), request.path_params["artifact_id"]
    build = world.build(number_in(wanted) or 0)
    for job in build.jobs if build else ():
        if job_id(job.number, "artifact", job.job_id) == wanted and build:
            for artifact in artifacts_of(job, build, world):
                return artifact
    raise Refused(404, "No artifact found")


ROUTES = (
    Route(f"{BUILD}/artifacts", listed),
    *(Route(f"{path}/artifacts", listed) for path in JOBS),
    Route(f"{BUILD}/artifacts/{{artifact_id}}/download", download),
    *(Route(f"{path}/artifacts/{{artifact_id}}/download", download) for path in JOBS),
    Route(f"{STORE}/{{artifact_id}}", stored),
)
