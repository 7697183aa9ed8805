"""The MCP endpoint over HTTP: sessions, single exchanges and plain requests at once."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
import pydantic_core
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import INVALID_REQUEST, PARSE_ERROR, JSONRPCRequest
from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request

from sickbay.core.errors import (
    BadRequest,
    SickbayError,
    TimedOut,
    TooLarge,
    Unavailable,
    Unsupported,
)
from sickbay.server.plain import as_spoken, is_plain
from sickbay.server.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastmcp import FastMCP
    from starlette.responses import JSONResponse
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from sickbay.server.health import Health

_BODY = "http.response.body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much an endpoint takes.

    Attributes:
        body_bytes: What is longer is not read, nor what takes longer to come than
            ``body_s``.
        sessions: How many handshake sessions may be open, and ``session_idle_s`` how
            long an unused one stays.
    """

    body_bytes: int
    body_s: float
    sessions: int
    session_idle_s: float


class Endpoint:
    """Answers what is sent to ``/mcp``.

    Args:
        mcp: The server behind it.
        health: Refuses new calls while draining, counts those that run.
        bounds: How much it takes.
    """

    def __init__(self, mcp: FastMCP, *, health: Health, bounds: Bounds) -> None:
        # the low-level server is what both transports want; fastmcp hides it
        self._server = mcp._mcp_server  # noqa: SLF001 - no public way to it
        self._health = health
        self._bounds = bounds

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Be open for requests."""
        self._sessions = StreamableHTTPSessionManager(
            self._server,
            max_sessions=self._bounds.sessions,
            session_idle_timeout=self._bounds.session_idle_s,
            max_request_body_size=self._bounds.body_bytes,
        )
        self._plain = StreamableHTTPSessionManager(
            self._server,
            json_response=True,
            stateless=True,
            max_request_body_size=self._bounds.body_bytes,
        )
        async with self._sessions.run(), self._plain.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] != "POST":
            sessions = self._sessions.handle_request
            await self._held(sessions, scope, receive, send, call=False)
            return
        try:
            body = await self._body(Request(scope, receive))
            message = _message(body)
            self._admit(message)
            app = self._app(message, scope)
        except ClientDisconnect:
            return
        except SickbayError as exc:
            await _refusal(exc)(scope, receive, send)
        else:
            await self._held(app, scope, _again(body, receive), send, call=True)

    async def _body(self, request: Request) -> bytes:
        try:
            with anyio.fail_after(self._bounds.body_s):
                return await _body(request, self._bounds.body_bytes)
        except TimeoutError:
            late = f"the request took more than {self._bounds.body_s:g} s to come"
            raise TimedOut(late) from None

    def _admit(self, message: dict[str, Any]) -> None:
        if self._health.draining and "method" in message and "id" in message:
            raise _leaving()

    def _app(self, message: dict[str, Any], scope: Scope) -> ASGIApp:
        if not is_plain(scope, message):
            return self._sessions.handle_request
        _check_envelope(message)
        return self._answer_plainly

    async def _answer_plainly(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a plain client for as long as it waits: it cannot cancel otherwise."""
        body = (await receive())["body"]

        async def wait_for_end() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            tasks.cancel_scope.cancel()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait_for_end)
            spoken = as_spoken(scope)
            await self._plain.handle_request(spoken, _again(body, receive), send)
            tasks.cancel_scope.cancel()

    async def _held(
        self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, *, call: bool
    ) -> None:
        """Have a request answered, or its answer ended where the server has to go."""
        begun = ended = False

        async def watch(message: Message) -> None:
            nonlocal begun, ended
            begun = True
            await send(message)
            ended = not message.get("more_body", message["type"] != _BODY)

        with self._health.request(call=call) as held:
            await app(scope, receive, watch)
        if held.cancelled_caught and not begun:
            await _refusal(_leaving())(scope, receive, send)
        elif held.cancelled_caught and not ended:
            await send({"type": _BODY, "body": b""})


class _Unreadable(BadRequest):
    """A body that is no JSON-RPC message, and the code that JSON-RPC has for it."""

    def __init__(self, message: str, *, code: int = INVALID_REQUEST) -> None:
        super().__init__(message, hint='send one {"jsonrpc": "2.0", "id": 1, ...}')
        self.code = code


async def _body(request: Request, limit: int) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Unsupported(
            f"the content type is {kind[:60] or 'missing'!r}",
            hint="send Content-Type: application/json",
        )
    declared = request.headers.get("content-length", "")
    body = bytearray()
    too_large = declared.isdecimal() and int(declared) > limit
    if not too_large:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                too_large = True
                break
    if too_large:
        raise TooLarge(f"the request has more than {limit:,} bytes")
    return bytes(body)


def _message(body: bytes) -> dict[str, Any]:
    try:
        message = pydantic_core.from_json(body)
    except ValueError:
        raise _Unreadable("the body is not JSON", code=PARSE_ERROR) from None
    if isinstance(message, list):
        raise _Unreadable("batches are not supported")
    if not isinstance(message, dict):
        raise _Unreadable("the body is not a JSON object")
    return message


def _check_envelope(message: dict[str, Any]) -> None:
    if "id" not in message and isinstance(message.get("method"), str):
        return  # a notification
    try:
        JSONRPCRequest.model_validate(message)
    except ValidationError as exc:
        names = sorted({str(error["loc"][0]) for error in exc.errors() if error["loc"]})
        raise _Unreadable(
            f"not a JSON-RPC request: look at {', '.join(names)}"
        ) from None


def _leaving() -> Unavailable:
    return Unavailable("the server is shutting down", hint="try again in a moment")


def _refusal(error: SickbayError) -> JSONResponse:
    code = error.code if isinstance(error, _Unreadable) else INVALID_REQUEST
    later = {"retry-after": "1"} if isinstance(error, Unavailable) else None
    return refusal(error, code=code, headers=later)


def _again(body: bytes, receive: Receive) -> Receive:
    unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return unread.pop() if unread else await receive()

    return replay
