"""HUD's named queries, as far as the world can answer them."""

from __future__ import annotations

from sickbay.simulators.hud.queries import trunk

QUERIES = {**trunk.QUERIES}
