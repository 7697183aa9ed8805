"""What a server has, for people who choose and for programs that ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sickbay.render.tokens import cost
from sickbay.server.discovery import attribute

if TYPE_CHECKING:
    from sickbay.core.manifest import Toolset
    from sickbay.server.build import Server
    from sickbay.server.components import WiredTool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolEntry:
    """One tool that can be called, and what listing it costs a model.

    Attributes:
        arguments: JSON schema of what it takes.
        tokens: Of its definition in ``tools/list``, estimated.
        old_names: Names of other systems' tools that it answers to.
    """

    tool: str
    toolset: str
    summary: str
    description: str
    read_only: bool
    tokens: int
    old_names: tuple[str, ...]
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolsetEntry:
    """One toolset, on or off.

    Attributes:
        why_not: Why it is off.
        held_back: Tools of it that change something, and are not offered.
    """

    toolset: str
    summary: str
    enabled: bool
    why_not: str | None
    tokens: int
    held_back: tuple[str, ...]
    tools: tuple[ToolEntry, ...]


def inventory(server: Server) -> tuple[ToolsetEntry, ...]:
    """Every toolset there is, with the tools of those that are on."""
    return tuple(
        _toolset(server, item.toolset, item.why if not item.enabled else None)
        for item in server.standings
    )


def _toolset(server: Server, toolset: Toolset, why_not: str | None) -> ToolsetEntry:
    tools = [t for t in server.catalogue.tools.values() if t.toolset == toolset.name]
    definitions = [_definition(tool) for tool in tools]
    return ToolsetEntry(
        toolset=toolset.name,
        summary=toolset.summary,
        enabled=why_not is None,
        why_not=why_not,
        tokens=cost(definitions) if definitions else 0,
        held_back=_held_back(server, toolset) if why_not is None else (),
        tools=tuple(_tool(server, toolset, definition) for definition in definitions),
    )


def _tool(server: Server, toolset: Toolset, definition: dict[str, Any]) -> ToolEntry:
    name = definition["name"]
    description = definition["description"]
    return ToolEntry(
        tool=name,
        toolset=toolset.name,
        summary=" ".join(description.partition("\n\n")[0].split()),
        description=description,
        read_only=server.tools[name].tool.read_only,
        tokens=cost(definition),
        old_names=tuple(old for old, new in server.aliases.items() if name in new),
        arguments=definition["inputSchema"],
    )


def _definition(tool: WiredTool) -> dict[str, Any]:
    listed = tool.to_mcp_tool()
    definition: dict[str, Any] = listed.model_dump(
        mode="json", by_alias=True, exclude_none=True
    )
    return definition


def _held_back(server: Server, toolset: Toolset) -> tuple[str, ...]:
    names = [f"{toolset.name}_{tool.name}" for tool in attribute(toolset.tools)]
    return tuple(name for name in names if name not in server.tools)
