"""Runs the HTTP app until it is told to stop, and lets calls in flight finish."""

from __future__ import annotations

import logging
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

import uvicorn

from sickbay.server.bind import listening
from sickbay.server.health import Health
from sickbay.server.http import PATH, http_app

if TYPE_CHECKING:
    from types import FrameType

    from fastmcp import FastMCP
    from starlette.applications import Starlette

    from sickbay.server.http import HttpOptions
    from sickbay.server.metrics import Metrics

logger = logging.getLogger(__name__)

_LAST_WORDS_S = 2
"""For connections to close once all that they carried has been ended."""


async def serve_http(
    mcp: FastMCP,
    options: HttpOptions,
    *,
    health: Health | None = None,
    metrics: Metrics | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; a second one ends calls in flight, too.

    Args:
        mcp: The server.
        options: Where and how.
        health: Told when the server starts, drains and ends.
        metrics: Where tool calls are counted.

    Raises:
        BadRequest: It cannot listen there, or see ``http_app``.
    """
    health = health or Health()
    with listening(options.host, options.port) as listener:
        known = replace(options, port=listener.getsockname()[1])
        app = http_app(mcp, known, health=health, metrics=metrics)
        logger.info("serving on %s%s", known.url, PATH)
        await _server(app, health, options.drain_s).serve([listener])


def _server(app: Starlette, health: Health, drain_s: float) -> _Server:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # X-Forwarded-For is what anybody says
        timeout_graceful_shutdown=_LAST_WORDS_S,
    )
    return _Server(config, health, drain_s=drain_s)


class _Server(uvicorn.Server):
    """A server that stops listening only after its last call.

    uvicorn alone would close the door at once, and the streams in which calls are
    being answered soon after.
    """

    def __init__(
        self, config: uvicorn.Config, health: Health, *, drain_s: float
    ) -> None:
        super().__init__(config)
        self._health = health
        self._drain_s = drain_s
        self._deadline = 0.0

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Drain at the first signal, stop at the second."""
        del sig, frame
        again = self._health.draining
        self._deadline = monotonic() + (0 if again else self._drain_s)
        self._health.draining = True

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to stop now."""
        health = self._health
        late = monotonic() >= self._deadline
        if health.draining and not self.should_exit and (late or not health.calls):
            if health.calls:
                logger.warning("calls that did not end: %d", health.calls)
            health.close()
            self.should_exit = True
        return await super().on_tick(counter)
