"""``sickbay serve``: the server, for assistants."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any, Literal

from sickbay.core.consent import Policy  # noqa: TC001 - the command line is made of it
from sickbay.server import journal
from sickbay.server.build import build_server

if TYPE_CHECKING:
    from sickbay.server.build import Server

Level = Literal["debug", "info", "warning", "error"]


def serve(  # noqa: PLR0913 - one for each thing to choose
    *,
    http: str | None = None,
    toolsets: str | None = None,
    write: bool | None = None,
    consent: Policy | None = None,
    log_level: Level | None = None,
    log_file: str | None = None,
    log_json: bool | None = None,
) -> int:
    """Serve assistants over stdin and stdout, or over HTTP.

    What is not given here comes from the environment, ./sickbay.toml, the user's
    file, or its default: sickbay doctor shows which.

    Args:
        http: Serve over HTTP at this HOST:PORT instead of over stdin and stdout.
        toolsets: Names with commas, or all; by default those that are configured.
        write: Offer the tools that change something, too.
        consent: How a change is agreed to: auto asks through the client where it can.
        log_level: How much is logged.
        log_file: Where to log; by default stderr.
        log_json: Log one JSON object a line.
    """
    server = build_server(
        {
            "toolsets": toolsets,
            "write": write,
            "consent": consent,
            "log_level": log_level,
            "log_file": log_file,
            "log_json": log_json,
        }
    )
    start_journal(server)
    if http is None:
        from sickbay.server.stdio import serve_stdio  # noqa: PLC0415 - not over HTTP

        asyncio.run(serve_stdio(server.mcp))
    else:
        _serve_http(server, http)
    return 0


def start_journal(server: Server) -> None:
    """Log as the settings say."""
    settings: Any = server.settings
    journal.start(
        settings.log_level,
        server.house.finish.redactor,
        file=settings.log_file,
        as_json=settings.log_json,
    )


def _serve_http(server: Server, address: str) -> None:
    from sickbay.server import listener  # noqa: PLC0415 - not over stdio
    from sickbay.server.health import Health  # noqa: PLC0415 - not over stdio
    from sickbay.server.metrics import Metrics  # noqa: PLC0415 - not over stdio
    from sickbay.server.serving import serve_http  # noqa: PLC0415 - not over stdio

    names = [toolset.name for toolset in server.toolsets]
    options = listener.http_options(address, server.settings.http, names)
    server.house.observer = metrics = Metrics()
    states = {item.toolset.name: item.why or "on" for item in server.standings}
    health = Health(toolsets=lambda: states)
    if sys.stderr.isatty() and options.port:
        sys.stderr.write(f"sickbay: serving on {options.url}/mcp\n")
    asyncio.run(serve_http(server.mcp, options, health=health, metrics=metrics))
