"""The one HTTP client: allowed hosts only, bounded in time and size, patient."""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Self

import anyio
import httpx2
import stamina

from sickbay import __version__
from sickbay.clients.hosts import Host, Hosts, parse_host, place, port_of
from sickbay.clients.refusal import FAILURES, failure, refusal, retry_after_s, shown
from sickbay.clients.wire import Network, Wire, addresses
from sickbay.core.errors import Denied, Malformed, TimedOut, TooLarge, Unavailable

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping

    from sickbay.clients.wire import Resolve
    from sickbay.core.errors import SickbayError

MAX_REDIRECTS = 5
MAX_BYTES = 64 << 20
"""Of a body, unpacked, by default."""

_AGAIN = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for what.

    Attributes:
        connect_s: For a connection, and for a free one.
        read_s: For the next bytes of an answer.
        answer_s: For an answer to begin, whatever is sent before.
        total_s: For a whole body.
        attempts: Until an answer begins; a busy server is asked again.
        pause_s: Before the second attempt; about twice as long before each next.
        retry_after_s: The longest that a server may ask to wait.
        per_host: Requests at the same time.
    """

    connect_s: float = 5
    read_s: float = 30
    answer_s: float = 60
    total_s: float = 600
    attempts: int = 4
    pause_s: float = 0.5
    retry_after_s: float = 30
    per_host: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole answer; ``url`` is where it came from in the end."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """Fetches from allowed hosts.

    Args:
        allowed: The hosts, as ``parse_host`` reads them.
        credentials: Header fields that go to one host and no other, by ``name`` or
            ``name:port``; without encryption only to a private one.
        user_agent: How it names itself.
        patience: How long it waits.
        resolve: Finds the addresses of a host.
        tls: Which certificates it believes.
        setting: What the operator sets the hosts with, for hints.
    """

    def __init__(  # noqa: PLR0913 - all but the first have a default
        self,
        allowed: Iterable[str | Host],
        *,
        credentials: Mapping[str, Mapping[str, str]] | None = None,
        user_agent: str = f"sickbay/{__version__}",
        patience: Patience = Patience(),
        resolve: Resolve = addresses,
        tls: ssl.SSLContext | None = None,
        setting: str = "",
    ) -> None:
        hosts = [h if isinstance(h, Host) else parse_host(h) for h in allowed]
        self._hosts = Hosts(hosts, setting=setting)
        self._credentials = dict(credentials or {})
        self._patience = patience
        self._turns: defaultdict[str, anyio.Semaphore] = defaultdict(
            lambda: anyio.Semaphore(patience.per_host)
        )
        self._retrying = stamina.AsyncRetryingCaller(
            attempts=patience.attempts,
            timeout=patience.total_s,
            wait_initial=patience.pause_s,
            wait_jitter=patience.pause_s,
        )
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
        async with self._answered(url, headers or {}) as response:
            body = [part async for part in self._body(response, max_bytes)]
            return Reply(
                url=str(response.url),
                status=response.status_code,
                headers=response.headers,
                body=b"".join(body),
            )

    async def stream(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> AsyncGenerator[bytes]:
        """Fetch something piece by piece; arguments and errors are those of ``get``."""
        async with self._answered(url, headers or {}) as response:
            async for part in self._body(response, max_bytes):
                yield part

    @asynccontextmanager
    async def _answered(
        self, text: str, headers: Mapping[str, str]
    ) -> AsyncIterator[httpx2.Response]:
        """The answer behind all redirects, its body not read yet."""
        url = self._hosts.url(text)
        asked = url
        for _ in range(MAX_REDIRECTS + 1):
            own = headers if _same_origin(url, asked) else {}
            async with self._turns[url.netloc.decode()]:
                response = await self._tried(url, {**own, **self._credential(url)})
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
        fields = self._credentials.get(place(url.host, url.port), {})
        hidden = url.scheme == "https" or self._hosts.is_private(url.host, port_of(url))
        if fields and not hidden:
            raise Denied(
                f"the credential for {url.host} is not sent without encryption",
                hint="use https",
            )
        return fields

    async def _tried(
        self, url: httpx2.URL, headers: Mapping[str, str]
    ) -> httpx2.Response:
        """The answer, however often it has to be asked for."""
        longest = self._patience.retry_after_s

        def again(exc: Exception) -> bool | float:
            if not isinstance(exc, _AgainError) or (exc.wait_s or 0) > longest:
                return False
            return True if exc.wait_s is None else exc.wait_s

        try:
            return await self._retrying(again, self._asked, url, headers)
        except _AgainError as exc:
            raise exc.error from exc.__cause__

    async def _asked(
        self, url: httpx2.URL, headers: Mapping[str, str]
    ) -> httpx2.Response:
        request = self._client.build_request("GET", url, headers=headers)
        try:
            with anyio.fail_after(self._patience.answer_s):
                response = await self._client.send(request, stream=True)
        except FAILURES as exc:
            error = failure(exc, url)
            if isinstance(error, Unavailable):
                raise _AgainError(error) from exc
            raise error from exc
        if response.is_success or response.has_redirect_location:
            return response
        await response.aclose()
        error = refusal(response, credential=bool(self._credential(url)))
        if response.status_code in _AGAIN:
            raise _AgainError(error, retry_after_s(response))
        raise error

    async def _body(
        self, response: httpx2.Response, max_bytes: int
    ) -> AsyncIterator[bytes]:
        """The body unpacked, no larger and no later than allowed."""
        url, size = response.url, 0
        until = time.monotonic() + self._patience.total_s
        declared = response.headers.get("Content-Length", "")
        too_large = TooLarge(f"{shown(url)} is larger than {max_bytes:,} bytes")
        if declared.isdecimal() and int(declared) > max_bytes:
            raise too_large
        try:
            async for part in response.aiter_bytes():
                size += len(part)
                if size > max_bytes:
                    raise too_large
                if time.monotonic() > until:
                    raise TimedOut(f"{shown(url)} took too long to arrive")
                yield part
        except FAILURES as exc:
            raise failure(exc, url) from exc


class _AgainError(Exception):
    """It may be worth asking again; ``wait_s`` is what the server asked to wait."""

    def __init__(self, error: SickbayError, wait_s: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait_s = wait_s


def _same_origin(one: httpx2.URL, other: httpx2.URL) -> bool:
    return (one.scheme, one.netloc) == (other.scheme, other.netloc)
