"""Answers calls that no tool of ours can answer: unknown names, unfit old ones."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from fastmcp.tools.base import ToolResult
from mcp_types import TextContent

from sickbay.core.errors import NotFound
from sickbay.render.budget import dumped
from sickbay.server.client import client_of
from sickbay.server.components import WiredTool
from sickbay.server.house import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastmcp import Context

    from sickbay.core.errors import SickbayError
    from sickbay.server.discovery import Standing
    from sickbay.server.house import House

SHOWN = 80
"""Characters of the name that the answer repeats."""


def unknown(
    house: House, standings: Sequence[Standing], name: str, near: list[str]
) -> WiredTool:
    """What answers for a tool that there is not: why, or the nearest that there are."""

    async def runner(_given: dict[str, Any], context: Context | None) -> ToolResult:
        meant = f"did you mean {', '.join(near)}?" if near else "see tools/list"
        hint = _off(standings, name) or meant
        exc = NotFound(f"there is no tool {_shown(name)}", hint=hint)
        return refused(house, name, exc, context)

    return WiredTool.of(
        toolset="",
        name="unknown",
        description="",
        parameters={"type": "object"},
        runner=runner,
    )


def refused(
    house: House, name: str, exc: SickbayError, context: Context | None
) -> ToolResult:
    """The answer where there is no tool that could give one; it is recorded, too."""
    shown = _shown(name)
    record = Record(secrets.token_hex(4), shown, client_of(context), {})
    record.error = exc.kind
    house.recorded(record)
    error = {
        "kind": exc.kind,
        "message": exc.message,
        "retryable": exc.retryable,
        "hint": exc.hint,
    }
    said = {"outcome": "error", "tool": shown, "error": error}
    document = house.finish.data(said)
    text = TextContent(type="text", text=dumped(document))
    return ToolResult(content=[text], structured_content=document, is_error=True)


def _off(standings: Sequence[Standing], name: str) -> str | None:
    """Why the toolset of that tool is off, if it is one's that is."""
    for standing in standings:
        toolset = standing.toolset
        old = (alias.name for alias in toolset.aliases)
        if not standing.enabled and (
            name.startswith(f"{toolset.name}_") or name in old
        ):
            return f"toolset {toolset.name} is off, {standing.why}"
    return None


def _shown(name: str) -> str:
    """The beginning of a name that may be anything, on one line."""
    return " ".join(name[:SHOWN].split())
