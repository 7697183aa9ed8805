"""What an answer of HUD is: the data, a refusal, or worth another try."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec
from anyio import to_thread

from sickbay.clients.http import BUSY
from sickbay.clients.hud.access import is_challenge, is_page
from sickbay.clients.patience import AgainError
from sickbay.clients.refusal import retry_after_s
from sickbay.clients.tolerant import CutError
from sickbay.core.errors import BadRequest, Malformed, NotFound, Unavailable
from sickbay.core.untrusted import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from sickbay.clients.hud.access import Access
    from sickbay.clients.reply import Reply
    from sickbay.core.errors import SickbayError

T = TypeVar("T")

LARGE = 64 << 10
"""Bytes from which on decoding goes to another thread."""

MAX_BROKEN = 2
"""How often a status of 500 that says nothing, or a web page, is asked about again."""

BROKEN_PAUSE_S = 0.25
"""Before that: it may be no more than a branch that is not there."""

MAX_SAID = 300
"""Characters of what HUD says about an error."""

_OVERLOADED = ("TIMEOUT_EXCEEDED", "MEMORY_LIMIT_EXCEEDED", "TOO_MANY_SIMULTANEOUS")
_DATABASE = "DB::Exception"


class Answer(Generic[T]):
    """Reads the answers to one request, until one is the last.

    Args:
        decode: Makes the value of a body.
        access: What was sent to be let in.
        text: The body is text, maybe with markup, and no JSON.
        hint: What may be wrong where the server breaks without a word.
    """

    def __init__(
        self,
        decode: Callable[[bytes], T],
        access: Access,
        *,
        text: bool = False,
        hint: str = "",
    ) -> None:
        self._decode = decode
        self._text = text
        self._hint = hint
        self._access = access
        self._broken = 0

    async def __call__(self, reply: Reply) -> tuple[T, bytes]:
        """The value, and the body that it was made of."""
        if not reply.success or is_challenge(reply):
            raise self._refused(reply)
        if is_page(reply) and not self._text:
            error = Malformed(
                f"{reply.url.partition('?')[0]} answered a web page instead of data",
                hint="is that the address of a HUD?",
            )
            raise self._broke(error)
        try:
            return await decoded(self._decode, reply.body), reply.body
        except Malformed as exc:
            error = Malformed(f"{reply.url.partition('?')[0]}: {exc.message}")
            if isinstance(exc, CutError):
                raise AgainError(error) from exc
            raise error from exc

    def _refused(self, reply: Reply) -> SickbayError | AgainError:
        said = _said(reply)
        error = self._access.refused(reply, said)
        if is_challenge(reply):
            return error
        if reply.status in BUSY:
            return AgainError(error, retry_after_s(reply))
        if not isinstance(error, Unavailable):
            return error
        if _DATABASE in said and not any(word in said for word in _OVERLOADED):
            return BadRequest(error.message)
        if said:
            return _known(error, said)
        return self._broke(Unavailable(error.message, hint=self._hint or error.hint))

    def _broke(self, error: SickbayError) -> SickbayError | AgainError:
        """Something between HUD and here may have broken for a moment only."""
        self._broken += 1
        return error if self._broken > MAX_BROKEN else AgainError(error, BROKEN_PAUSE_S)


async def decoded(decode: Callable[[bytes], T], body: bytes) -> T:
    """What a decoder makes of a body, the event loop free meanwhile."""
    if len(body) < LARGE:
        return decode(body)
    return await to_thread.run_sync(decode, body)


def _known(error: SickbayError, said: str) -> SickbayError:
    missing = "not found" in said.lower() or "no commit found" in said.lower()
    return NotFound(error.message) if missing else error


def _said(reply: Reply) -> str:
    """What a handler of HUD says went wrong; empty where only the server speaks."""
    if is_page(reply):
        return ""
    try:
        found = msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = None
    text = reply.body.decode(errors="replace") if _DATABASE in str(reply.body) else ""
    if isinstance(found, dict):
        text = str(found.get("error") or found.get("message") or text)
    return " ".join(visible(text).split())[:MAX_SAID]
