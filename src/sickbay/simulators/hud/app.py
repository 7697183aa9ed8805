"""The simulated HUD as one app: its API, its store of logs, its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.applications import Starlette

from sickbay.simulators.faults import Faulty
from sickbay.simulators.hud import routes
from sickbay.simulators.hud.answers import crash, lost
from sickbay.simulators.hud.gate import Gate, HudFaults
from sickbay.simulators.hud.pages import Pages

if TYPE_CHECKING:
    from sickbay.simulators.hud.world import World

THROWN = (AttributeError, KeyError, TypeError, ValueError, msgspec.DecodeError)
"""By what is not as a handler thinks it is; such a handler of HUD's throws, too."""


def app(world: World, faults: HudFaults | None = None) -> Faulty:
    """An ASGI app that tells of the world; under uvicorn, for connections to drop.

    Args:
        world: What it tells of.
        faults: How it misbehaves; may be changed while the app runs.
    """
    faults = faults or HudFaults()
    handlers: dict[Any, Any] = {404: lost} | dict.fromkeys(THROWN, crash)
    inner = Starlette(routes=routes.ROUTES, exception_handlers=handlers)
    inner.state.world = world
    inner.state.faults = faults
    inner.state.pages = Pages(world)
    return Faulty(Gate(inner, faults), faults)
