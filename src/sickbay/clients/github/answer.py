"""What a refusal of GitHub means, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2

from sickbay.clients.github import wire
from sickbay.clients.http import BUSY
from sickbay.clients.patience import AgainError
from sickbay.clients.refusal import refusal, retry_after_s
from sickbay.clients.tolerant import Tolerant
from sickbay.core.errors import BadRequest, Denied, Malformed, NotFound, Unavailable
from sickbay.core.untrusted import visible

if TYPE_CHECKING:
    from sickbay.clients.github.limits import Limits
    from sickbay.clients.reply import Reply
    from sickbay.core.errors import SickbayError

TOKEN_HINT = "set GITHUB_TOKEN, or log in with gh"  # noqa: S105 - no token

MAX_SAID = 300
"""Characters of what GitHub says about an error."""

_REFUSAL = Tolerant(wire.Refusal)
_LIMITED = frozenset({403, 429})
_UNWANTED = 422
_UNKNOWN_COMMIT = "No commit found"


def refused(reply: Reply, what: str, limits: Limits) -> SickbayError | AgainError:
    """The error that a refusal stands for; ``AgainError`` where it will pass soon.

    Args:
        reply: No success.
        what: What was asked for.
        limits: They have heard of the answer.
    """
    said = _said(reply)
    if reply.status in _LIMITED:
        over = limits.error(httpx2.URL(reply.url))
        if over:
            return over
        wait_s = retry_after_s(reply)
        if wait_s is not None or "rate limit" in said.lower():
            soon = Unavailable(
                f"GitHub refuses so many requests at once: {said}",
                hint=f"ask again in {wait_s or 60:.0f} s",
            )
            return soon if wait_s is None else AgainError(soon, wait_s)
    error = refusal(reply, credential=limits.token)
    if reply.status == _UNWANTED and _UNKNOWN_COMMIT in said:
        error = NotFound(error.message)
    told = type(error)(
        f"{what}: {said}", hint=_hint(error, reply.status, token=limits.token)
    )
    return AgainError(told, retry_after_s(reply)) if reply.status in BUSY else told


def _hint(error: SickbayError, status: int, *, token: bool) -> str:
    if isinstance(error, Denied) and status == httpx2.codes.UNAUTHORIZED:
        return "it refused the token; a fresh one is `gh auth token`"
    if isinstance(error, (Denied, NotFound)) and not token:
        return f"if the repository is not public, {TOKEN_HINT}"
    if isinstance(error, Denied):
        return "the token may not do that; see its permissions"
    if isinstance(error, BadRequest) and status == _UNWANTED:
        return "it understood the request, and does not take it as it is"
    return error.hint


def _said(reply: Reply) -> str:
    """What GitHub says about it, on one line."""
    try:
        body = _REFUSAL(reply.body).value
    except Malformed:
        body = wire.Refusal()
    reason = httpx2.codes.get_reason_phrase(reply.status)
    parts = [body.message or f"{reply.status} {reason}".rstrip()]
    for error in body.errors:
        known = [error] if isinstance(error, str) else [error.message, error.field]
        parts.extend(filter(None, known))
    return " ".join(visible("; ".join(parts)).split())[:MAX_SAID]
