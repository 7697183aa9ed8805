"""Long texts and loose numbers of the HUD as they stand in a row."""

from __future__ import annotations

LINE = 300
"""Characters of a line that a row shows; logs_read shows more of it."""


def brief(text: str) -> str:
    """The text, or its beginning."""
    return text if len(text) <= LINE else f"{text[:LINE]}…"


def number(found: int | str | None) -> int | None:
    """A number that the HUD gave: it has no other ids."""
    return None if found is None else int(found)
