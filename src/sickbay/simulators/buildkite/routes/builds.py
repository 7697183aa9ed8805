"""Builds: one, and lists of them."""

from __future__ import annotations

from datetime import datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.routing import Route

from sickbay.simulators.buildkite.answers import (
    Refused,
    allow,
    as_json,
    base_of,
    build_of,
    flag,
    page,
    several,
    world_of,
)
from sickbay.simulators.buildkite.wire import (
    branch,
    build_fields,
    counts,
    job_fields,
    state,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from sickbay.simulators.buildkite.calendar import Slot
    from sickbay.simulators.buildkite.world import Build, World

FINISHED = ("passed", "failed", "blocked", "canceled")


async def one(request: Request) -> Response:
    """One build with its jobs."""
    allow(request, "read_builds")
    build = build_of(request)
    fields = build_fields(build, world_of(request), base_of(request))
    fields["job_state_counts"] = counts(build.jobs)
    return as_json(fields | {"jobs": _jobs(request, build)})


async def listed(request: Request) -> Response:
    """Builds, the newest first."""
    allow(request, "read_builds")
    world = world_of(request)
    slots = [slot for slot in reversed(world.slots) if _meant(request, slot, world)]
    found, headers = page(request, _heeded(request, slots, world))
    rows = []
    for slot in found:
        build = world.build(slot.number)
        if build is not None:
            fields = build_fields(build, world, base_of(request))
            rows.append(fields | {"jobs": _jobs(request, build)})
    return as_json(rows, headers=headers)


def _meant(request: Request, slot: Slot, world: World) -> bool:
    """Whether a build is in the pipeline that the path names, if it names one."""
    named = request.path_params
    if named["organization"] != world.organization:
        raise Refused(404, "No organization found")
    pipeline = named.get("pipeline")
    if pipeline is not None and pipeline not in world.pipelines:
        raise Refused(404, "No pipeline found")
    return pipeline in {None, slot.pipeline}


def _heeded(request: Request, slots: list[Slot], world: World) -> list[Slot]:
    """Those that the query wants, what costs least first."""
    wanted: list[Callable[[Slot], bool]] = []
    for name, before in (("created_from", False), ("created_to", True)):
        if text := request.query_params.get(name):
            wanted.append(_created(text, before=before))
    if globs := several(request, "branch"):
        wanted.append(
            lambda slot: any(fnmatchcase(branch(slot, world), glob) for glob in globs)
        )
    if shas := several(request, "commit"):
        wanted.append(lambda slot: _known(world, slot).sha in shas)
    if states := several(request, "state"):
        words = {*states, *(FINISHED if "finished" in states else ())}
        wanted.append(lambda slot: state(_known(world, slot)) in words)
    return [slot for slot in slots if all(keep(slot) for keep in wanted)]


def _created(text: str, *, before: bool) -> Callable[[Slot], bool]:
    try:
        time = datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise Refused(422, f"{text} is no time") from None
    if before:
        return lambda slot: slot.created < time
    return lambda slot: slot.created >= time


def _known(world: World, slot: Slot) -> Build:
    build = world.build(slot.number)
    if build is None:
        raise KeyError(slot.number)
    return build


def _jobs(request: Request, build: Build) -> list[msgspec.Raw] | list[Any]:
    """Its jobs; an attempt that was retried only where the query says so."""
    if flag(request, "exclude_jobs"):
        return []
    everything = flag(request, "include_retried_jobs")
    shelf: dict[Any, Any] = request.app.state.shelf
    key = (build.slot.number, build.edition, base_of(request))
    if key not in shelf:
        world = world_of(request)
        shelf[key] = [
            (job.retried, _encoded(job_fields(job, build, world, base_of(request))))
            for job in build.jobs
        ]
    return [raw for retried, raw in shelf[key] if everything or not retried]


def _encoded(what: dict[str, Any]) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(what))


ORGANIZATION = "/v2/organizations/{organization}"
PIPELINE = f"{ORGANIZATION}/pipelines/{{pipeline}}"
ROUTES = (
    Route(f"{ORGANIZATION}/builds", listed),
    Route(f"{PIPELINE}/builds", listed),
    Route(f"{PIPELINE}/builds/{{number:int}}", one),
)
