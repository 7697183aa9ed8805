"""HUD's named queries, as far as the world can answer them."""

from __future__ import annotations

from sickbay.simulators.hud.queries import flaky, jobs, queues, trunk

QUERIES = trunk.QUERIES | queues.QUERIES | jobs.QUERIES | flaky.QUERIES
