"""How a simulated service misbehaves; it may be changed while the service runs."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import zlib
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, get_args
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Kind = Literal["429", "500", "502", "503", "reset", "cut", "slow", "html", "truncated"]
KINDS: tuple[Kind, ...] = get_args(Kind)
PAGE = b"<!DOCTYPE html><html><body><h1>Something went wrong</h1></body></html>"
HALF = 2


@dataclass
class Faults:
    """What goes wrong, and how often.

    Attributes:
        latency_s: Every answer takes so much longer.
        share: Of the requests, from 0 to 1, that go wrong in one of ``kinds``.
        kinds: Ways to go wrong: a status; ``reset`` drops the connection before the
            answer, ``cut`` within it; ``slow`` stops for ``slow_s`` within it; ``html``
            is a page instead of JSON; ``truncated`` half an answer that claims to be
            whole.
        only: Regular expression of the paths that can go wrong.
        planned: By path: what is to happen to its next requests, None being nothing.
        retry_after_s: What a 429 asks for.
        seed: Of the choice; the nth request for a path always meets the same.
    """

    latency_s: float = 0.0
    share: float = 0.0
    kinds: tuple[Kind, ...] = KINDS
    only: str = ""
    planned: dict[str, list[Kind | None]] = field(default_factory=dict)
    slow_s: float = 1.0
    retry_after_s: int = 0
    seed: int = 0
    _seen: Counter[str] = field(default_factory=Counter)

    def pick(self, path: str, query: str = "") -> Kind | None:
        """What goes wrong with this request."""
        if plan := self.planned.get(path):
            return plan.pop(0)
        if not self.share or not re.search(self.only, path):
            return None
        self._seen[place := f"{path}?{query}"] += 1
        draw = zlib.crc32(f"{self.seed}/{self._seen[place]}/{place}".encode()) / 2**32
        if draw >= self.share:
            return None
        return self.kinds[int(draw / self.share * len(self.kinds))]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came in, and the fault that it met."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    fault: Kind | None


class Faulty:
    """An app that goes wrong as ``faults`` say, and remembers what it was asked.

    Args:
        kept: How many requests it remembers at least; the oldest go.

    Attributes:
        asked: The requests, one after the other.
    """

    def __init__(self, app: ASGIApp, faults: Faults, *, kept: int = 10_000) -> None:
        self.app = app
        self.faults = faults
        self.kept = kept
        self.asked: list[Asked] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or not."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        fault = self._met(scope)
        if self.faults.latency_s:
            await asyncio.sleep(self.faults.latency_s)
        match fault:
            case None:
                await self.app(scope, receive, send)
            case "reset":
                _reset(_transport(send))
            case "html":
                await _say(send, 200, PAGE, {"content-type": "text/html"})
            case "cut" | "slow" | "truncated":
                broken = _Broken(send, fault, self.faults.slow_s)
                await self.app(scope, receive, broken)
            case _:
                await self._refuse(send, int(fault))

    def _met(self, scope: Scope) -> Kind | None:
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        fault = self.faults.pick(path, query)
        headers = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in scope["headers"]
        }
        fields = dict(parse_qsl(query, keep_blank_values=True))
        self.asked.append(Asked(scope["method"], path, fields, headers, fault))
        if len(self.asked) > 2 * self.kept:
            del self.asked[: self.kept]
        return fault

    async def _refuse(self, send: Send, status: int) -> None:
        headers = {"content-type": "text/plain"}
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            headers["retry-after"] = str(self.faults.retry_after_s)
        await _say(send, status, HTTPStatus(status).phrase.encode(), headers)


@dataclass
class _Broken:
    """Spoils the body on its way out; the whole of it is in one message or few."""

    send: Send
    fault: Kind
    slow_s: float
    start: Message | None = None
    body: bytearray = field(default_factory=bytearray)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
            return
        self.body += message.get("body", b"")
        if not message.get("more_body") and self.start is not None:
            await self._spoil(self.start)

    async def _spoil(self, start: Message) -> None:
        half = bytes(self.body[: len(self.body) // HALF])
        if self.fault == "truncated":
            await self.send({**start, "headers": _sized(start["headers"], len(half))})
            await self.send({"type": "http.response.body", "body": half})
            return
        await self.send({**start, "headers": _sized(start["headers"], len(self.body))})
        await self.send({"type": "http.response.body", "body": half, "more_body": True})
        if self.fault == "cut":
            _transport(self.send).close()
            return
        await asyncio.sleep(self.slow_s)
        rest = bytes(self.body[len(half) :])
        await self.send({"type": "http.response.body", "body": rest})


def _sized(
    headers: Iterable[tuple[bytes, bytes]], size: int
) -> list[tuple[bytes, bytes]]:
    others = [pair for pair in headers if pair[0].lower() != b"content-length"]
    return [*others, (b"content-length", str(size).encode())]


async def _say(
    send: Send, status: int, body: bytes, headers: Mapping[str, str]
) -> None:
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    start = {"type": "http.response.start", "status": status}
    await send(start | {"headers": _sized(pairs, len(body))})
    await send({"type": "http.response.body", "body": body})


def _reset(transport: asyncio.Transport) -> None:
    """Drop the connection at once, with no word of farewell."""
    at_once = struct.pack("ii", 1, 0)
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
    transport.abort()


def _transport(send: Send) -> asyncio.Transport:
    """The connection behind the answer: ``send`` is a method of uvicorn's exchange."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if not isinstance(transport, asyncio.Transport):
        raise TypeError("only under uvicorn can a connection be dropped")
    return transport
