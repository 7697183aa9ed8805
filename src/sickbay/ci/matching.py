"""Matching: names and titles by a regular expression that a caller wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def matcher(pattern: str | None) -> Callable[[str], bool]:
    """Whether a text matches somewhere; without a pattern every text does.

    Args:
        pattern: RE2 syntax: however it is written, it takes no time to speak of.

    Raises:
        BadRequest: It is no regular expression.
    """
    if pattern is None:
        return lambda _: True
    from sickbay.logs.rules.expression import compiled  # noqa: PLC0415 - brings RE2

    found = compiled(pattern)
    return lambda text: bool(found.search(text.encode("utf-8", "replace")))
