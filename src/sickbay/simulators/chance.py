"""Chance that repeats: the same seed and place give the same draws."""

from __future__ import annotations

import random
import zlib


def chance(*place: object) -> random.Random:
    """The draws of one place of one world."""
    return random.Random("/".join(map(str, place)))  # noqa: S311 - a world repeats


def odds(*place: object) -> float:
    """One draw from 0 to 1, much quicker than all the draws of a place."""
    return zlib.crc32("/".join(map(str, place)).encode()) / 2**32
