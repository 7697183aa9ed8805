r"""Lines that were drawn over: carriage returns, and cursors that went up.

Every line keeps its place. Of rows that were redrawn, each stands on the line that
wrote it last, and the lines that were drawn over are empty.
"""

from __future__ import annotations

from bisect import bisect_left

from sickbay.logs.escapes import moves, moves_up, without_escapes
from sickbay.logs.terminal import HEIGHT, Screen, shown

_LONG = 1 << 16
"""Bytes of a line that is no row of a progress display any more."""


def resolved(text: bytes, *, upwards: bool) -> bytes:
    """The text as a terminal shows it, line for line.

    A cursor that goes up reaches ``HEIGHT`` rows back and never past the start of the
    text: where a log is cut into blocks, a display that spans the cut starts afresh.

    Args:
        text: Whole lines.
        upwards: Whether cursors go up; they cannot where the runner cut the stream
            into lines itself and broke lines at carriage returns.
    """
    if b"\r" in text or b"\b" in text or moves(text):
        lines = text.split(b"\n")
        moving = b"\x1b" in text
        odd = [
            index
            for index, line in enumerate(lines)
            if b"\r" in line or b"\b" in line or (moving and moves(line))
        ]
        done = _redraw(lines, odd) if upwards and moving else set()
        for index in odd:
            if index not in done:
                lines[index] = shown(lines[index])
        text = b"\n".join(lines)
    return without_escapes(text)


def _redraw(lines: list[bytes], odd: list[int]) -> set[int]:
    """Resolve the displays among the lines in place; say which lines they cover."""
    ups = [
        index for index in odd if len(lines[index]) < _LONG and moves_up(lines[index])
    ]
    done: set[int] = set()
    end = 0
    for up in ups:
        if up >= end:
            first = _reach(lines, up, end)
            end = _display(lines, first, ups)
            done.update(range(first, end))
    return done


def _reach(lines: list[bytes], up: int, floor: int) -> int:
    first = up
    while first > max(floor, up - HEIGHT) and len(lines[first - 1]) < _LONG:
        first -= 1
    return first


def _display(lines: list[bytes], first: int, ups: list[int]) -> int:
    """Draw from line ``first`` until nothing is drawn over any more."""
    screen = Screen()
    index = first
    upcoming = bisect_left(ups, first)
    while index < len(lines):
        while upcoming < len(ups) and ups[upcoming] < index:
            upcoming += 1
        near = upcoming < len(ups) and ups[upcoming] - index <= HEIGHT
        passed = upcoming > 0 and ups[upcoming - 1] >= first
        if len(lines[index]) >= _LONG or (passed and not near and screen.on_new_row):
            break
        screen.feed(lines[index].decode("utf-8", "surrogateescape"), index)
        index += 1
        screen.line_feed(index)
    _place(lines, first, index, screen)
    return index


def _place(lines: list[bytes], first: int, end: int, screen: Screen) -> None:
    """Put every row that is not empty on the line that wrote it last."""
    for index in range(first, end):
        lines[index] = b""
    place = end
    for row, wrote in zip(reversed(screen.rows), reversed(screen.wrote), strict=True):
        text = "".join(row).encode("utf-8", "surrogateescape")
        if text:
            place = max(min(wrote, place - 1), first)
            rest = lines[place]
            lines[place] = text + b" " + rest if rest else text
