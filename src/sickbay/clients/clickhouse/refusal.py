"""What a ClickHouse refuses, in our own error tree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sickbay.clients import refusal as http
from sickbay.core.errors import (
    BadRequest,
    Denied,
    NotFound,
    SickbayError,
    TimedOut,
    TooLarge,
    Unavailable,
)
from sickbay.core.untrusted import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sickbay.clients.reply import Reply

MAX_SAID = 500

READ_ONLY = 164
"""ClickHouse's code for a setting that such a user may not choose."""

BUSY = frozenset({202, 203, 242, 252, 279, 999})
"""Of one that may answer when asked again: too much to do, or no majority."""

KINDS: Mapping[int, type[SickbayError]] = {
    60: NotFound,  # table
    81: NotFound,  # database
    158: TooLarge,
    159: TimedOut,
    160: TimedOut,
    READ_ONLY: Denied,
    192: Denied,  # user
    194: Denied,  # password
    241: TooLarge,
    307: TooLarge,
    396: TooLarge,
    497: Denied,
    516: Denied,
    **dict.fromkeys(BUSY, Unavailable),
}
"""What its codes mean; every other one is about the statement."""

_SAID = re.compile(
    r"Code: (\d+)\. DB::(?:\w+)?Exception: (.*?)(?: \(version [^)]*\)*)?\s*", re.DOTALL
)


class SettingsError(Exception):
    """This user may not choose limits; the server has its own."""


def refused(
    reply: Reply, *, credential: bool, hint: Callable[[type[SickbayError]], str]
) -> SickbayError:
    """The error that an answer stands for.

    Args:
        reply: It is no success.
        credential: Whether one was sent along.
        hint: What may help against a kind of error.

    Raises:
        SettingsError: This user may not choose settings.
    """
    found = _SAID.fullmatch(reply.body.decode(errors="replace"))
    if not found:
        return http.refusal(reply, credential=credential)
    code, said = int(found[1]), visible(found[2])[:MAX_SAID]
    if code == READ_ONLY and "setting" in said:
        raise SettingsError
    kind = KINDS.get(code, BadRequest)
    return kind(f"ClickHouse: {said}", hint=hint(kind))
