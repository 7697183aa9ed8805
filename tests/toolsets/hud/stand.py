"""One simulated HUD for all tests of the toolset, and calls of its tools."""

from __future__ import annotations

import asyncio
import atexit
from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING, Any

from fastmcp import Client
from platformdirs import user_cache_path

from sickbay.server.build import build_server
from tests.cli.desk import Desk
from tests.simulators.hud import Hud, hud_at
from tests.toolsets.logs import samples

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
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


class Stand:
    """A server with the toolset, and a client of it.

    Args:
        folder: Holds what it keeps, but for the rules: they are compiled once.
        hud: Where it asks; the shared one by default.
        given: More settings of the server.
    """

    def __init__(self, folder: Path, hud: Hud | None = None, **given: object) -> None:
        self.hud = hud or shared()
        self.settings = {
            **samples.settings(folder / ".stand"),
            "toolsets": "hud",
            **self.hud.settings(bot_token=CANARY),
            **given,
        }

    def with_client(self, work: Callable[[Client[Any]], Awaitable[Any]]) -> Any:  # noqa: ANN401 - whatever it returns
        """What some work with a client comes to."""

        async def run() -> Any:  # noqa: ANN401 - see above
            server = build_server(self.settings)
            async with Client(server.mcp) as client:
                return await work(client)

        return asyncio.run(run())

    def ask(self, tool: str, **arguments: object) -> Answer:
        """The answer of one tool, one page of it."""
        return self.ask_all((tool, arguments))[0]

    def ask_all(self, *calls: tuple[str, Mapping[str, Any]]) -> list[Answer]:
        """The answers to some calls of one server, one after the other."""

        async def work(client: Client[Any]) -> list[Answer]:
            return [await _asked(client, tool, given) for tool, given in calls]

        answers: list[Answer] = self.with_client(work)
        return answers

    def whole(self, tool: str, items: str, **arguments: object) -> Answer:
        """The answer of one tool with the items of all its pages."""

        async def work(client: Client[Any]) -> Answer:
            answer = await _asked(client, tool, arguments)
            listed = list(answer[items])
            while answer["next_cursor"]:
                more = {**arguments, "cursor": answer["next_cursor"]}
                answer = await _asked(client, tool, more)
                listed += answer[items]
            return {**answer, items: listed}

        whole: Answer = self.with_client(work)
        return whole


async def _asked(client: Client[Any], tool: str, given: Mapping[str, Any]) -> Answer:
    answer = await client.call_tool(tool, dict(given), raise_on_error=False)
    assert answer.structured_content is not None
    return answer.structured_content
