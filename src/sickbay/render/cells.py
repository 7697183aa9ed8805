"""Rows of a database as a page shows them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sickbay.render.page import Table, line
from sickbay.render.words import amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.render.page import Line

ROWS = 200


def cell(value: object) -> str:
    """A value as text."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.6g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """The first rows."""
    return Table(tuple(columns), tuple(tuple(map(cell, row)) for row in rows[:ROWS]))


def counted(rows: Sequence[object]) -> Iterator[Line]:
    """How many rows there are, and how many of them the table does not show."""
    count = len(rows)
    if count > ROWS:
        yield line(f"and {count - ROWS:,} more rows; --format json has them all")
    yield line(f"{amount(count, 'row')}.", mood="dim")
