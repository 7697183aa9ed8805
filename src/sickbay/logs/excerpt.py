"""Lines of a log as they are asked for: from one to another, or the last ones."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.logs.lines import MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sickbay.logs.stream import Block

CUT = "…"
"""Stands where a long line goes on."""


@dataclass(frozen=True, slots=True)
class Line:
    """One cleaned line, and its number in the raw log."""

    line_number: int
    text: str


def between(blocks: Iterable[Block], first: int, last: int) -> Iterator[Line]:
    """The lines ``first..last``, both included, as many of them as there are."""
    for block in blocks:
        if block.first <= last:
            yield from _lines(block, first, last)


def tail(blocks: Iterable[Block], count: int) -> list[Line]:
    """The last lines of a log."""
    kept: deque[tuple[int, Block]] = deque()
    held = 0
    for block in blocks:
        size = _size(block.text)
        kept.append((size, block))
        held += size
        while held - kept[0][0] >= count:
            held -= kept.popleft()[0]
    if not kept:
        return []
    last = kept[-1][1].first + kept[-1][0] - 1
    return [line for _, block in kept for line in _lines(block, last - count + 1, last)]


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
    begin, end = _boundary(raw, begin), _boundary(raw, begin + limit)
    text = raw[begin:end].decode("utf-8", "replace")
    return f"{CUT if begin else ''}{text}{CUT if end < len(raw) else ''}"


def _boundary(raw: bytes, at: int) -> int:
    """The next offset at which no character is cut in two."""
    for offset in range(at, min(at + 4, len(raw))):
        if raw[offset] & 0xC0 != 0x80:  # noqa: PLR2004 - what UTF-8 goes on with
            return offset
    return min(at + 4, len(raw))


def _lines(block: Block, first: int, last: int) -> Iterator[Line]:
    if block.first > last:
        return
    texts = block.text.removesuffix(b"\n").split(b"\n")
    skip = max(first - block.first, 0)
    for number, raw in enumerate(
        texts[skip : max(last - block.first + 1, 0)], block.first + skip
    ):
        yield Line(number, shown(raw))


def _size(text: bytes) -> int:
    return text.count(b"\n") + (not text.endswith(b"\n"))
