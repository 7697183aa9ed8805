from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

from fastmcp import Client

from sickbay.core.manifest import Toolset
from sickbay.core.results import Change, Effect
from sickbay.core.tool import Call, tool
from sickbay.server.build import build_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@asynccontextmanager
async def opened(_settings: object, _services: object) -> AsyncIterator[None]:
    yield None


async def _plan(_: None, __: Call, *, bed: Annotated[str, "which"]) -> Effect:
    return Effect(target=bed, action="operate on")


@tool(plan=_plan, timeout_s=0.05)
async def operate(_: None, __: Call, effect: Effect) -> Change:  # noqa: ARG001 - never ends
    """Operate. Ask the user first."""
    await asyncio.Event().wait()
    return Change()


TOOLS = (operate,)
CLINIC = Toolset(
    name="clinic",
    summary="operations that never end",
    tools="tests.server.test_change:TOOLS",
    source="tests.server.test_change:opened",
)


def test_change_that_takes_too_long_is_neither_done_nor_failed(tmp_path: Path) -> None:
    async def said() -> dict[str, Any]:
        given = {"state": tmp_path, "cache": tmp_path, "write": True}
        server = build_server({**given, "toolsets": "clinic"}, more=[CLINIC])
        async with Client(server.mcp) as client:
            arguments = {"bed": "3", "confirm": True}
            answer = await client.call_tool("clinic_operate", arguments)
            return dict(answer.structured_content or {})

    answer = asyncio.run(said())
    assert (answer["outcome"], answer["target"]) == ("unknown", "3")
    assert "before calling again" in answer["message"]
    assert answer["error"] is None
