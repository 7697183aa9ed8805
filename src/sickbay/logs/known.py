"""Which lines a passing log has, masked: the memory that a diff of logs needs.

Logs of any size go through block by block. What is masked of a line depends on where
its digits are, not on which they are. So one line of every shape is masked, and of the
others only the digits are looked up that a mask leaves standing.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate, chain
from operator import itemgetter
from typing import TYPE_CHECKING, Literal, NamedTuple

from sickbay.logs.lines import MAX_TEXT
from sickbay.logs.masks import mask
from sickbay.logs.signature import likeness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Status = Literal["new", "changed", "more", "same"]
"""What the passing log says to a line: it has nothing like it; it has it with other
digits and signs; it has it, but less often; it has it."""

MAX_DIFFERENT = 750_000
"""Different lines of the passing log that are remembered."""

_MAX_SHAPES = 125_000
_OPENING = 12
"""Letters at the start of a line that tell what it goes on about."""
_LOUD = 0.5
# A quick look, before the thorough one.
_SIGNS = (
    *("error", "exception", "fail", "fatal", "panic", "traceback", "cannot", "abort"),
    *("could n", "couldn", "unable", "undefined", "denied", "refused", "timeout"),
    *("not found", "timed out", "no such", "killed", "segmentation", "assert", "exit"),
    *("missing", "expected", "invalid", "violation", "\u2717", "\u2715", "\u00d7"),
)
_BLANK = 0
_ONE = ord("1")
_NINES = bytes.maketrans(b"012345678", b"999999999")
_DIGITS = b"0123456789"
_NO_DIGITS = bytes(sorted({*range(256)} - {*_DIGITS, *b"\n"}))
_ONLY_LETTERS = str.maketrans(
    "",
    "",
    "".join(
        char for char in map(chr, range(128)) if not char.isalpha() and char != "\n"
    ),
)
# The one digit that means more than that there is a digit.
_HEX, _HIDDEN = (b"0x", b"0X"), (b"\x01x", b"\x01X")


class _Shape(NamedTuple):
    """What all lines have in common whose digits are in the same places.

    ``picked`` gives the digits that a mask leaves, of all the digits of a line; the
    numbers are hashes of the mask, of its letters, and of the first of these.
    """

    masked: int
    picked: Callable[[bytes], object] | None
    letters: int
    opening: int
    loud: bool


class Known:
    """The masked lines of one passing log."""

    def __init__(self) -> None:
        self._shapes: dict[int, _Shape] = {}
        self._left: dict[int, int] = {}
        self._letters: set[int] = set()
        self._openings: dict[int, int] = {}
        self.forgotten = 0

    def add(self, lines: Sequence[bytes]) -> None:
        """Take the next lines of the passing log."""
        left = self._left
        keys, _ = self._read(lines, learn=True)
        for key in keys:
            if key in left:
                left[key] += 1
            elif len(left) < MAX_DIFFERENT:
                left[key] = 1
            else:
                self.forgotten += 1

    def compared(self, lines: Sequence[bytes]) -> tuple[list[Status], list[bool]]:
        """The status of each of the next lines of the failing log, and if it is loud.

        Every line that is the same uses up one of the passing log's.
        """
        left, letters = self._left, self._letters
        keys, shapes = self._read(lines)
        statuses: list[Status] = []
        for key, shape in zip(keys, shapes, strict=True):
            count = left.get(key)
            if count:
                left[key] = count - 1
                statuses.append("same")
            elif count is not None:
                statuses.append("more")
            elif shape.masked == _BLANK:
                statuses.append("same")
            else:
                statuses.append("changed" if shape.letters in letters else "new")
        return statuses, [shape.loud for shape in shapes]

    def routine(self, lines: Sequence[bytes]) -> list[int]:
        """For each line, how many different passing ones begin with the same words."""
        _, shapes = self._read(lines)
        return [self._openings.get(shape.opening, 0) for shape in shapes]

    def _read(
        self, lines: Sequence[bytes], *, learn: bool = False
    ) -> tuple[list[int], list[_Shape]]:
        """The hash of every line's mask, and the shape of the line."""
        if not lines:
            return [], []
        text = b"\n".join([line[:MAX_TEXT] for line in lines]).replace(b"\x01", b"")
        for told, hidden in zip(_HEX, _HIDDEN, strict=True):
            text = text.replace(told, hidden)
        outlines = text.translate(_NINES).split(b"\n")
        names = list(map(hash, outlines))
        known = self._shapes
        if len(known) > _MAX_SHAPES:
            known.clear()
        missing = {
            name: outline
            for name, outline in zip(names, outlines, strict=True)
            if name not in known
        }
        if missing:
            new = self._new(list(missing.values()), learn=learn)
            known.update(zip(missing, new, strict=True))
        shapes = [known[name] for name in names]
        digits = text.translate(None, _NO_DIGITS).split(b"\n")
        # By index: this is done for every line, and names take a third longer.
        keys = [
            shape[0] if shape[1] is None else hash((shape[0], shape[1](own)))
            for shape, own in zip(shapes, digits, strict=True)
        ]
        return keys, shapes

    def _new(self, outlines: Sequence[bytes], *, learn: bool) -> Iterator[_Shape]:
        """The shapes of outlines; those of the passing log are learned."""
        masked = _masked(outlines)
        letters = "\n".join(masked).translate(_ONLY_LETTERS).split("\n")
        if learn:
            self._learn(letters)
        picked, loud = _picked(outlines, masked), _loud(masked)
        for index, text in enumerate(masked):
            yield _Shape(
                hash(text) if text.strip() else _BLANK,
                picked.get(index),
                hash(letters[index]),
                hash(letters[index][:_OPENING]),
                index in loud,
            )

    def _learn(self, letters: Sequence[str]) -> None:
        if len(self._letters) < MAX_DIFFERENT:
            self._letters.update(map(hash, letters))
        for text in letters:
            opening = hash(text[:_OPENING])
            if opening in self._openings or len(self._openings) < MAX_DIFFERENT:
                self._openings[opening] = self._openings.get(opening, 0) + 1


