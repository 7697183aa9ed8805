"""The servers to compare: ours, and FastMCP alone with tools that answer the same.

``python rivals.py ours 150`` serves 150 tools and prints the port that it took.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import uvicorn
from annotated_types import Ge, Le
from fastmcp import FastMCP
from pydantic import Field

from sickbay.core.manifest import Toolset
from sickbay.core.results import Coverage, Listing
from sickbay.core.tool import Call, tool
from sickbay.server.bind import listening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.applications import Starlette

BARE, MENDED, OURS = "fastmcp", "fastmcp+fix", "sickbay"
ARGUMENTS = {"log": "log:1f2e3d", "pattern": "error: .*", "limit": 5}
LINE = "src/core/engine.cpp:12: error: use of undeclared identifier 'bed'"


@dataclass(frozen=True)
class Hit:
    """One line of a log."""

    line: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Hits(Listing):
    """What the tools find."""

    hits: tuple[Hit, ...] = ()
    pattern_kind: str = "regex"


@dataclass(frozen=True, kw_only=True)
class Echoed(Hits):
    """The same with what Sickbay's registry adds."""

    log: str = ""
    pattern: str = ""
    limit: int = 0
    untrusted: tuple[str, ...] = ("hits",)
    whole: str | None = None


def _found(limit: int) -> dict[str, Any]:
    hits = tuple(Hit(line, LINE) for line in range(1, limit + 1))
    return {"hits": hits, "coverage": Coverage(1000, 1000)}


@tool(items="hits", untrusted=("hits",))
async def find(
    source: None,  # noqa: ARG001 - every tool gets it
    call: Call,  # noqa: ARG001 - every tool gets it
    *,
    log: Annotated[str, "the log's handle"],  # noqa: ARG001 - for its check and echo
    pattern: Annotated[str, "what to look for"],  # noqa: ARG001 - same
    limit: Annotated[int, Ge(1), Le(50), "most lines"] = 10,
) -> Hits:
    """Find lines in a log: gives hits."""
    return Hits(**_found(limit))


async def bare_find(
    log: Annotated[str, Field(description="the log's handle")],
    pattern: Annotated[str, Field(description="what to look for")],
    limit: Annotated[int, Field(ge=1, le=50, description="most lines")] = 10,
) -> Echoed:
    """Find lines in a log: gives hits."""
    return Echoed(log=log, pattern=pattern, limit=limit, **_found(limit))


@asynccontextmanager
async def opened(_settings: object, _services: object) -> AsyncIterator[None]:
    """A source that needs nothing."""
    yield None


def names(count: int) -> list[str]:
    """What the tools are called on every server."""
    return [f"bench_find{number}" for number in range(count)]


def _bare(count: int, *, mended: bool) -> Starlette:
    mcp: FastMCP = FastMCP("bare")
    for name in names(count):
        mcp.tool(bare_find, name=name)
    if mended:
        known = mcp._local_provider._components  # noqa: SLF001 - no public way to it
        schemas = {
            found.name: found.parameters  # type: ignore[attr-defined] # only tools
            for found in known.values()
        }
        mcp._mcp_server.get_tool_input_schema = schemas.get  # noqa: SLF001 - the fix
    return mcp.http_app()


def _ours(count: int, folder: str) -> Starlette:
    from sickbay.server.build import build_server  # noqa: PLC0415 - not in FastMCP alone
    from sickbay.server.http import HttpOptions, http_app  # noqa: PLC0415 - not in FastMCP alone
    from sickbay.server.metrics import Metrics  # noqa: PLC0415 - not in FastMCP alone

    global TOOLS  # noqa: PLW0603 - a manifest names a module's attribute
    TOOLS = [replace(find, name=name.removeprefix("bench_")) for name in names(count)]
    bench = Toolset(
        name="bench",
        summary="for the benchmark",
        tools=f"{__name__}:TOOLS",
        source=f"{__name__}:opened",
    )
    given = {"toolsets": "bench", "state": folder, "cache": folder}
    server = build_server(given, more=[bench])
    metrics = Metrics()
    server.house.observer = metrics
    options = HttpOptions(toolsets=frozenset({"bench"}))
    return http_app(server.mcp, options, metrics=metrics)


TOOLS = [find]


def main(kind: str, count: int) -> None:
    """Serve until killed."""
    with tempfile.TemporaryDirectory() as folder:
        ours = kind == OURS
        app = _ours(count, folder) if ours else _bare(count, mended=kind == MENDED)
        with listening("127.0.0.1", 0) as listener:
            print(listener.getsockname()[1], flush=True)
            config = uvicorn.Config(app, log_config=None, access_log=False)
            uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
