"""PyTorch HUD: the grid, jobs, logs and numbers, asynchronously or not."""

from sickbay.clients.hud.client import AsyncHudClient
from sickbay.clients.hud.face import HudClient, parse_time_range
from sickbay.core.errors import SickbayError as HudError

__all__ = ["AsyncHudClient", "HudClient", "HudError", "parse_time_range"]