def _masked(outlines: Sequence[bytes]) -> list[str]:
    """The masks of outlines, all in one go."""
    text = b"\n".join(outlines)
    for told, hidden in zip(_HEX, _HIDDEN, strict=True):
        text = text.replace(hidden, told)
    return mask(text.decode("utf-8", "replace")).split("\n")


def _loud(masked: Sequence[str]) -> set[int]:
    """Which lines look like failures."""
    text = "\n".join(masked).lower()
    signs = [sign for sign in _SIGNS if sign in text]
    return {
        index
        for index, line in enumerate(text.split("\n"))
        if any(sign in line for sign in signs) and likeness(masked[index]) >= _LOUD
    }


def _picked(
    outlines: Sequence[bytes], masked: Sequence[str]
) -> dict[int, Callable[[bytes], object]]:
    """For the outlines of which digits are left by the mask: what picks these.

    The digits are counted through, and each is made a digit of its own number; so those
    that are left tell which they are. Without 0, for ``0x`` is something else.
    """
    varying = [index for index, text in enumerate(masked) if "9" in text]
    if not varying:
        return {}
    own = [outlines[index] for index in varying]
    counts = [outline.count(b"9") for outline in own]
    limit, left = (
        1,
        [[0] * text.count("9") for text in map(masked.__getitem__, varying)],
    )
    while limit < max(counts):
        for places, digits in zip(left, _left(own, limit), strict=True):
            places[:] = [
                place + limit * (digit - _ONE)
                for place, digit in zip(places, digits, strict=True)
            ]
        limit *= 9
    starts = accumulate(counts, initial=0)
    return {
        index: _picker(*((place - start) % limit for place in places))
        for index, places, start in zip(varying, left, starts, strict=False)
    }


def _left(outlines: Sequence[bytes], step: int) -> list[bytes]:
    """The digits that the mask leaves, all digits numbered 1 to 9 in steps."""
    parts = b"\n".join(outlines).decode("latin-1").split("9")
    run = "".join(digit * step for digit in "123456789")
    digits = (run * (len(parts) // len(run) + 1))[: len(parts) - 1]
    text = "".join(chain.from_iterable(zip(parts, digits, strict=False))) + parts[-1]
    masked = "\n".join(_masked([text.encode("latin-1")]))
    return (
        masked.encode("utf-8", "replace")
        .translate(None, _NO_DIGITS + b"0")
        .split(b"\n")
    )


@lru_cache(maxsize=65536)
def _picker(*places: int) -> Callable[[bytes], object]:
    return itemgetter(*places)
