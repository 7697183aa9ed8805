"""Loose numbers of the HUD as they stand in a row."""

from __future__ import annotations


def number(found: int | str | None) -> int | None:
    """A number that the HUD gave: it has no other ids."""
    return None if found is None else int(found)
