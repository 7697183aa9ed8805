"""Whole numbers that others write, in header fields and texts."""

from __future__ import annotations

MAX_DIGITS = 15
"""Of a number that somebody means; more than 4,300 are an error in Python."""


def whole_number(text: str) -> int | None:
    """The number that is written there; None where there is none that makes sense."""
    written = text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS
    return int(text) if written else None
