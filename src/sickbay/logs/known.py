"""Which lines a passing log has, masked: the memory that a diff of logs needs.

A log of any size goes through block by block; of each different line, two hashes stay.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from sickbay.logs.masks import mask
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

Status = Literal["new", "changed", "more", "same"]
"""What the passing log says to a line: it has nothing like it; it has it with other
digits and signs; it has it, but less often; it has it."""

_ZEROS = str.maketrans("123456789", "000000000")
_ONLY_LETTERS = str.maketrans(
    "", "", "".join(char for char in map(chr, range(128)) if not char.isalpha())
)
_REMEMBERED = 200_000
_OPENING_WORDS = 2


class Known:
    """The masked lines of one passing log.

    When no digit is left in a masked line, its mask does not depend on which digits
    the line has; lines of one shape are then masked once.
    """

    def __init__(self) -> None:
        self._by_shape: dict[str, str | None] = {}
        self._counts: Counter[int] = Counter()
        self._skeletons: set[int] = set()
        self._openings: Counter[int] = Counter()

    def add(self, lines: Sequence[str]) -> None:
        """Take the next lines of the passing log."""
        for text, count in Counter(self._masked(lines)).items():
            value = hash(text)
            if value not in self._counts:
                self._skeletons.add(hash(text.translate(_ONLY_LETTERS)))
                self._openings[_opening(text)] += 1
            self._counts[value] += count

    def statuses(self, lines: Sequence[str], seen: Counter[int]) -> list[Status]:
        """The status of each of the next lines of the failing log.

        Args:
            lines: The lines.
            seen: How often each line came before; counted on.
        """
        return [self._status(text, seen) for text in self._masked(lines)]

    def routine(self, line: str) -> int:
        """How many different lines of the passing log begin with the same words."""
        return self._openings[_opening(mask(line))]

    def _status(self, text: str, seen: Counter[int]) -> Status:
        if not text or text == " ":
            return "same"
        value = hash(text)
        seen[value] += 1
        count = self._counts.get(value, 0)
        if count:
            return "more" if seen[value] > count else "same"
        known = hash(text.translate(_ONLY_LETTERS)) in self._skeletons
        return "changed" if known else "new"

    def _masked(self, lines: Sequence[str]) -> list[str]:
        if len(self._by_shape) > _REMEMBERED:
            self._by_shape.clear()
        shapes = "\n".join(lines).translate(_ZEROS).split("\n")
        known = self._by_shape
        missing = [index for index, shape in enumerate(shapes) if shape not in known]
        for index, text in zip(missing, _masks(lines, missing), strict=True):
            known[shapes[index]] = None if _DIGIT.search(text) else text
        found = [known[shape] for shape in shapes]
        open_ = [index for index, text in enumerate(found) if text is None]
        for index, text in zip(open_, _masks(lines, open_), strict=True):
            found[index] = text
        return [text or "" for text in found]


_DIGIT = Pattern(r"[0-9]")


def _masks(lines: Sequence[str], indices: Sequence[int]) -> list[str]:
    """The masks of some of the lines, all in one go."""
    if not indices:
        return []
    return mask("\n".join([lines[index] for index in indices])).split("\n")


def _opening(masked: str) -> int:
    return hash(tuple(masked.split(None, _OPENING_WORDS)[:_OPENING_WORDS]))
