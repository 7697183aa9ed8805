"""Commits and their jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from sickbay.simulators.hud import wire
from sickbay.simulators.hud.answers import as_json, crash, parts, world_of
from sickbay.simulators.hud.runs import RESTART

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from sickbay.simulators.hud.pages import Pages
    from sickbay.simulators.hud.runs import Run

PER_PAGE = 50
HUD_PARTS = 6
FLAVOURS = {
    "filter_unstable": ("unstable",),
    "filter_reruns": ("rerun_disabled_tests", "mem_leak_check"),
}


def hud(request: Request) -> Response:
    """A page of the grid."""
    path, world = parts(request), world_of(request)
    pages: Pages = request.app.state.pages
    newest = pages.order(path[4]) if len(path) == HUD_PARTS else None
    if newest is None or "/".join(path[2:4]) != world.repo or not path[5].isdigit():
        return crash()
    asked = request.query_params
    hidden = [
        word for name, words in FLAVOURS.items() if asked.get(name) for word in words
    ]
    size = asked.get("per_page", "")
    per_page = int(size) if size.isdigit() else PER_PAGE
    body = pages.page(
        newest,
        page=int(path[5]),
        per_page=per_page,
        hidden=hidden,
        one_fleet=bool(asked.get("mergeEphemeralLF")),
    )
    return as_json(body)


def commit(request: Request) -> Response:
    """One commit with its jobs, the newest attempt of each."""
    world, path = world_of(request), parts(request)
    order = world.order(path[4]) if "/".join(path[1:3]) == world.repo else None
    if order is None:
        return crash()
    asked = request.query_params
    runs = [
        run
        for attempts in world.cells(order).values()
        for run in attempts
        if asked.get("workflowId", str(run.run_id)) == str(run.run_id)
        and asked.get("runAttempt", "0") in {"0", str(run.attempt)}
    ]
    shown = [run for run in runs if run.origin != RESTART or not run.failure]
    newest = {run.kind.slot: run for run in shown}.values()
    jobs = [wire.named(world, run) for run in newest]
    if order == world.startup_failure and "workflowId" not in asked:
        jobs.append(wire.never_began(world, order))
    return as_json(
        {
            "commit": wire.commit(world.commit(order)),
            "jobs": jobs,
            "workflowIdsByName": _workflows(runs),
        }
    )


def _workflows(runs: Sequence[Run]) -> dict[str, list[dict[str, object]]]:
    found: dict[str, dict[tuple[int, int], str]] = {}
    for run in runs:
        attempts = found.setdefault(run.kind.workflow, {})
        attempts.setdefault((run.run_id, run.attempt), run.origin)
    return {
        name: [
            {"id": run_id, "attempt": attempt, "runOrigin": origin}
            for (run_id, attempt), origin in sorted(attempts.items())
        ]
        for name, attempts in found.items()
    }


ROUTES = (
    Route("/api/hud/{rest:path}", hud),
    Route("/api/{owner}/{repo}/commit/{sha}", commit),
)
