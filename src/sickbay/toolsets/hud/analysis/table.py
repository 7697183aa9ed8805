"""Rows of a database as a table, with what it cannot say as None."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = dict[str, Any]
Cells = tuple[tuple[Any, ...], ...]

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?Z?)?")
_EPOCH = re.compile(r"1970-01-01(?:[T ]00:00:00(?:\.0{1,9})?Z?)?")


def table(rows: Sequence[Row]) -> tuple[tuple[str, ...], Cells]:
    """Columns, in the order in which they turn up, and the cells of each row."""
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    return columns, cells([[row.get(name) for name in columns] for row in rows])


def cells(rows: Sequence[Sequence[Any]]) -> Cells:
    """The cells of rows that are all of one length.

    ClickHouse has no missing moments: it says 1970, or nothing at all.
    """
    moments = [_is_of_moments(column) for column in zip(*rows, strict=True)]
    return tuple(
        tuple(
            _moment(value) if moment else value
            for value, moment in zip(row, moments, strict=True)
        )
        for row in rows
    )


def _is_of_moments(values: Sequence[object]) -> bool:
    texts = [value for value in values if value is not None and value != ""]
    return bool(texts) and all(
        isinstance(text, str) and _MOMENT.fullmatch(text) for text in texts
    )


def _moment(value: str | None) -> str | None:
    """A moment without the digits that say nothing of the nine that are given."""
    if not value or _EPOCH.fullmatch(value):
        return None
    whole, point, rest = value.partition(".")
    digits = rest.rstrip("Z")
    zone = "Z" if rest.endswith("Z") else ""
    return f"{whole}{(point + digits.rstrip('0')).rstrip('.')}{zone}"
