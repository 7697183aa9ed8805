"""The simulated organization as one app: Buildkite's API and pages, and GitHub's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.routing import Mount

from sickbay.simulators.buildkite import routes
from sickbay.simulators.buildkite.answers import Refused, lost, refusal
from sickbay.simulators.buildkite.gate import BuildkiteFaults, Gate
from sickbay.simulators.faults import Faulty
from sickbay.simulators.github.app import github

if TYPE_CHECKING:
    from sickbay.simulators.buildkite.world import World


def app(world: World, faults: BuildkiteFaults | None = None) -> Faulty:
    """An ASGI app that tells of the world; under uvicorn, for connections to drop.

    It answers as Buildkite's API under ``/v2/``, as its public pages under ``/web/``
    and as GitHub's API under ``/github/``.

    Args:
        world: What it tells of.
        faults: How it misbehaves; may be changed while the app runs.
    """
    faults = faults or BuildkiteFaults()
    handlers: dict[Any, Any] = {404: lost, Refused: refusal}
    hub = github(world, faults.github, changes=world.changes)
    inner = Starlette(
        routes=[*routes.ROUTES, Mount("/github", hub)], exception_handlers=handlers
    )
    inner.state.world = world
    inner.state.faults = faults
    inner.state.shelf = {}
    return Faulty(Gate(inner, faults), faults)
