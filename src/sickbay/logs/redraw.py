r"""Lines that were drawn over: carriage returns, and cursors that went up.

Every line keeps its place. Of rows that were redrawn, each stands on the line that
wrote it last, and the lines that were drawn over are empty.
"""

from __future__ import annotations

from bisect import bisect_left

from sickbay.logs.escapes import moves, moves_in, moves_up, without_escapes
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
        odd = _odd(text)
        climbs = upwards and b"\x1b" in text
        if climbs and any(moves_up(text[start:stop]) for start, stop in odd):
            text = _redrawn(text)
        else:
            text = _spliced(text, odd)
    return without_escapes(text)


def _odd(text: bytes) -> list[tuple[int, int]]:
    """Where the lines are on which something goes back, moves or is erased."""
    found: list[tuple[int, int]] = []
    stop = -1
    for move in moves_in(text):
        if move > stop:  # not on the same line again
            stop = text.find(b"\n", move)
            stop = len(text) if stop < 0 else stop
            found.append((text.rfind(b"\n", 0, move) + 1, stop))
    return found


def _spliced(text: bytes, odd: list[tuple[int, int]]) -> bytes:
    """The text with those lines as a terminal shows them, each on its own."""
    parts: list[bytes] = []
    done = 0
    for start, stop in odd:
        parts += (text[done:start], shown(text[start:stop]))
        done = stop
    return b"".join((*parts, text[done:]))


def _redrawn(text: bytes) -> bytes:
    """The text with rows that were drawn over from below."""
    lines = text.split(b"\n")
    odd = [
        index
        for index, line in enumerate(lines)
        if b"\r" in line or b"\b" in line or moves(line)
    ]
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
    for index in odd:
        if index not in done:
            lines[index] = shown(lines[index])
    return b"\n".join(lines)


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
