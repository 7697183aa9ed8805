"""Buildkite's end points, a module for each kind of thing they tell of."""

from __future__ import annotations

from sickbay.simulators.buildkite.routes import (
    artifacts,
    builds,
    changes,
    jobs,
    logs,
    notes,
    web,
)

MODULES = (builds, jobs, logs, notes, artifacts, changes, web)
ROUTES = [route for module in MODULES for route in module.ROUTES]
