"""The tools of ``hud``, as the server registers them."""

from __future__ import annotations

from sickbay.toolsets.hud.tools.trunk import (
    recent_commits,
    streaks,
    trunk_status,
)

TOOLS = (trunk_status, recent_commits, streaks)
