"""Chance that repeats: the same seed and place give the same draws."""

from __future__ import annotations

import random


def chance(*place: object) -> random.Random:
    """The draws of one place of one world."""
    return random.Random("/".join(map(str, place)))  # noqa: S311 - a world repeats
