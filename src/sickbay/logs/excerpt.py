"""Lines of a log as they are asked for: from one to another, or the last ones."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.logs.lines import MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sickbay.logs.stream import Block

_OVERHEAD = 50
"""Bytes of a line besides its text, about."""

CUT = "…"
"""Stands where a long line goes on."""


ROOM = 4 << 20
"""Bytes of lines that are kept."""


@dataclass(frozen=True, slots=True)
class Line:
    """One cleaned line, and its number in the raw log."""

    line_number: int
    text: str


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines as they were asked for.

    Args:
        lines: The first of them, as many as there is room for; of a tail the last.
        left_out: How many there was no room for.
    """

    lines: tuple[Line, ...]
    left_out: int = 0


def between(
    blocks: Iterable[Block], first: int, last: int, *, room: int = ROOM
) -> Excerpt:
    """The lines ``first..last``, both included, as many of them as there are.

    Args:
        blocks: The log, which is gone through to its end.
        first: Raw number.
        last: Raw number.
        room: Bytes of lines to keep.
    """
    lines: list[Line] = []
    left_out = 0
    for block in blocks:
        for line in _lines(block, first, last):
            if room > 0:
                lines.append(line)
                room -= len(line.text) + _OVERHEAD
            else:
                left_out += 1
    return Excerpt(tuple(lines), left_out)


def tail(blocks: Iterable[Block], count: int, *, room: int = ROOM) -> Excerpt:
    """The last lines of a log.

    Args:
        blocks: The log.
        count: How many.
        room: Bytes of the log to keep at most.
    """
    kept: deque[tuple[int, Block]] = deque()
    lines = size = total = 0
    for block in blocks:
        here = _count(block.text)
        kept.append((here, block))
        total, lines, size = total + here, lines + here, size + len(block.text)
        while len(kept) > 1 and (lines - kept[0][0] >= count or size > room):
            dropped, first = kept.popleft()
            lines, size = lines - dropped, size - len(first.text)
    taken = [
        line for _, block in kept for line in _lines(block, total - count + 1, total)
    ]
    return Excerpt(tuple(taken), min(count, total) - len(taken))


def shown(raw: bytes, limit: int = MAX_TEXT, at: int = 0) -> str:
    """One line as text; of a long one the part around a place, and marks of the cuts.

    Args:
        raw: The cleaned line.
        limit: Most bytes.
        at: Offset of what has to be seen.
    """
    if len(raw) <= limit:
        return raw.decode("utf-8", "replace")
    begin = 0 if at <= limit // 2 else min(at - limit // 4, len(raw) - limit)
    end = _boundary(raw, begin + limit)
    begin = _boundary(raw, begin) if begin else 0
    text = raw[begin:end].decode("utf-8", "replace")
    return f"{CUT if begin else ''}{text}{CUT if end < len(raw) else ''}"


def _boundary(raw: bytes, at: int) -> int:
    """The next offset at which no character is cut in two, where there is one."""
    for offset in range(at, min(at + 4, len(raw))):
        if raw[offset] & 0xC0 != 0x80:  # noqa: PLR2004 - what UTF-8 goes on with
            return offset
    return len(raw) if at + 4 > len(raw) else at


def _lines(block: Block, first: int, last: int) -> Iterator[Line]:
    if block.first > last:
        return
    texts = block.text.removesuffix(b"\n").split(b"\n")
    skip = max(first - block.first, 0)
    for number, raw in enumerate(
        texts[skip : max(last - block.first + 1, 0)], block.first + skip
    ):
        yield Line(number, shown(raw))


def _count(text: bytes) -> int:
    return text.count(b"\n") + (not text.endswith(b"\n"))
