"""A server with one toolset, and calls of its tools."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from fastmcp import Client

from sickbay.server.build import build_server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

Answer = dict[str, Any]


class Stand:
    """A server, made anew for every question, and a client of it.

    Args:
        settings: Of the server.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = dict(settings)

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
            return [await asked(client, tool, given) for tool, given in calls]

        answers: list[Answer] = self.with_client(work)
        return answers

    def whole(self, tool: str, items: str, **arguments: object) -> Answer:
        """The answer of one tool with the items of all its pages."""

        async def work(client: Client[Any]) -> Answer:
            answer = await asked(client, tool, arguments)
            listed = list(answer[items])
            while answer["next_cursor"]:
                more = {**arguments, "cursor": answer["next_cursor"]}
                answer = await asked(client, tool, more)
                listed += answer[items]
            return {**answer, items: listed}

        whole: Answer = self.with_client(work)
        return whole


async def asked(client: Client[Any], tool: str, given: Mapping[str, Any]) -> Answer:
    """What a tool answers."""
    answer = await client.call_tool(tool, dict(given), raise_on_error=False)
    assert answer.structured_content is not None
    return answer.structured_content
