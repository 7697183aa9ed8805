"""``sickbay tools``: what there is, what it costs, what is unavailable and why."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from sickbay.server.build import build_server
from sickbay.server.inventory import inventory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.server.inventory import ToolEntry, ToolsetEntry

SUMMARY_WIDTH = 60


def tools(
    toolset: str | None = None,
    /,
    *,
    aliases: Annotated[bool, Parameter(negative="")] = False,
    format: Literal["text", "json"] = "text",  # noqa: A002 - the option's name
    toolsets: str | None = None,
    write: bool | None = None,
) -> int:
    """Show the tools there are, and about how many tokens listing them costs a model.

    Args:
        toolset: Only this one, whether or not it is on.
        aliases: Show the old names that tools answer to, too.
        format: How to print.
        toolsets: Names with commas, or all; by default those that are configured.
        write: Show the tools that change something, too.
    """
    server = build_server({"toolsets": toolset or toolsets, "write": write})
    entries = inventory(server)
    if toolset is not None:
        entries = tuple(entry for entry in entries if entry.toolset == toolset)
    if format == "json":
        shown = {"schema": 1, "toolsets": [asdict(entry) for entry in entries]}
        sys.stdout.write(json.dumps(shown, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _page(entries, aliases=aliases))
    return 0


def _page(entries: Sequence[ToolsetEntry], *, aliases: bool) -> Iterator[str]:
    names = [tool.tool for entry in entries for tool in entry.tools]
    width = max(map(len, names), default=0)
    for entry in (entry for entry in entries if entry.enabled):
        yield f"{entry.toolset}: {entry.summary} (about {entry.tokens:,} tokens)"
        for tool in entry.tools:
            yield f"  {tool.tool:<{width}}  {tool.tokens:>5,}  {_said(tool)}"
            if aliases:
                yield from (f"  {'':<{width}}         was {n}" for n in tool.old_names)
        if entry.held_back:
            yield f"  only with --write: {', '.join(entry.held_back)}"
        yield ""
    for entry in (entry for entry in entries if not entry.enabled):
        yield f"{entry.toolset}: {entry.summary} (off)"
        yield f"  {entry.why_not}"
        yield ""
    total = sum(entry.tokens for entry in entries)
    yield f"{len(names)} tools, about {total:,} tokens"


def _said(tool: ToolEntry) -> str:
    said = tool.summary
    if len(said) > SUMMARY_WIDTH:
        said = said[:SUMMARY_WIDTH].rpartition(" ")[0] + " ..."
    return said if tool.read_only else f"[write] {said}"
