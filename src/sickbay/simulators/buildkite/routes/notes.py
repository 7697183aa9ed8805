"""What builds have pinned to their pages."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any
from uuid import UUID
from xml.etree.ElementTree import fromstring

from starlette.routing import Route

from sickbay.simulators.buildkite.answers import (
    allow,
    as_json,
    build_of,
    flag,
    page,
    world_of,
)
from sickbay.simulators.buildkite.routes.artifacts import artifacts_of
from sickbay.simulators.buildkite.routes.jobs import BUILD
from sickbay.simulators.buildkite.wire import iso, web_url
from sickbay.simulators.chance import chance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from sickbay.simulators.buildkite.jobs import Job
    from sickbay.simulators.buildkite.world import Build, World

SCOPES = {"all": {"build", "job"}, "build": {"build"}, "job": {"job"}}
PRIORITY = {"error": 8, "warning": 5, "info": 3}


async def listed(request: Request) -> Response:
    """The annotations of a build; those of its jobs if they are asked for."""
    allow(request, "read_builds")
    build, world = build_of(request), world_of(request)
    scopes = SCOPES.get(request.query_params.get("scope", "build"), {"build"})
    rows = [row for row in _all(build, world) if row["scope"] in scopes]
    if flag(request, "omit_body"):
        rows = [{k: v for k, v in row.items() if k != "body_html"} for row in rows]
    found, headers = page(request, rows)
    return as_json(found, headers=headers)


def _all(build: Build, world: World) -> Iterator[dict[str, Any]]:
    failed = [job for job in build.jobs if job.failed and not job.retried]
    image = f"<p>Image <code>vllm-ci:{build.sha[:12]}</code></p>"
    yield _one(build, "image", "info", image)
    if failed:
        yield _one(build, "failed-jobs", "error", _failed(build, world, failed))
    for job in failed:
        if report := _results(job, build, world):
            shard = f"-{job.shard}" if job.shard is not None else ""
            yield _one(build, f"junit-{job.step.key}{shard}", "error", report)
        if job.state == "timed_out":
            text = f"<p>Stopped after {job.step.timeout_min} minutes</p>"
            yield _one(build, "timeout", "warning", text, job)


def _failed(build: Build, world: World, jobs: list[Job]) -> str:
    url = web_url(world, build.slot)
    rows = "".join(
        f'<li><a href="{url}#{job.job_id}">{escape(job.name)}</a></li>' for job in jobs
    )
    return f"<h3>{len(jobs)} jobs failed</h3><ul>{rows}</ul>"


def _results(job: Job, build: Build, world: World) -> str:
    """The failures of a JUnit file, as a plugin of Buildkite pins them."""
    rows = []
    for artifact in artifacts_of(job, build, world):
        for case in fromstring(artifact.body).iter("testcase"):  # noqa: S314 - our own recordings
            for failure in (*case.iter("failure"), *case.iter("error")):
                name = f"{case.get('classname')}.{case.get('name')}"
                rows.append(
                    f"<details><summary><code>{escape(name)}</code></summary>"
                    f"<pre>{escape(failure.text or '')}</pre></details>"
                )
    head = f"<h4>{escape(job.name)}: {len(rows)} failures</h4>"
    return head + "".join(rows) if rows else ""


def _one(
    build: Build, context: str, style: str, body: str, job: Job | None = None
) -> dict[str, Any]:
    name = job.job_id if job else None
    draw = chance("annotation", build.slot.number, context, name)
    return {
        "id": str(UUID(int=draw.getrandbits(128), version=4)),
        "context": context,
        "style": style,
        "scope": "job" if job else "build",
        "job_id": name,
        "priority": PRIORITY[style],
        "body_html": body,
        "created_at": iso(build.slot.created + 60),
        "updated_at": iso(build.slot.created + 90),
    }


ROUTES = (Route(f"{BUILD}/annotations", listed),)
