"""HUD's endpoints, a module for each kind of thing they tell of."""

from __future__ import annotations

from sickbay.simulators.hud.routes import (
    benchmarks,
    clickhouse,
    grid,
    issues,
    machines,
    notes,
    pulls,
    reverts,
    search,
    store,
    tests,
)

MODULES = (
    grid,
    pulls,
    search,
    tests,
    issues,
    notes,
    machines,
    reverts,
    benchmarks,
    clickhouse,
    store,
)
ROUTES = [route for module in MODULES for route in module.ROUTES]
