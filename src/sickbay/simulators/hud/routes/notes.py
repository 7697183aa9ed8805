"""Failed jobs of a branch, and what people said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.routing import Route

from sickbay.simulators.chance import chance
from sickbay.simulators.hud import wire
from sickbay.simulators.hud.answers import as_json, crash, parts, world_of
from sickbay.simulators.hud.commits import REPO, seconds
from sickbay.simulators.hud.failures import FAILURES

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sickbay.simulators.hud.runs import Run

SAID_SHARE = 0.5
WORDS = {
    "code": "BROKEN_TRUNK",
    "test": "TEST_FLAKE",
    "infrastructure": "INFRA_FLAKE",
    "dependency": "OTHER",
}


def note(run: Run) -> dict[str, Any] | None:
    """What somebody said of a failed job, if anybody did."""
    if not run.failure or chance("said", run.job_id).random() > SAID_SHARE:
        return None
    return {
        "dynamoKey": f"{REPO}/{run.job_id}",
        "repo": REPO,
        "jobID": run.job_id,
        "annotation": WORDS[FAILURES[run.failure].category],
    }


def notes(request: Request) -> Response:
    """What people said of these jobs."""
    world = world_of(request)
    try:
        ids = msgspec.json.decode(parts(request)[5], type=list[int])
    except (IndexError, msgspec.DecodeError):
        return crash()
    runs = [run for job_id in ids if (run := world.run(job_id)) is not None]
    said = {str(run.job_id): note(run) for run in runs}
    return as_json({job_id: what for job_id, what in said.items() if what})


def failures(request: Request) -> Response:
    """The jobs that failed on a branch, and what people said of them."""
    world = world_of(request)
    try:
        asked = msgspec.json.decode(parts(request)[5])
        start, stop = seconds(asked["startTime"]), seconds(asked["stopTime"])
    except (IndexError, KeyError, TypeError, ValueError):
        return crash()
    found = [
        run
        for run in world.failed
        if start <= world.commit(run.order).time <= stop
        and world.branch_of(run) == asked.get("branch", world.branch)
    ]
    said = {str(run.job_id): note(run) for run in found}
    return as_json(
        {
            "failedJobs": [wire.named(world, run) for run in found],
            "annotationsMap": {key: what for key, what in said.items() if what},
        }
    )


ROUTES = (
    Route("/api/job_annotation/{owner}/{repo}/annotations/{rest:path}", notes),
    Route("/api/job_annotation/{owner}/{repo}/failures/{rest:path}", failures),
)
