"""What the environment says about HUD, for scripts that no server configures."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import httpx2

from sickbay.clients.hud.places import HUD, LOGS, STATS, TEMP_LOGS, Places

if TYPE_CHECKING:
    from collections.abc import Mapping


PREFIX = "SICKBAY_HUD__"
BOT_TOKEN = "HUD_INTERNAL_BOT_TOKEN"  # noqa: S105 - the name of a variable


def places(base_url: str | None, environ: Mapping[str, str] = os.environ) -> Places:
    """Where HUD and what belongs to it are."""
    return Places(
        hud=base_url or environ.get(f"{PREFIX}URL") or HUD,
        logs=environ.get(f"{PREFIX}LOG_URL") or LOGS,
        temp_logs=environ.get(f"{PREFIX}TEMP_LOG_URL") or TEMP_LOGS,
        stats=environ.get(f"{PREFIX}STATS_URL") or STATS,
    )


def tokens(
    base_url: str | None, environ: Mapping[str, str] = os.environ
) -> tuple[str | None, str | None]:
    """A bot's and a person's token for a HUD: the environment's are for its own HUD."""
    meant = httpx2.URL(environ.get(f"{PREFIX}URL") or HUD)
    asked = httpx2.URL(base_url) if base_url else meant
    if (asked.scheme, asked.netloc) != (meant.scheme, meant.netloc):
        return None, None
    bot_token = environ.get(f"{PREFIX}BOT_TOKEN") or environ.get(BOT_TOKEN)
    github_token = environ.get(f"{PREFIX}GITHUB_TOKEN")
    return bot_token or None, github_token or None
