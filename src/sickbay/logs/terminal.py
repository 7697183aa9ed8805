r"""What a terminal shows of a text that moves its cursor.

``Screen`` is a window of fixed height and unlimited width: it scrolls, but never wraps.
``shown`` answers for one line, where almost all carriage returns of CI logs are: there
the last text wins, and what it hides need not be drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.escapes import (
    moves_sideways,
    tokens,
    weightless_dropped,
    without_escapes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

HEIGHT = 100
"""Rows of the window: how far up a cursor can reach."""

MAX_COLUMN = 4096
"""How far past the end of a row a cursor may be sent, and the longest row whose text
is shifted: a hostile line would take hours otherwise."""

_WIPES = (
    b"\r\x1b[K",
    b"\r\x1b[0K",
    b"\r\x1b[2K",
    b"\x1b[2K\r",
    b"\x1b[1G\x1b[K",
    b"\x1b[1G\x1b[0K",
    b"\x1b[0G\x1b[K",
    b"\x1b[2K\x1b[1G",
)


def shown(line: bytes) -> bytes:
    """What one line looks like on a terminal after its last byte.

    Moves to other rows are ignored.
    """
    line = line.rstrip(b"\r")
    if not moves_sideways(line):
        return without_escapes(line)
    if b"\x1b" in line:
        line = line[max(_wiped_up_to(line, wipe) for wipe in _WIPES) :]
    elif b"\b" not in line and line.isascii():
        parts = line.replace(b"\x07", b"").split(b"\r")
        if len(parts[-1]) == max(map(len, parts)):  # it hides all others
            return parts[-1]
    text = _decoded(weightless_dropped(line))
    overlaid = _overlaid(text)
    seen = _drawn(text) if overlaid is None else overlaid
    return seen.encode("utf-8", "surrogateescape")


def _wiped_up_to(line: bytes, wipe: bytes) -> int:
    at = line.rfind(wipe)
    return at + len(wipe) if at >= 0 else 0


def _overlaid(text: str) -> str | None:
    """Texts between carriage returns, the last on top; ``None`` if more moves."""
    pieces: list[str] = []
    width = 0
    for part in reversed(text.split("\r")):
        body, erases, rest = part.partition("\x1b[K")
        if not body:
            body, rest = rest, ""
        if rest or "\x1b" in body or "\b" in body:
            return None
        if len(body) > width:
            pieces.append(body[width:])
            width = len(body)
        if erases:
            break
    return "".join(pieces)


def _drawn(text: str) -> str:
    screen = Screen(rows=False)
    screen.feed(text)
    return "".join(screen.rows[0])


def _decoded(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape")


def render(text: str) -> list[str]:
    """The rows that a terminal shows of a text, from its first row to its last."""
    screen = Screen(clears=True)
    screen.feed(text)
    rows = ["".join(row) for row in screen.rows]
    while rows and not rows[-1]:
        rows.pop()
    return rows


class Screen:
    """Rows of characters, a cursor, and which line wrote each row last.

    Args:
        rows: Whether moves to other rows are followed.
        clears: Whether clearing the whole screen is followed; a log is worth more with
            what was cleared.
    """

    __slots__ = ("_clears", "_follows", "_saved", "_top", "rows", "wrote", "x", "y")

    def __init__(self, *, rows: bool = True, clears: bool = False) -> None:
        self.rows: list[list[str]] = [[]]
        self.wrote: list[int] = [0]
        self.x = 0
        self.y = 0
        self._top = 0
        self._saved: tuple[int, int] | None = None
        self._follows = rows
        self._clears = clears

    @property
    def on_new_row(self) -> bool:
        """Whether the cursor is on the last row, and nothing is written there."""
        return self.y == len(self.rows) - 1 and not self.rows[self.y]

    def feed(self, text: str, number: int = 0) -> None:
        """Draw a text that comes from the given line."""
        for token in tokens().finditer(text):
            kind = token.lastgroup
            if kind == "text":
                self._write(token[0], number)
            elif kind == "control":
                self._control(token[0], number)
            elif kind == "final":
                self._sequence(token["final"], token["args"], number)
            elif kind == "single":
                self._single(token["single"])

    def line_feed(self, number: int = 0) -> None:
        """Go to the start of the next row."""
        self.x = 0
        self._to_row(self.y + 1, number)
        self._top = max(self._top, self.y - HEIGHT + 1)

    def _to_row(self, y: int, number: int) -> None:
        while len(self.rows) <= y:
            self.rows.append([])
            self.wrote.append(number)
        self.y = y

    def _write(self, text: str, number: int) -> None:
        row = self.rows[self.y]
        if self.x > len(row):
            row.extend(" " * (self.x - len(row)))
        end = self.x + len(text)
        row[self.x : end] = text
        self.x = end
        self.wrote[self.y] = number

    def _control(self, control: str, number: int) -> None:
        if control == "\r":
            self.x = 0
        elif control == "\n":
            self.line_feed(number)
        else:
            self.x = max(self.x - len(control), 0)

    def _single(self, final: str) -> None:
        if final == "7":
            self._saved = self.x, self.y
        elif final == "8":
            self._restore()
        elif final == "M" and self._follows:
            self.y = max(self.y - 1, self._top)

    def _restore(self) -> None:
        if self._saved:
            self.x, y = self._saved
            self.y = max(y, self._top)

    def _sequence(self, final: str, args: str, number: int) -> None:
        if final in "ABEF":
            self._vertical(final, _count(args), number)
        elif final in "CaDG`":
            self._horizontal(final, _count(args))
        elif final == "K":
            self._erase_in_row(args, number)
        elif final in "@PX":
            self._shift(final, _count(args), number)
        elif final == "J":
            self._erase_rows(args, number)
        elif final == "H" and self._clears:
            self._home(args, number)
        elif final == "s":
            self._saved = self.x, self.y
        elif final == "u":
            self._restore()

    def _vertical(self, final: str, count: int, number: int) -> None:
        if not self._follows:
            return
        if final in "EF":
            self.x = 0
        if final in "AF":
            self.y = max(self.y - count, self._top)
        else:
            self._to_row(min(self.y + count, self._top + HEIGHT - 1), number)

    def _horizontal(self, final: str, count: int) -> None:
        if final == "D":
            self.x = max(self.x - count, 0)
            return
        wanted = self.x + count if final in "Ca" else count - 1
        self.x = min(wanted, max(MAX_COLUMN, len(self.rows[self.y])))

    def _home(self, args: str, number: int) -> None:
        row, _, column = args.partition(";")
        self._to_row(self._top + min(_count(row), HEIGHT) - 1, number)
        self._horizontal("G", _count(column))

    def _erase_in_row(self, args: str, number: int) -> None:
        row = self.rows[self.y]
        if args == "1":
            end = min(self.x + 1, len(row))
            if end <= MAX_COLUMN:
                row[:end] = " " * end
        elif args == "2":
            row.clear()
        else:
            del row[self.x :]
        self.wrote[self.y] = number

    def _shift(self, final: str, count: int, number: int) -> None:
        row = self.rows[self.y]
        if len(row) > MAX_COLUMN:
            return
        count = min(count, MAX_COLUMN)
        if final == "P":
            del row[self.x : self.x + count]
        elif final == "@":
            row[self.x : self.x] = " " * count if self.x < len(row) else ""
            del row[MAX_COLUMN:]
        else:
            end = min(self.x + count, len(row))
            row[self.x : end] = " " * max(end - self.x, 0)
        self.wrote[self.y] = number

    def _erase_rows(self, args: str, number: int) -> None:
        for row in self._erased_rows(args):
            row.clear()
        if args in {"", "0", "1"}:
            self._erase_in_row(args, number)

    def _erased_rows(self, args: str) -> Iterator[list[str]]:
        if args in {"", "0"}:
            yield from self.rows[self.y + 1 :]
        elif args == "1":
            yield from self.rows[self._top : self.y]
        elif self._clears:
            yield from self.rows[self._top :]


def _count(args: str) -> int:
    """The first parameter of a sequence, at least one; nonsense counts as one."""
    digits = args.partition(";")[0]
    return max(int(digits), 1) if digits.isdecimal() and len(digits) < 6 else 1  # noqa: PLR2004 - no screen has 100,000 rows
