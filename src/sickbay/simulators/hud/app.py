"""The simulated HUD as one app: its API, its store of logs, its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette

from sickbay.simulators.faults import Faults, Faulty
from sickbay.simulators.hud.pages import Pages
from sickbay.simulators.hud.routes import clickhouse, grid, store

if TYPE_CHECKING:
    from sickbay.simulators.hud.world import World


def app(world: World, faults: Faults | None = None) -> Faulty:
    """An ASGI app that tells of the world; under uvicorn, for connections to drop.

    Args:
        world: What it tells of.
        faults: How it misbehaves; may be changed while the app runs.
    """
    routes = [*grid.ROUTES, *clickhouse.ROUTES, *store.ROUTES]
    inner = Starlette(routes=routes)
    inner.state.world = world
    inner.state.pages = Pages(world)
    return Faulty(inner, faults or Faults())
