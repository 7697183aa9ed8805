"""Pull requests, and what an adviser says of their failures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from sickbay.simulators.hud.advice import verdicts
from sickbay.simulators.hud.answers import as_json, crash, error, parts, world_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def pull(request: Request) -> Response:
    """One pull request: no jobs, but the names of its commits."""
    world, path = world_of(request), parts(request)
    number = path[4]
    found = world.pulls.get(int(number)) if number.isdigit() else None
    if found is None or "/".join(path[1:3]) != world.repo:
        return crash()
    heads = [world.commit(order) for order in found.heads]
    shas = [{"sha": head.sha, "title": head.title} for head in heads]
    return as_json({"title": found.title, "body": found.body, "shas": shas})


def advice(request: Request) -> Response:
    """What an adviser says of the failures of a pull request."""
    world = world_of(request)
    number = request.query_params.get("prNumber", "")
    if not number.isdigit():
        return error(400, "Missing prNumber")
    found = world.pulls.get(int(number))
    return as_json(list(verdicts(world, found)) if found else [])


ROUTES = (
    Route("/api/{owner}/{repo}/pull/advisor-runs", advice),
    Route("/api/{owner}/{repo}/pull/{number}", pull),
)
