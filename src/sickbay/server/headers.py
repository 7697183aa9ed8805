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
    b"authorization",
    b"content-length",
    b"content-type",
    b"host",
    b"mcp-protocol-version",
    b"mcp-session-id",
    b"origin",
)
"""Two readers could believe a different one of two, so there may be only one."""


def unambiguous(app: ASGIApp) -> ASGIApp:
    """The same app, for requests that say once who they are."""

    async def checking(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            names = [name for name, _ in scope["headers"]]  # in small letters: ASGI
            twice = [name for name in _ONCE if names.count(name) > 1]
            if twice:
                error = BadRequest(
                    f"header {twice[0].decode()} was sent more than once"
                )
                await refusal(error)(scope, receive, send)
                return
        await app(scope, receive, send)

    return checking


_TRACE = ("traceparent", "tracestate")
"""All that is believed of what tracing sends along: baggage may be anything."""


def traced(app: ASGIApp) -> ASGIApp:
    """The same app, its spans children of the one named in ``traceparent``."""

    async def tracing(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "traceparent" not in Headers(scope=scope):
            await app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        said = {name: headers[name] for name in _TRACE if name in headers}
        token = context.attach(propagate.extract(said))
        try:
            await app(scope, receive, send)
        finally:
            context.detach(token)

    return tracing
