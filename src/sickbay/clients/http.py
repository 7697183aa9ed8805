"""The one HTTP client: allowed hosts only, bounded in time and size, patient."""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Literal, Self, TypeVar

import anyio
import httpcore2
import httpx2

from sickbay import __version__
from sickbay.clients.gate import OpenGate
from sickbay.clients.hosts import Host, Hosts, parse_host, place, port_of
from sickbay.clients.patience import (
    PATIENCE,
    AgainError,
    BrokenOffError,
    Patience,
    Retrying,
)
from sickbay.clients.refusal import FAILURES, failure, refusal, retry_after_s, shown
from sickbay.clients.reply import Reply
from sickbay.clients.wire import Network, Wire, addresses
from sickbay.core.errors import (
    Denied,
    Malformed,
    SickbayError,
    TimedOut,
    TooLarge,
    Unavailable,
    Unsure,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Awaitable,
        Callable,
        Iterable,
        Mapping,
    )

    from sickbay.clients.gate import Gate
    from sickbay.clients.wire import Resolve

MAX_REDIRECTS = 5
MAX_BYTES = 64 << 20
"""Of a body, unpacked, by default."""

MAX_REFUSAL = 64 << 10
"""Of the body of a refusal: what is read of it."""

BUSY = frozenset({429, 502, 503, 504})
"""Statuses of a server that may answer when asked again."""

NOT_SENT = (httpcore2.ConnectError, httpcore2.ConnectTimeout)
"""Where nothing was asked for yet."""

T = TypeVar("T")


