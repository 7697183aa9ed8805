"""The commands of a toolset, such as ``sickbay hud trunk``: they live in its folder."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
from cyclopts import CycloptsError

from sickbay.cli import person, terminal
from sickbay.cli.serve import start_journal
from sickbay.core.desk import Desk
from sickbay.core.errors import BadRequest, Denied, Unsupported
from sickbay.render.budget import at, put
from sickbay.server.build import build_server
from sickbay.server.call import RunningCall
from sickbay.server.discovery import company, discovered
from sickbay.server.session import client_of, error_of
from sickbay.server.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from inspect import BoundArguments

    from cyclopts import App
    from fastmcp import Client

    from sickbay.server.build import Server

DESK = "desk"
WRITE = "write"
"""Arguments of commands that mean something here, too."""


def run(top: App, argv: Sequence[str]) -> int:
    """Run a command of a toolset, and give its exit status.

    Raises:
        SickbayError: The command is used wrongly, or failed.
    """
    try:
        command, bound, unread = top.parse_args(
            argv, exit_on_error=False, print_error=False
        )
    except CycloptsError as exc:
        said = " ".join(str(exc).split()).rstrip(".")
        name = " ".join(exc.command_chain or argv[:1])
        raise BadRequest(f"{name}: {said}", hint=f"see sickbay {name} --help") from None
    work: Callable[..., Any] = partial(command, *bound.args, **bound.kwargs)
    status = asyncio.run(_worked(argv[0], bound, work)) if DESK in unread else work()
    return status if isinstance(status, int) else 0


async def _worked(toolset: str, bound: BoundArguments, work: Callable[..., Any]) -> Any:  # noqa: ANN401 - its own
    """What the command comes to, with the toolset's server around it."""
    given = {"write": bound.arguments.get(WRITE)}
    known = discovered()
    names = company(known, toolset, settings_of(known, given))
    server = build_server({**given, "toolsets": ",".join(names)})
    _able(server, toolset)
    start_journal(server)
    ask = person.ask if person.present() else None
    async with client_of(server, ask=ask) as client:
        desk = Desk(
            source=await server.house.sources.of(toolset),
            call=RunningCall(None, anyio.CapacityLimiter(1)),
            result=_Results(server, client, toolset),
            width=terminal.width(),
            colour=terminal.colour(),
        )
        done = work(**{DESK: desk})
        return await done if inspect.isawaitable(done) else done


def _able(server: Server, toolset: str) -> None:
    for standing in server.standings:
        if standing.toolset.name == toolset and standing.why:
            why, _, remedy = standing.why.partition(": ")
            raise Unsupported(f"{toolset} {why}", hint=remedy)


@dataclass(frozen=True, slots=True)
class _Results:
    """Calls tools for a command; see ``sickbay.core.desk.Caller``."""

    server: Server
    client: Client[Any]
    toolset: str

    async def __call__(self, tool: str, /, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        """The whole result, from the first page to the last."""
        name = f"{self.toolset}_{tool}"
        if name not in self.server.tools:
            raise Denied(
                f"{name} changes something, and changes are off",
                hint="add --write, or set SICKBAY_WRITE=true",
            )
        items = self.server.tools[name].tool.items
        document = await self._page(name, arguments)
        while items and document["next_cursor"]:
            cursor = document["next_cursor"]
            page = await self._page(name, {**arguments, "cursor": cursor})
            document = put(page, items, [*at(document, items), *at(page, items)])
        return document

    async def _page(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        answer = await self.client.call_tool(name, arguments, raise_on_error=False)
        document: dict[str, Any] = answer.structured_content or {}
        if answer.is_error:
            raise error_of(document)
        return document
