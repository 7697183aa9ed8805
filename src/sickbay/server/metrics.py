"""Figures for Prometheus: tool calls, HTTP requests, what is running."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_METHODS = frozenset({"GET", "POST", "DELETE", "HEAD", "OPTIONS"})
_PATHS = frozenset({"mcp", "healthz", "readyz", "metrics", ".well-known"})


class Metrics:
    """The figures of one server.

    Labels take few values whatever clients send: paths are counted by their first
    part, and only by those that exist.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._calls = Counter(
            "sickbay_tool_calls",
            "Tool calls, by how they ended.",
            ["tool", "outcome"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "sickbay_tool_seconds",
            "How long tool calls took.",
            ["tool"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._requests = Counter(
            "sickbay_http_requests",
            "HTTP requests answered.",
            ["method", "path", "status"],
            registry=self.registry,
        )
        self._running = Gauge(
            "sickbay_http_requests_in_flight",
            "HTTP requests being answered, open streams included.",
            registry=self.registry,
        )

    def observe(self, tool: str, outcome: str, seconds: float) -> None:
        """Count one tool call."""
        self._calls.labels(tool, outcome).inc()
        self._seconds.labels(tool).observe(seconds)

    async def page(self, request: Request) -> Response:
        """What Prometheus reads, in the format that it asks for."""
        encode, kind = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(self.registry), headers={"content-type": kind})

    def counted(self, app: ASGIApp) -> ASGIApp:
        """The same app, its requests counted."""

        async def counting(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            status = "none"

            async def watch(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = str(message["status"])
                await send(message)

            with self._running.track_inprogress():
                try:
                    await app(scope, receive, watch)
                finally:
                    self._requests.labels(*_labels(scope), status).inc()

        return counting


def _labels(scope: Scope) -> tuple[str, str]:
    part = scope["path"].lstrip("/").partition("/")[0]
    return (
        scope["method"] if scope["method"] in _METHODS else "other",
        f"/{part}" if part in _PATHS else "other",
    )
