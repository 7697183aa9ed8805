"""HUD's endpoints, a module for each kind of thing they tell of."""

from __future__ import annotations

from sickbay.simulators.hud.routes import (
    clickhouse,
    grid,
    issues,
    pulls,
    search,
    store,
    tests,
)

ROUTES = [
    route
    for module in (grid, pulls, search, tests, issues, clickhouse, store)
    for route in module.ROUTES
]
