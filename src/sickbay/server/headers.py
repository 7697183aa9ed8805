"""What headers may not do, and the one that says which trace a request belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry import context, propagate
from starlette.datastructures import Headers

from sickbay.core.errors import BadRequest
from sickbay.server.refusal import refusal

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_ONCE = (
    "authorization",
    "content-length",
    "content-type",
    "host",
    "mcp-protocol-version",
    "mcp-session-id",
    "origin",
)
"""Two readers could believe a different one of two, so there may be only one."""


def unambiguous(app: ASGIApp) -> ASGIApp:
    """The same app, for requests that say once who they are."""

    async def checking(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            twice = [name for name in _ONCE if len(headers.getlist(name)) > 1]
            if twice:
                error = BadRequest(f"header {twice[0]} was sent more than once")
                await refusal(error)(scope, receive, send)
                return
        await app(scope, receive, send)

    return checking


def traced(app: ASGIApp) -> ASGIApp:
    """The same app, its spans children of the one named in ``traceparent``."""

    async def tracing(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "traceparent" not in Headers(scope=scope):
            await app(scope, receive, send)
            return
        token = context.attach(propagate.extract(Headers(scope=scope)))
        try:
            await app(scope, receive, send)
        finally:
            context.detach(token)

    return tracing
