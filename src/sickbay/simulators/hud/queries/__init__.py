"""HUD's named queries, as far as the world can answer them."""

from __future__ import annotations

from sickbay.simulators.hud.queries import bots, flaky, jobs, queues, trunk

MODULES = (trunk, queues, jobs, bots, flaky)
QUERIES = {name: query for module in MODULES for name, query in module.QUERIES.items()}
