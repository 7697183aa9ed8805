"""Stretches of a log: from a line that begins one to the line that ends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sickbay.logs.excerpt import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.logs.needle import Needle
    from sickbay.logs.stream import Block

MAX_SHOWN = 500
"""Bytes of one line that a stretch shows."""

ROOM = 4 << 20
"""Bytes of stretches that are kept of one log."""

_OVERHEAD = 100
"""Bytes of a stretch besides its lines, about."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines from one that matches the beginning to one that matches the end.

    Args:
        line_start: Raw number of its first line.
        line_end: Raw number of its last line.
        lines: Its first lines.
        left_out: How many lines are missing in ``lines``, at the end of it.
        ended: Whether its end was found; else the log ends first.
    """

    line_start: int
    line_end: int
    lines: tuple[str, ...] = ()
    left_out: int = 0
    ended: bool = True


@dataclass(frozen=True, slots=True)
class Stretches:
    """The stretches of one log.

    Args:
        count: How many there are.
        stretches: The first of them, as many as there is room for.
    """

    count: int
    stretches: tuple[Stretch, ...]


def stretches(
    blocks: Iterable[Block],
    start: Needle,
    end: Needle | None = None,
    *,
    max_lines: int = 100,
    room: int = ROOM,
) -> Stretches:
    """Cut out every stretch from a line that matches to one that ends it.

    Args:
        blocks: The log.
        start: Begins a stretch, unless one is open.
        end: Ends it, on a later line; without, the line before the next beginning does.
        max_lines: Of one stretch that are shown.
        room: Bytes of stretches to keep; further ones are only counted.
    """
    cutter = _Cutter(start, end, max_lines, room)
    for block in blocks:
        cutter.take(block)
    return cutter.finish()


@dataclass(slots=True)
class _Open:
    line_start: int
    most: int
    lines: list[str] = field(default_factory=list)

    def take(self, text: bytes, start: int, stop: int) -> int:
        """Add the lines between two offsets; how many they are."""
        count = text.count(b"\n", start, stop) + (not text.endswith(b"\n", start, stop))
        while start < stop and len(self.lines) < self.most:
            end = text.find(b"\n", start, stop)
            end = stop if end < 0 else end
            self.lines.append(shown(text[start:end], MAX_SHOWN))
            start = end + 1
        return count


class _Cutter:
    """Cuts a log into stretches as it goes by."""

    def __init__(
        self, start: Needle, end: Needle | None, max_lines: int, room: int
    ) -> None:
        self._start = start
        self._end = end
        self._max_lines = max_lines
        self._room = room
        self._open: _Open | None = None
        self._number = 1
        self._count = 0
        self._kept: list[Stretch] = []

    def take(self, block: Block) -> None:
        """Take the next lines."""
        text, at = block.text, 0
        self._number = block.first
        while at < len(text):
            at = self._inside(text, at) if self._open else self._outside(text, at)

    def _outside(self, text: bytes, at: int) -> int:
        """Skip to the next beginning; the offset after it."""
        found = next(self._start.lines(text, at), None)
        if found is None:
            return len(text)
        start, stop, _ = found
        self._number += text.count(b"\n", at, start)
        return self._begin(text, start, stop)

    def _begin(self, text: bytes, start: int, stop: int) -> int:
        most = self._max_lines if self._room > 0 else 0
        self._open = _Open(self._number, most)
        self._number += self._open.take(text, start, stop + 1)
        return stop + 1

    def _inside(self, text: bytes, at: int) -> int:
        """Add lines up to the end, or all of them; the offset after them."""
        open_, ends = self._open, self._end or self._start
        found = next(ends.lines(text, at), None)
        start, stop, _ = found or (len(text), len(text), 0)
        last = stop + 1 if self._end else start
        if open_ and at < min(last, len(text)):
            self._number += open_.take(text, at, min(last, len(text)))
        if found is None:
            return len(text)
        self._close(ended=True)
        return last if self._end else self._begin(text, start, stop)

    def _close(self, *, ended: bool) -> None:
        open_, self._open = self._open, None
        if open_ and self._room > 0:
            line_end = self._number - 1
            size = line_end - open_.line_start + 1
            left_out = size - len(open_.lines)
            lines = tuple(open_.lines)
            self._room -= sum(map(len, lines), _OVERHEAD)
            self._kept.append(
                Stretch(open_.line_start, line_end, lines, left_out, ended)
            )
        self._count += 1

    def finish(self) -> Stretches:
        """What was cut out, once the whole log was taken."""
        if self._open:
            self._close(ended=self._end is None)
        return Stretches(self._count, tuple(self._kept))
