"""One simulated HUD for all tests of the toolset, and calls of its tools."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path

from tests.cli.desk import Desk
from tests.simulators.hud import Hud, hud_at
from tests.toolsets import stand
from tests.toolsets.logs import samples

if TYPE_CHECKING:
    from pathlib import Path

Answer = dict[str, Any]

CANARY = "canary-3f61b2-hud"


@cache
def shared() -> Hud:
    """A HUD where nothing is broken but what its stories say."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(hud_at())


def desk_at(folder: Path, hud: Hud) -> Desk:
    """A machine with that HUD, whose rules are compiled."""
    samples.settings(folder / "made")
    places = ("URL", "LOG_URL", "TEMP_LOG_URL", "STATS_URL")
    urls = {f"SICKBAY_HUD__{place}": hud.url for place in places}
    made = Desk(folder, {**urls, "HUD_INTERNAL_BOT_TOKEN": CANARY})
    cached = folder / "sickbay_cache"
    cached.mkdir()
    (cached / "rules").symlink_to(user_cache_path("sickbay") / "rules")
    return made


class Stand(stand.Stand):
    """A server with the toolset, and a client of it.

    Args:
        folder: Holds what it keeps, but for the rules: they are compiled once.
        hud: Where it asks; the shared one by default.
        given: More settings of the server.
    """

    def __init__(self, folder: Path, hud: Hud | None = None, **given: object) -> None:
        self.hud = hud or shared()
        super().__init__(
            {
                **samples.settings(folder / ".stand"),
                "toolsets": "hud",
                **self.hud.settings(bot_token=CANARY),
                **given,
            }
        )
