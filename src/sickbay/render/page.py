"""A page for a person, as text for a terminal or as markdown for an issue."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate, chain
from typing import TYPE_CHECKING

from sickbay.render.markdown import fence, prose, span
from sickbay.render.plain import clipped, columns, printable, tail, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sickbay.render.plain import Paint

INDENT = 2
MIN_CELL = 6
READABLE = 40
"""Columns below which a text is not cut, if there are three times as many: names of
jobs begin alike."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What a stranger wrote: shown as such, never as markup."""

    text: str


Words = str | Quote


@dataclass(frozen=True, slots=True)
class Line:
    """One line: our words and those of strangers.

    Args:
        words: Put together as they are.
        level: How far it is indented.
        mood: Style of the line in a terminal: ``bold``, ``dim``, or a colour.
    """

    words: tuple[Words, ...]
    level: int = 0
    mood: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Some lines that belong together; markdown makes a list of the indented ones."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Something drawn for the terminal already, and the same without colours."""

    coloured: str
    plain: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of values.

    Attributes:
        tails: Whether the values of the first column differ at their ends.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = field(default=())
    tails: bool = False


Part = Block | Drawing | Table


def line(*words: Words, level: int = 0, mood: str = "") -> Line:
    """A line of these words; ``mood`` names styles with blanks between them."""
    return Line(words, level, tuple(mood.split()))


def block(lines: Iterable[Line]) -> Block:
    """Lines that belong together."""
    return Block(tuple(lines))


def text(parts: Iterable[Part], *, paint: Paint, width: int) -> str:
    """The page for a terminal: no line is wider, but for what was drawn before."""
    shown = (_text(part, paint, width) for part in parts)
    return "\n\n".join(part for part in shown if part) + "\n"


def markdown(parts: Iterable[Part]) -> str:
    """The page as markdown, ready for an issue or a comment."""
    return "\n\n".join(shown for part in parts if (shown := _markdown(part))) + "\n"


def _text(part: Part, paint: Paint, width: int) -> str:
    if isinstance(part, Drawing):
        return part.coloured
    if isinstance(part, Table):
        return "\n".join(_rows(part, paint, width))
    return "\n".join(chain.from_iterable(_row(row, paint, width) for row in part.lines))


def _row(row: Line, paint: Paint, width: int) -> Iterator[str]:
    said = "".join(w.text if isinstance(w, Quote) else w for w in row.words)
    indent = " " * INDENT * row.level
    more = indent + " " * INDENT
    first, *rest = wrapped(printable(said), width - len(more)) or [""]
    yield indent + paint(first, *row.mood)
    for words in rest:
        yield more + paint(words, *row.mood)


def _rows(table: Table, paint: Paint, width: int) -> Iterator[str]:
    rows = [tuple(printable(cell) for cell in row) for row in table.rows]
    widths = _widths([table.columns, *rows], width)
    yield paint(_laid_out(table.columns, widths), "bold")
    for row in rows:
        first = tail(row[0], widths[0]) if table.tails else row[0]
        yield _laid_out((first, *row[1:]), widths)
    if hidden := table.columns[len(widths) :]:
        said = f"no room for {', '.join(hidden)}: --format json has all"
        yield from (paint(words, "dim") for words in wrapped(said, width))


def _laid_out(cells: Sequence[str], widths: Sequence[int]) -> str:
    shown = [clipped(cell, room) for cell, room in zip(cells, widths, strict=False)]
    padded = [
        c + " " * (room - columns(c)) for c, room in zip(shown, widths, strict=False)
    ]
    return "  ".join(padded).rstrip()


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Of each column: what it needs, or less; the last ones go if they must."""
    by_column = list(zip(*rows, strict=True))
    readable = min(READABLE, width // 3)
    least = [min(_least(cells, readable), width) for cells in by_column]
    ends = accumulate(room + INDENT for room in least)
    count = max(sum(end - INDENT <= width for end in ends), 1)
    kept = [max(map(columns, cells)) for cells in by_column[:count]]
    while sum(kept) + INDENT * (count - 1) > width:
        spare = [has - needs for has, needs in zip(kept, least, strict=False)]
        kept[spare.index(max(spare))] -= 1
    return kept


def _least(cells: Sequence[str], readable: int) -> int:
    """Columns that a column cannot do without: a number is never cut."""
    head, *values = cells
    widest = max(map(columns, values), default=0)
    if not all(map(_is_number, values)):
        widest = min(widest, readable)
    return max(widest, min(columns(head), MIN_CELL))


def _is_number(value: str) -> bool:
    return value == "-" or value.lstrip("-").replace(".", "", 1).isdecimal()


def _markdown(part: Part) -> str:
    if isinstance(part, Drawing):
        return fence(part.plain)
    if isinstance(part, Table):
        head, *cells = [list(map(prose, row)) for row in (part.columns, *part.rows)]
        rows = [head, ["---"] * len(head), *cells]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return "\n".join(_items(part.lines)).strip("\n")


def _items(lines: Iterable[Line]) -> Iterator[str]:
    """Lines as paragraphs, and the indented ones below each as a list."""
    before = 0
    for row in lines:
        if not (row.level and before):
            yield ""
        before = row.level
        yield _item(row)


def _item(row: Line) -> str:
    said = "".join(
        span(w.text) if isinstance(w, Quote) else prose(w) for w in row.words
    )
    if row.level:
        return f"{' ' * INDENT * (row.level - 1)}- {said}"
    return f"**{said.strip()}**" if "bold" in row.mood else said
