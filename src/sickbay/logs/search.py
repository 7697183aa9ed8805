"""Searching: the lines of a log that hold something, and the lines around them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sickbay.logs.excerpt import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.logs.needle import Needle
    from sickbay.logs.stream import Block

MAX_SHOWN = 500
"""Bytes of one line that a match shows."""

ROOM = 4 << 20
"""Bytes of matches that are kept of one log."""

_OVERHEAD = 100
"""Bytes of a match besides its lines, about."""


@dataclass(frozen=True, slots=True)
class Match:
    """One matching line.

    No line is shown twice: what follows one match does not come again before the
    next one.

    Args:
        line_number: In the raw log.
        text: The cleaned line; of a long one the part around the match.
        before: The lines right before it.
        after: The lines right after it, up to the next matching line.
    """

    line_number: int
    text: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The matching lines of one log.

    Args:
        count: How many there are.
        matches: The first of them, as many as there is room for.
        room: How much of it is left.
    """

    count: int
    matches: tuple[Match, ...]
    room: int = 0


def search(
    blocks: Iterable[Block],
    needle: Needle,
    *,
    context_lines: int = 0,
    room: int = ROOM,
) -> Found:
    """Count the matching lines of a log, and show the first of them.

    Args:
        blocks: The log.
        needle: What to look for.
        context_lines: How many lines before and after each match to show.
        room: Bytes of matches to keep; further ones are only counted.
    """
    collector = _Collector(context_lines, room)
    for block in blocks:
        _search_block(block, needle, collector)
    return Found(collector.count, collector.matches(), max(collector.room, 0))


def _search_block(block: Block, needle: Needle, collector: _Collector) -> None:
    text, number, done = block.text, block.first, 0
    for start, stop, at in needle.lines(text):
        if collector.full:
            collector.count += 1
            continue
        collector.pass_by(text, done, start)
        number += text.count(b"\n", done, start)
        collector.match(number, text[start:stop], at - start)
        number, done = number + 1, stop + 1
    if not collector.full:
        collector.pass_by(text, done, len(text))


@dataclass(slots=True)
class _Draft:
    line_number: int
    text: str
    before: tuple[str, ...]
    after: list[str] = field(default_factory=list)


class _Collector:
    """Keeps matches with their surroundings, as the log goes by."""

    def __init__(self, context_lines: int, room: int) -> None:
        self.count = 0
        self._context = context_lines
        self.room = room
        self._before: deque[str] = deque(maxlen=context_lines)
        self._drafts: list[_Draft] = []
        self._wanting = 0

    @property
    def full(self) -> bool:
        """Whether what is still to come is only counted."""
        return self.room <= 0 and not self._wanting

    def match(self, line_number: int, raw: bytes, at: int) -> None:
        """Take a matching line."""
        self.count += 1
        self._wanting = 0
        if self.room <= 0:
            return
        text, before = shown(raw, MAX_SHOWN, at), tuple(self._before)
        self._drafts.append(_Draft(line_number, text, before))
        self.room -= sum(map(len, before), len(text)) + _OVERHEAD
        self._before.clear()
        self._wanting = self._context

    def pass_by(self, text: bytes, start: int, stop: int) -> None:
        """Take the lines between two matches."""
        if not self._context:
            return
        while self._wanting and start < stop:
            end = text.find(b"\n", start)
            end = stop if end < 0 else end
            after = shown(text[start:end], MAX_SHOWN)
            self._drafts[-1].after.append(after)
            self.room -= len(after)
            self._wanting -= 1
            start = end + 1
        self._before.extend(_last(text, start, stop, self._context))

    def matches(self) -> tuple[Match, ...]:
        """What was kept."""
        return tuple(
            Match(draft.line_number, draft.text, draft.before, tuple(draft.after))
            for draft in self._drafts
        )


def _last(text: bytes, start: int, stop: int, count: int) -> list[str]:
    """The last lines between two offsets, each the start of a line or the end."""
    if start >= stop:
        return []
    begin = end = stop - text.endswith(b"\n", start, stop)
    for _ in range(count):
        begin = text.rfind(b"\n", start, begin)
        if begin < 0:
            begin = start - 1
            break
    return [shown(raw, MAX_SHOWN) for raw in text[begin + 1 : end].split(b"\n")]
