"""What went wrong over HTTP, in our own error tree."""

from __future__ import annotations

import email.utils
import ssl
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpcore2
import httpx2

from sickbay.clients.hosts import place
from sickbay.core.errors import (
    BadRequest,
    Denied,
    Malformed,
    NotFound,
    SickbayError,
    TimedOut,
    TooLarge,
    Unavailable,
)

if TYPE_CHECKING:
    from sickbay.clients.reply import Reply

FAILURES = (
    TimeoutError,
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpx2.DecodingError,
)
"""What the wire raises."""

_KINDS: dict[int, type[SickbayError]] = {
    401: Denied,
    403: Denied,
    404: NotFound,
    408: TimedOut,
    410: NotFound,
    413: TooLarge,
}


def shown(url: httpx2.URL) -> str:
    """A URL for people: what is behind the question mark may be a secret."""
    return f"{url.scheme}://{place(url.host, url.port)}{url.path}"


def failure(exc: Exception, url: httpx2.URL) -> SickbayError:
    """The error of a request that got no answer, or not all of it."""
    if isinstance(exc, (TimeoutError, httpcore2.TimeoutException)):
        return TimedOut(f"{url.host} did not answer in time")
    if isinstance(exc, httpx2.DecodingError):
        return Malformed(f"{shown(url)} cannot be unpacked: {exc}")
    if isinstance(exc, httpcore2.LocalProtocolError):  # it quotes the credential
        return BadRequest(
            f"a header field for {url.host} holds what none can",
            hint="look for a line end in a token",
        )
    untrusted = _untrusted(exc)
    if untrusted:
        return Denied(
            f"the certificate of {url.host} is not trusted: {untrusted.verify_message}",
            hint="SSL_CERT_FILE can name more authorities to trust",
        )
    return Unavailable(
        f"{url.host} did not answer: {str(exc) or type(exc).__name__}",
        hint="check its address in the settings, and the network",
    )


def _untrusted(exc: BaseException | None) -> ssl.SSLCertVerificationError | None:
    if exc is None or isinstance(exc, ssl.SSLCertVerificationError):
        return exc
    return _untrusted(exc.__cause__ or exc.__context__)


def refusal(reply: Reply, *, credential: bool) -> SickbayError:
    """The error that an answer stands for.

    Args:
        reply: Its status is no success.
        credential: Whether one was sent along.
    """
    url, status = httpx2.URL(reply.url), reply.status
    reason = httpx2.codes.get_reason_phrase(status)
    said = f"{shown(url)} answered {status} {reason}".rstrip()
    kind = _KINDS.get(status)
    if kind is Denied:
        hint = "it refused the credential" if credential else "no credential is set"
        return Denied(said, hint=f"{hint} for {url.host}")
    if kind:
        return kind(said)
    if status == httpx2.codes.TOO_MANY_REQUESTS or httpx2.codes.is_server_error(status):
        wait_s = retry_after_s(reply)
        hint = "" if wait_s is None else f"it asks to wait {wait_s:.0f} s"
        return Unavailable(said, hint=hint)
    return BadRequest(said) if httpx2.codes.is_client_error(status) else Malformed(said)


def retry_after_s(reply: Reply) -> float | None:
    """How long the server asks to wait, if it does."""
    value = reply.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        then = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())
