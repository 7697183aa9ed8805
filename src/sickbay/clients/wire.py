"""Connections that go to the very address that was checked."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import anyio
import httpcore2
import httpx2

from sickbay.core.errors import NotFound, Unavailable

if TYPE_CHECKING:
    import ssl
    from collections.abc import (
        AsyncIterator,
        Awaitable,
        Callable,
        Iterable,
        Sequence,
    )

    from sickbay.clients.hosts import Hosts

    Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

MAX_ADDRESSES = 4
"""Of a host, tried one after the other."""


async def addresses(name: str, port: int) -> Sequence[str]:
    """The addresses of a host, as the system knows them."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


class Network(httpcore2.AsyncNetworkBackend):
    """Looks a host up once, checks what was found, and connects to that.

    A second look-up could give another answer than the one that was checked.
    """

    def __init__(self, hosts: Hosts, resolve: Resolve) -> None:
        self._hosts = hosts
        self._resolve = resolve
        self._tcp = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as the base class has it
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first of the host's addresses that answers."""
        try:
            with anyio.fail_after(timeout):
                found = self._hosts.checked(
                    host, port, await self._looked_up(host, port)
                )
        except TimeoutError as exc:
            raise httpcore2.ConnectTimeout from exc
        failed: Exception = httpcore2.ConnectError("it has no address")
        for address in found[:MAX_ADDRESSES]:
            share = timeout and timeout / min(len(found), MAX_ADDRESSES)
            try:
                return await self._tcp.connect_tcp(
                    address, port, share, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as exc:
                failed = exc
        raise failed

    async def _looked_up(self, host: str, port: int) -> Sequence[str]:
        try:
            return await self._resolve(host, port)
        except socket.gaierror as exc:
            if exc.errno == socket.EAI_NONAME:
                raise NotFound(f"there is no host {host}") from exc
            raise Unavailable(f"cannot look up {host}: {exc.strerror}") from exc


class Wire(httpx2.AsyncBaseTransport):
    """The pool of connections below the HTTP client."""

    def __init__(
        self, network: Network, tls: ssl.SSLContext, *, max_connections: int = 100
    ) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=max_connections,
            max_keepalive_connections=max_connections // 5,
            keepalive_expiry=30,
            network_backend=network,
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request."""
        url = httpcore2.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        answer = await self._pool.handle_async_request(
            httpcore2.Request(
                request.method,
                url,
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()


class _Body(httpx2.AsyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._answer.aiter_stream():
            yield part

    async def aclose(self) -> None:
        """Give the connection back, or close it where the body was not read."""
        await self._answer.aclose()
