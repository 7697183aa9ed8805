"""PyTorch HUD: the grid, jobs, logs and numbers, asynchronously or not."""

from sickbay.clients.hud.client import AsyncHudClient

__all__ = ["AsyncHudClient"]
