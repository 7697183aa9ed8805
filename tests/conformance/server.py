"""The server that the suite talks to: ours, with what the suite wants added."""

from __future__ import annotations

import socket
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from sickbay.server.build import build_server
from sickbay.server.http import HttpOptions, http_app
from tests.conformance.offers import HEADED, offers
from tests.conformance.questions import questions
from tests.conformance.rounds import rounds
from tests.conformance.toolset import TOOLSET

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastmcp import FastMCP

    Schema = Mapping[str, Any] | None


def build(folder: Path) -> FastMCP:
    """Our server with every toolset, that of the suite, and raw parts before them."""
    given = {"toolsets": "all", "cache": folder / "cache", "state": folder / "state"}
    mcp = build_server(given, more=[TOOLSET]).mcp
    mcp.providers[:0] = [offers, questions, rounds]
    low = mcp._mcp_server  # noqa: SLF001 - where the schemas of headers are looked up
    low.get_tool_input_schema = partial(_schema, low.get_tool_input_schema)
    return mcp


def _schema(ours: Callable[[str], Schema] | None, name: str) -> Schema:
    if name == HEADED.name:
        return HEADED.parameters
    return ours(name) if ours else None


def serve() -> None:
    """Serve on a free port of the loopback, whose number is printed first."""
    with (
        tempfile.TemporaryDirectory() as folder,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        port = listener.getsockname()[1]
        app = http_app(build(Path(folder)), HttpOptions(port=port))
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        uvicorn.Server(uvicorn.Config(app, log_config=None)).run(sockets=[listener])


if __name__ == "__main__":
    serve()
