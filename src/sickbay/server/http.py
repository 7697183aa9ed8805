"""The server over HTTP: one app of the MCP endpoint, guards, probes and figures."""

from __future__ import annotations

import fnmatch
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastmcp.server.http import HostOriginGuardMiddleware, RequestContextMiddleware
from mcp_types import INTERNAL_ERROR
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route

from sickbay.core.errors import SickbayError
from sickbay.server.auth import Guard
from sickbay.server.bind import refuse_open_door
from sickbay.server.door import Door, payer_of
from sickbay.server.endpoint import Bounds, Endpoint
from sickbay.server.headers import traced, unambiguous
from sickbay.server.health import Health
from sickbay.server.limits import Allowance, Limited
from sickbay.server.metrics import Metrics
from sickbay.server.refusal import refusal
from sickbay.server.tokens import TokenFile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from fastmcp import FastMCP
    from starlette.requests import Request
    from starlette.responses import Response

    from sickbay.server.auth import JwtOptions

PATH = "/mcp"
RATE_PER_S = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    """How to serve over HTTP.

    Attributes:
        toolsets: Those that the server has: an upper bound for each request.
        public_url: How clients reach the server where that is not ``host:port``.
        allowed_hosts: Names that the ``Host`` header may have besides loopback ones
            and that of ``public_url``; ``*.example.org`` stands for many.
        allowed_origins: Web pages that may call, such as ``https://example.org``.
        tokens: A file of bearer tokens, and ``jwt`` which JSON Web Tokens to accept;
            with either, nobody comes in without.
        rate_per_s: Requests a second for each caller, after a first ``burst``; None
            for 50 where callers have to say who they are, and no limit where only
            programs on this machine can call.
        max_body_bytes: Larger requests are refused, and those that take longer than
            ``body_s`` to come.
        max_sessions: Sessions open at once, and ``session_idle_s`` how long an
            unused one stays open.
        drain_s: How long calls in flight may take once the server is told to stop.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    toolsets: frozenset[str] = frozenset()
    public_url: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    tokens: Path | None = None
    jwt: JwtOptions | None = None
    rate_per_s: float | None = None
    burst: int = 100
    max_body_bytes: int = 4 << 20
    body_s: float = 30.0
    max_sessions: int = 1000
    session_idle_s: float = 1800.0
    drain_s: float = 20.0

    @property
    def url(self) -> str:
        """How clients reach the server, without the endpoint's path."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{name}:{self.port}").rstrip("/")


def http_app(
    mcp: FastMCP,
    options: HttpOptions,
    *,
    health: Health | None = None,
    metrics: Metrics | None = None,
) -> Starlette:
    """The ASGI app that serves ``mcp``.

    Args:
        mcp: The server; its tools find what a request chose and may do in ``request``.
        options: Where and how.
        health: Given where somebody else decides when to drain.
        metrics: Given where tool calls are to be counted, too.

    Raises:
        BadRequest: It would be open to the network without asking who calls, or
            another option makes no sense.
    """
    guard = _guard(options)
    refuse_open_door(options.host, guarded=guard is not None)
    health = health or Health()
    metrics = metrics or Metrics()
    bounds = Bounds(
        body_bytes=options.max_body_bytes,
        body_s=options.body_s,
        sessions=options.max_sessions,
        session_idle_s=options.session_idle_s,
    )
    endpoint = Endpoint(mcp, health=health, bounds=bounds)
    door = Door(endpoint, toolsets=options.toolsets, guarded=guard is not None)
    inner = _protections(options, guard)
    app = Starlette(
        routes=[
            Route(PATH, door, middleware=inner),
            Route(PATH + "/{toolsets:path}", door, middleware=inner),
            Route("/metrics", metrics.page, methods=["GET"], middleware=inner),
            *health.routes(),
            *(guard.routes() if guard else ()),
        ],
        middleware=_middleware(options, guard, metrics),
        exception_handlers={Exception: _mishap},
        lifespan=partial(_lifespan, endpoint, health),
    )
    app.state.transport_type = "streamable-http"  # fastmcp's context tells it to tools
    return app


def _guard(options: HttpOptions) -> Guard | None:
    if options.tokens is None and options.jwt is None:
        return None
    return Guard(
        resource=options.url + PATH,
        tokens=TokenFile(options.tokens) if options.tokens else None,
        jwt=options.jwt,
    )


def _protections(options: HttpOptions, guard: Guard | None) -> list[Middleware]:
    rate = options.rate_per_s or (RATE_PER_S if guard else None)
    inner = []
    if rate is not None:
        allowance = Allowance(rate_per_s=rate, burst=options.burst)
        inner.append(Middleware(Limited, allowance, caller=payer_of))
    if guard is not None:
        inner.append(Middleware(guard.required))
    return inner


def _middleware(
    options: HttpOptions, guard: Guard | None, metrics: Metrics
) -> list[Middleware]:
    public = urlsplit(options.url).hostname
    return [
        Middleware(metrics.counted),
        Middleware(
            HostOriginGuardMiddleware,
            allowed_hosts=[*options.allowed_hosts, *([public] if public else [])],
            allowed_origins=options.allowed_origins,
            mode="strict",
        ),
        *_cors(options),
        Middleware(unambiguous),
        Middleware(traced),
        Middleware(RequestContextMiddleware),
        *(guard.middleware() if guard else ()),
    ]


def _cors(options: HttpOptions) -> list[Middleware]:
    """Lets the pages that may call read the answers, which browsers ask about."""
    if not options.allowed_origins:
        return []
    patterns = "|".join(map(fnmatch.translate, options.allowed_origins))
    return [
        Middleware(
            CORSMiddleware,
            allow_origin_regex=patterns,
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["*"],
            expose_headers=["mcp-session-id", "retry-after", "www-authenticate"],
        )
    ]


async def _mishap(_request: Request, _exc: Exception) -> Response:
    """What a bug of ours looks like from outside; the operator finds it in the log."""
    error = SickbayError("something went wrong here", hint="the server's log has more")
    return refusal(error, status=500, code=INTERNAL_ERROR)


@asynccontextmanager
async def _lifespan(
    endpoint: Endpoint, health: Health, _app: Starlette
) -> AsyncIterator[None]:
    async with endpoint.running():
        health.started = True
        try:
            yield
        finally:
            health.started = False
