"""Which lines a passing log has, masked: the memory that a diff of logs needs.

A log of any size goes through block by block; of each different line, hashes stay.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Literal

from sickbay.logs.masks import mask

if TYPE_CHECKING:
    from collections.abc import Sequence

Status = Literal["new", "changed", "more", "same"]
"""What the passing log says to a line: it has nothing like it; it has it with other
digits and signs; it has it, but less often; it has it."""

_CUES = ("code ", "code=", "code: ", "status ", "rrno ", "rror ", "ignal ", "HTTP ")
# The bulk of what varies, in one pass without a call per match. What it leaves is
# masked properly, but only once for every different line.
_PLAIN_NUMBER = (
    r"(?<![0-9A-Za-z_.:+-])[0-9]"
    + "".join(f"(?<!{cue}[0-9])" for cue in _CUES)
    + r"(?:[0-9]*+(?:\.[0-9]++|(?::[0-9]{2}){1,2}(?:[.,][0-9]++)?)|[0-9]++)"
    r"(?:m?s|[kKMG]i?B)?(?![0-9A-Za-z_.:+-])(?! [A-Z][a-z])"
)
_ONLY_LETTERS = str.maketrans(
    "",
    "",
    "".join(
        char for char in map(chr, range(128)) if not char.isalpha() and char != "\n"
    ),
)
_REMEMBERED = 1_000_000
_OPENING = 12
"""Letters at the start of a line that tell what it goes on about."""


class Known:
    """The masked lines of one passing log."""

    def __init__(self) -> None:
        self._by_shape: dict[int, int] = {}
        self._counts: Counter[int] = Counter()
        self._skeletons: set[int] = set()
        self._openings: Counter[str] = Counter()

    def add(self, lines: Sequence[str]) -> None:
        """Take the next lines of the passing log."""
        for value, count in Counter(self._hashes(lines, learn=True)).items():
            self._counts[value] += count

    def statuses(self, lines: Sequence[str], seen: Counter[int]) -> list[Status]:
        """The status of each of the next lines of the failing log.

        Args:
            lines: The lines.
            seen: How often each line came before; counted on.
        """
        found: list[Status] = []
        for text, value in zip(lines, self._hashes(lines), strict=True):
            count = self._counts.get(value, 0)
            seen[value] += 1
            blank = not text or text.isspace()
            differs = not blank and seen[value] > count
            found.append(("more" if count else "new") if differs else "same")
        new = [index for index, status in enumerate(found) if status == "new"]
        skeletons = _skeletons(_masks([lines[index] for index in new]))
        for index, skeleton in zip(new, skeletons, strict=True):
            if hash(skeleton) in self._skeletons:
                found[index] = "changed"
        return found

    def routine(self, lines: Sequence[str]) -> list[int]:
        """For each line, how many different passing ones begin with the same words."""
        openings = (text[:_OPENING] for text in _skeletons(_masks(lines)))
        return [self._openings[opening] for opening in openings]

    def _hashes(self, lines: Sequence[str], *, learn: bool = False) -> list[int]:
        """The hash of every line's mask; of equal ones, the same."""
        if not lines:
            return []
        shapes = _folded("\n".join(lines)).split("\n")
        keys = list(map(hash, shapes))
        known = self._by_shape
        if len(known) > _REMEMBERED:
            known.clear()
        missing = dict(zip(keys, shapes, strict=True))
        for key in missing.keys() & known.keys():
            del missing[key]
        if missing:
            masked = _masks(list(missing.values()))
            known.update(zip(missing, map(hash, masked), strict=True))
            if learn:
                self._learn(masked)
        return [known[key] for key in keys]

    def _learn(self, masked: Sequence[str]) -> None:
        skeletons = _skeletons(masked)
        self._skeletons.update(map(hash, skeletons))
        self._openings.update(text[:_OPENING] for text in skeletons)


@cache
def _plain_number() -> re.Pattern[str]:
    return re.compile(_PLAIN_NUMBER)


def _folded(text: str) -> str:
    return _plain_number().sub("00", text)


def _masks(texts: Sequence[str]) -> list[str]:
    """The masks of lines, all in one go."""
    return mask("\n".join(texts)).split("\n") if texts else []


def _skeletons(texts: Sequence[str]) -> list[str]:
    """The letters of lines."""
    return "\n".join(texts).translate(_ONLY_LETTERS).split("\n") if texts else []
