"""Where a listing goes on: an opaque word that fits the same question only."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

from sickbay.core.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSION = 1
_HINT = "ask again without cursor, and take next_cursor from that answer"


def cursor(offset: int, *, question: str) -> str:
    """The word that stands for an offset into the answer of one question."""
    packed = json.dumps([_VERSION, offset, question], separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def offset_of(word: str, *, question: str) -> int:
    """The offset that a cursor stands for.

    Raises:
        BadRequest: It is none of ours, or belongs to another question.
    """
    try:
        padded = word.encode("ascii") + b"=" * (-len(word) % 4)
        version, offset, asked = json.loads(
            base64.b64decode(padded, b"-_", validate=True)
        )
    except (ValueError, TypeError, RecursionError):
        raise BadRequest("argument cursor: not a cursor of ours", hint=_HINT) from None
    if version != _VERSION or type(offset) is not int or offset < 0:
        raise BadRequest("argument cursor: not a cursor of ours", hint=_HINT)
    if asked != question:
        why = "argument cursor: it belongs to a call with other arguments"
        raise BadRequest(why, hint=_HINT)
    return offset


def question_of(tool: str, arguments: Mapping[str, Any]) -> str:
    """A short name for a call, the same for the same arguments."""
    said = json.dumps([tool, arguments], sort_keys=True, default=str)
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:12]
