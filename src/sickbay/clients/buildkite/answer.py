"""What an answer of Buildkite is: the data, a refusal, or worth another try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import httpx2
from anyio import to_thread

from sickbay.clients.buildkite import wire
from sickbay.clients.buildkite.places import following
from sickbay.clients.patience import AgainError
from sickbay.clients.refusal import refusal, retry_after_s
from sickbay.clients.tolerant import CutError, Tolerant
from sickbay.core.errors import BadRequest, Denied, Malformed, NotFound, Unavailable
from sickbay.core.untrusted import visible

if TYPE_CHECKING:
    from sickbay.clients.buildkite.limits import Limits
    from sickbay.clients.reply import Reply
    from sickbay.core.errors import SickbayError

T = TypeVar("T")

LARGE = 64 << 10
"""Bytes from which on decoding goes to another thread."""

MAX_SAID = 300
"""Characters of what Buildkite says about an error."""

TOKEN_HINT = "set BUILDKITE_API_TOKEN to an API access token"  # noqa: S105 - no token

_REFUSAL = Tolerant(wire.Refusal)


@dataclass(frozen=True, slots=True)
class Wanted(Generic[T]):
    """Something to ask for.

    Attributes:
        url: Where it is.
        decode: Makes it of the body.
        what: What errors call it.
        scope: What a token needs for it.
    """

    url: str
    decode: Tolerant[T]
    what: str
    scope: str = "read_builds"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """What was asked for, and where there is more of it."""

    value: T
    next: str | None = None


class Answer(Generic[T]):
    """Reads the answer to a request.

    Args:
        wanted: What was asked for.
        limits: Hear of a refusal that names its scope.
        token: Whether one was sent.
    """

    def __init__(self, wanted: Wanted[T], limits: Limits, *, token: bool) -> None:
        self._wanted = wanted
        self._limits = limits
        self._token = token

    async def __call__(self, reply: Reply) -> Page[T]:
        """The data.

        Raises:
            AgainError: It may be had later.
            SickbayError: It is not to be had.
        """
        body = await self.content(reply)
        if is_page(reply):
            raise AgainError(Malformed(f"{self._wanted.what}: a web page came instead"))
        try:
            value = await decoded(self._wanted.decode, body)
        except Malformed as exc:
            error = Malformed(f"{self._wanted.what}: {exc.message}")
            raise (AgainError(error) if isinstance(exc, CutError) else error) from exc
        return Page(value, following(reply.headers.get("Link", ""), self._wanted.url))

    async def content(self, reply: Reply) -> bytes:
        """The body of an answer that is no refusal, whatever it holds.

        Raises:
            AgainError: It may be had later.
            SickbayError: It is not to be had.
        """
        if not reply.success:
            raise self._refused(reply)
        return reply.body

    def _refused(self, reply: Reply) -> SickbayError | AgainError:
        error = refused(
            reply, self._wanted.what, scope=self._wanted.scope, token=self._token
        )
        if not isinstance(error, Unavailable):
            return error
        said = _said(reply)
        if said.scope and said.reset is not None:
            self._limits.exhausted(said.scope, said.reset)
        return AgainError(error, retry_after_s(reply))


def refused(reply: Reply, what: str, *, scope: str, token: bool) -> SickbayError:
    """The error that a refusal stands for.

    Args:
        reply: No success.
        what: What was asked for.
        scope: What a token needs for it.
        token: Whether one was sent.
    """
    error = refusal(reply, credential=token)
    said = " ".join(visible(_said(reply).message or "").split())[:MAX_SAID]
    because = f": {said}" if said else f": {reply.status} {_reason(reply.status)}"
    return explained(error, f"{what}{because}".rstrip(), scope=scope, token=token)


def explained(
    error: SickbayError, message: str, *, scope: str, token: bool
) -> SickbayError:
    """The same kind of error, with what to do about it."""
    hint = error.hint
    if isinstance(error, Denied):
        hint = f"the token needs the scope {scope}, and access to the organization"
        hint = hint if token else f"{TOKEN_HINT} with the scope {scope}"
    elif isinstance(error, BadRequest) and scope == "write_builds":
        hint = "a job can be retried once, and unblocked only while it is blocked"
    elif isinstance(error, NotFound) and not token:
        hint = f"if it is not public, {TOKEN_HINT} with the scope {scope}"
    elif isinstance(error, NotFound):
        hint = "check number and pipeline, and whether the token has access to them"
    return type(error)(message, hint=hint)


async def decoded(decode: Tolerant[T], body: bytes) -> T:
    """What a decoder makes of a body, the event loop free meanwhile."""
    if len(body) < LARGE:
        return decode(body).value
    return (await to_thread.run_sync(decode, body)).value


def is_page(reply: Reply) -> bool:
    """Whether it is a web page, whatever it is said to be."""
    return reply.media_type == "text/html" or reply.body[:64].lstrip()[:1] == b"<"


def _said(reply: Reply) -> wire.Refusal:
    try:
        return _REFUSAL(reply.body).value
    except Malformed:
        return wire.Refusal()


def _reason(status: int) -> str:
    return httpx2.codes.get_reason_phrase(status)
