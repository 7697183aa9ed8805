"""One client: speaks each era with nothing but HTTP, and hangs up whenever it likes."""

from __future__ import annotations

import asyncio
import itertools
import json
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

HANDSHAKE, MODERN, PLAIN = "2025-11-25", "2026-07-28", "plain"
ERAS = (HANDSHAKE, MODERN, PLAIN)
TIMEOUT_S = 60.0
_STILL_HELD = 409
"""There is one such stream, and the server has not yet seen that the last one ended."""

_BOTH = "application/json, text/event-stream"
_NAME = {"name": "soak", "version": "1"}


@dataclass
class Caller:
    """A client on a visit: in a session, without one, or plain."""

    http: httpx2.AsyncClient
    era: str
    session: str | None = None
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """The result of one request.

        Raises:
            OSError: It was answered by something else than a result.
        """
        message, headers = self._message(method, params)
        answer = await self.http.post("/mcp", json=message, headers=headers)
        return _result(answer, message["id"])

    async def tell(self, method: str, params: dict[str, Any]) -> None:
        """Send a notification."""
        message, headers = self._message(method, params)
        del message["id"]
        await self.http.post("/mcp", json=message, headers=headers)

    @asynccontextmanager
    async def asking(self, method: str, params: dict[str, Any]) -> AsyncIterator[int]:
        """Have a request under way in the block; hang up at its end.

        Yields:
            The id under which it can be cancelled.
        """
        message, headers = self._message(method, params)
        post = self.http.post("/mcp", json=message, headers=headers)
        task = asyncio.create_task(post)
        try:
            yield message["id"]
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, httpx2.HTTPError):
                await task

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Hold open the stream on which the server may speak first."""
        if self.era != HANDSHAKE:
            yield
            return
        headers = {"accept": "text/event-stream", **self._spoken()}
        async with self.http.stream("GET", "/mcp", headers=headers) as answer:
            if answer.status_code != _STILL_HELD:
                answer.raise_for_status()
            yield

    def _spoken(self) -> dict[str, str]:
        session = {"mcp-session-id": self.session} if self.session else {}
        return {"mcp-protocol-version": self.era, **session}

    def _message(
        self, method: str, params: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, str]]:
        headers = {}
        if self.era != PLAIN:
            headers = {"accept": _BOTH, **self._spoken()}
        if self.era == MODERN:
            headers["mcp-method"] = method
            if name := params.get("name") or params.get("uri"):
                headers["mcp-name"] = name
            meta = {
                "io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientInfo": _NAME,
                "io.modelcontextprotocol/clientCapabilities": {},
                **params.get("_meta", {}),
            }
            params = {**params, "_meta": meta}
        message = {
            "jsonrpc": "2.0",
            "id": next(self.ids),
            "method": method,
            "params": params,
        }
        return message, headers


@asynccontextmanager
async def visit(url: str, era: str, *, leaves: bool = True) -> AsyncIterator[Caller]:
    """A client, from its first connection to its last.

    Args:
        url: The server.
        era: How it speaks.
        leaves: Whether it says goodbye to its session.
    """
    async with httpx2.AsyncClient(base_url=url, timeout=TIMEOUT_S) as http:
        caller = Caller(http, era)
        if era == HANDSHAKE:
            await _shake_hands(caller)
        yield caller
        if caller.session is not None and leaves:
            await http.delete("/mcp", headers=caller._spoken())  # noqa: SLF001 - ours


async def _shake_hands(caller: Caller) -> None:
    params = {"protocolVersion": HANDSHAKE, "capabilities": {}, "clientInfo": _NAME}
    message, headers = caller._message("initialize", params)  # noqa: SLF001 - ours
    answer = await caller.http.post("/mcp", json=message, headers=headers)
    _result(answer, message["id"])
    caller.session = answer.headers["mcp-session-id"]
    await caller.tell("notifications/initialized", {})


def _result(answer: httpx2.Response, wanted: int) -> dict[str, Any]:
    text = answer.text
    if answer.headers.get("content-type", "").startswith("text/event-stream"):
        lines = (line for line in text.splitlines() if line.startswith("data: {"))
        messages = [json.loads(line.removeprefix("data: ")) for line in lines]
        text = next((json.dumps(m) for m in messages if m.get("id") == wanted), "{}")
    found: dict[str, Any] = json.loads(text or "{}")
    if "result" not in found:
        raise OSError(f"answered {answer.status_code}: {text[:300]}")
    result: dict[str, Any] = found["result"]
    return result