class Http:
    """Fetches from allowed hosts.

    Args:
        allowed: The hosts, as ``parse_host`` reads them.
        credentials: Header fields that go to one host and no other, by ``name`` or
            ``name:port``, with a path only below that; without encryption only to a
            private one.
        user_agent: How it names itself.
        patience: How long it waits.
        resolve: Finds the addresses of a host.
        tls: Which certificates it believes.
        setting: What the operator sets the hosts with, for hints.
        writes: Whether it may ask for changes.
        gate: Holds requests back, and hears of every answer.
    """

    def __init__(  # noqa: PLR0913 - all but the first have a default
        self,
        allowed: Iterable[str | Host],
        *,
        credentials: Mapping[str, Mapping[str, str]] | None = None,
        user_agent: str = f"sickbay/{__version__}",
        patience: Patience = PATIENCE,
        resolve: Resolve = addresses,
        tls: ssl.SSLContext | None = None,
        setting: str = "",
        writes: bool = False,
        gate: Gate | None = None,
    ) -> None:
        hosts = [h if isinstance(h, Host) else parse_host(h) for h in allowed]
        self._hosts = Hosts(hosts, setting=setting)
        self._credentials = dict(credentials or {})
        self._patience = patience
        self._writes = writes
        self._gate = gate or OpenGate()
        self._turns: defaultdict[str, anyio.Semaphore] = defaultdict(
            lambda: anyio.Semaphore(patience.per_host)
        )
        self._patiently = Retrying(patience)
        nothing = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        self._client = httpx2.AsyncClient(
            transport=Wire(
                Network(self._hosts, resolve), tls or httpx2.create_ssl_context()
            ),
            headers={"User-Agent": user_agent},
            cookies=nothing,
            timeout=httpx2.Timeout(
                patience.read_s, connect=patience.connect_s, pool=patience.total_s
            ),
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> Reply:
        """Fetch something whole.

        Args:
            url: Of an allowed host.
            headers: They go to that host alone, should it redirect to another.
            max_bytes: Of the body, unpacked.

        Raises:
            SickbayError: It was not to be had; see the module of errors.
        """
        return await self.read(
            url, self._successful, headers=headers, max_bytes=max_bytes
        )

    async def read(
        self,
        url: str,
        read: Callable[[Reply], Awaitable[T]],
        *,
        method: Literal["GET", "HEAD"] = "GET",
        headers: Mapping[str, str] | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> T:
        """Fetch something whole and make something of it, as one attempt.

        Args:
            url: Of an allowed host.
            read: Makes it of the answer, which may be a refusal; it raises
                ``AgainError`` where it may be worth asking again.
            method: ``HEAD`` leaves the body out.
            headers: They go to that host alone, should it redirect to another.
            max_bytes: Of the body, unpacked.

        Raises:
            SickbayError: It was not to be had; see the module of errors.
        """

        async def once() -> T:
            async with self._answered(method, url, headers or {}) as response:
                reply = await self._whole(response, max_bytes)
            return await read(reply)

        return await self._patiently(once)

    async def send(
        self,
        method: Literal["POST", "PUT", "PATCH", "DELETE"],
        url: str,
        *,
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Ask for a change, once.

        Args:
            method: What is asked for.
            url: Of an allowed host; a redirect is not followed.
            json: The body.
            headers: They go along.

        Returns:
            The answer, which may be a refusal.

        Raises:
            Denied: Changes are switched off.
            Unsure: There was no answer; the change may have been made.
            SickbayError: It was not asked for.
        """
        if not self._writes:
            raise Denied(
                "changes are switched off", hint="the operator can set SICKBAY_WRITE"
            )
        try:
            return await self._sent(method, url, headers or {}, json=json)
        except AgainError as exc:
            if isinstance(exc.__cause__, NOT_SENT):
                raise exc.error from exc
            raise unsure(exc.error) from exc
        except (TimedOut, Malformed) as exc:
            raise unsure(exc) from exc

    async def post(
        self,
        url: str,
        read: Callable[[Reply], Awaitable[T]],
        *,
        content: bytes,
        max_bytes: int = MAX_BYTES,
    ) -> T:
        """Post what may be posted twice, and make something of the answer.

        Args:
            url: Of an allowed host; a redirect is not followed.
            read: As that of ``read``.
            content: What is posted.
            max_bytes: Of the body of the answer, unpacked.

        Raises:
            SickbayError: It was not to be had; see the module of errors.
        """

        async def once() -> T:
            return await read(
                await self._sent("POST", url, {}, content=content, max_bytes=max_bytes)
            )

        return await self._patiently(once)

    async def _sent(  # noqa: PLR0913 - a request has that many parts
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        json: object = None,
        content: bytes | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> Reply:
        """The answer to something that was sent, which may be a redirect."""
        target = self._hosts.url(url)
        fields = {**headers, **self._credential(target)}
        async with self._turns[target.netloc.decode()]:
            response = await self._asked(
                method, target, fields, json=json, content=content
            )
            try:
                return await self._whole(response, max_bytes)
            finally:
                await response.aclose()

    async def stream(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = MAX_BYTES,
        packed: bool = False,
    ) -> AsyncGenerator[bytes]:
        """Fetch something piece by piece.

        Args:
            url: As the other arguments, that of ``get``.
            headers: See there.
            max_bytes: See there.
            packed: Leave it as it was sent, so that one can tell whether all of it
                came.

        Raises:
            SickbayError: As ``get`` does.
        """
        async with AsyncExitStack() as stack:

            async def opened() -> httpx2.Response:
                answered = self._answered("GET", url, headers or {})
                response = await stack.enter_async_context(answered)
                if not response.is_success:
                    await stack.aclose()
                    await self._successful(_reply(response))
                return response

            response = await self._patiently(opened)
            try:
                async for part in self._body(response, max_bytes, packed=packed):
                    yield part
            except AgainError as exc:
                raise BrokenOffError(exc.error.message) from exc

    @asynccontextmanager
    async def _answered(
        self, method: str, text: str, headers: Mapping[str, str]
    ) -> AsyncIterator[httpx2.Response]:
        """The answer behind all redirects, its body not read yet."""
        url = self._hosts.url(text)
        asked = url
        for _ in range(MAX_REDIRECTS + 1):
            own = headers if _same_origin(url, asked) else {}
            fields = {**own, **self._credential(url)}
            async with self._turns[url.netloc.decode()]:
                response = await self._asked(method, url, fields)
                try:
                    if not response.has_redirect_location:
                        yield response
                        return
                finally:
                    await response.aclose()
            url = self._hosts.redirect(url, response.headers["Location"])
        raise Malformed(f"{asked.host} redirects more than {MAX_REDIRECTS} times")

    def _credential(self, url: httpx2.URL) -> Mapping[str, str]:
        """What proves to this host, and to no other, who asks."""
        there = f"{place(url.host, url.port)}{url.path}/"
        own = (
            fields
            for root, fields in self._credentials.items()
            if there.startswith(f"{root.rstrip('/')}/")
        )
        fields: Mapping[str, str] = next(own, {})
        hidden = url.scheme == "https" or self._hosts.is_private(url.host, port_of(url))
        if fields and not hidden:
            raise Denied(
                f"the credential for {url.host} is not sent without encryption",
                hint="use https",
            )
        return fields

    async def _asked(
        self,
        method: str,
        url: httpx2.URL,
        headers: Mapping[str, str],
        *,
        json: object = None,
        content: bytes | None = None,
    ) -> httpx2.Response:
        request = self._client.build_request(
            method, url, headers=headers, json=json, content=content
        )
        await self._gate.enter(url)
        response = None
        try:
            with anyio.fail_after(self._patience.answer_s):
                response = await self._client.send(request, stream=True)
                return response
        except FAILURES as exc:
            raise _failed(exc, url) from exc
        finally:
            status = response.status_code if response else None
            self._gate.left(url, status, response.headers if response else {})

    async def _successful(self, reply: Reply) -> Reply:
        """The answer, if it is no refusal."""
        if reply.success:
            return reply
        error = refusal(reply, credential=bool(self._credential(httpx2.URL(reply.url))))
        raise AgainError(error, retry_after_s(reply)) if reply.status in BUSY else error

    async def _whole(self, response: httpx2.Response, max_bytes: int) -> Reply:
        if response.request.method == "HEAD":
            return _reply(response)
        if response.is_success:
            parts = [part async for part in self._body(response, max_bytes)]
            return _reply(response, b"".join(parts))
        body = bytearray()
        with suppress(AgainError, SickbayError):  # the status says what matters
            async for part in self._body(response, max_bytes):
                body += part[: MAX_REFUSAL - len(body)]
                if len(body) == MAX_REFUSAL:
                    break
        return _reply(response, bytes(body))

    async def _body(
        self, response: httpx2.Response, max_bytes: int, *, packed: bool = False
    ) -> AsyncIterator[bytes]:
        """The body, no larger and no later than allowed."""
        url, size = response.url, 0
        until = time.monotonic() + self._patience.total_s
        declared = response.headers.get("Content-Length", "")
        too_large = TooLarge(f"{shown(url)} is larger than {max_bytes:,} bytes")
        if declared.isdecimal() and int(declared) > max_bytes:
            raise too_large
        parts = response.aiter_raw() if packed else response.aiter_bytes()
        try:
            async for part in parts:
                size += len(part)
                if size > max_bytes:
                    raise too_large
                if time.monotonic() > until:
                    raise TimedOut(f"{shown(url)} took too long to arrive")
                yield part
        except FAILURES as exc:
            raise _failed(exc, url) from exc


def _failed(exc: Exception, url: httpx2.URL) -> SickbayError | AgainError:
    error = failure(exc, url)
    return AgainError(error) if isinstance(error, Unavailable) else error


def unsure(error: SickbayError) -> Unsure:
    """The same of a change: without an answer, nobody knows whether it was made."""
    hint = "it may have been done all the same: look before you ask again"
    return Unsure(error.message, hint=hint)


def _reply(response: httpx2.Response, body: bytes = b"") -> Reply:
    return Reply(
        url=str(response.url),
        status=response.status_code,
        headers=response.headers,
        body=body,
    )


def _same_origin(one: httpx2.URL, other: httpx2.URL) -> bool:
    return (one.scheme, one.netloc) == (other.scheme, other.netloc)
