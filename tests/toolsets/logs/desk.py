"""Calls of the tools through a real server and its in-memory client."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from fastmcp import Client

from sickbay.server.build import build_server
from tests.toolsets.logs.samples import settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from sickbay.core.manifest import Toolset

Answer = dict[str, Any]


class Desk:
    """A server in a folder, which is its working directory."""

    def __init__(
        self, folder: Path, *, more: Sequence[Toolset] = (), **given: object
    ) -> None:
        self.folder = folder
        self._given: Mapping[str, Any] = {**settings(folder / ".sickbay"), **given}
        self._more = more

    def with_client(self, work: Callable[[Client[Any]], Awaitable[Any]]) -> Any:  # noqa: ANN401 - whatever it returns
        """What some work with a client comes to."""

        async def run() -> Any:  # noqa: ANN401 - see above
            server = build_server(self._given, more=self._more)
            async with Client(server.mcp) as client:
                return await work(client)

        return asyncio.run(run())

    def ask(self, tool: str, **arguments: object) -> Answer:
        """The answer of one tool."""
        return self.ask_all((tool, arguments))[0]

    def ask_all(self, *calls: tuple[str, Mapping[str, Any]]) -> list[Answer]:
        """The answers to some calls of one server, one after the other."""

        async def work(client: Client[Any]) -> list[Answer]:
            found = []
            for tool, arguments in calls:
                answer = await client.call_tool(
                    tool, dict(arguments), raise_on_error=False
                )
                assert answer.structured_content is not None
                found.append(answer.structured_content)
            return found

        answers: list[Answer] = self.with_client(work)
        return answers

    def pages(self, tool: str, items: str, **arguments: object) -> list[Any]:
        """The items of all pages."""

        async def work(client: Client[Any]) -> list[Any]:
            found: list[Any] = []
            given = dict(arguments)
            while True:
                answer = await client.call_tool(tool, given)
                document = answer.structured_content or {}
                part: Any = document
                for name in items.split("."):
                    part = part[name]
                found += part
                if not document["next_cursor"]:
                    return found
                given["cursor"] = document["next_cursor"]

        listed: list[Any] = self.with_client(work)
        return listed
