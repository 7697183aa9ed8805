"""The pages about queries: what there is, and the table that one gives."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sickbay.render.coverage import skipped
from sickbay.render.page import Table, block, line
from sickbay.render.words import amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sickbay.render.page import Line, Part

    Document = Mapping[str, Any]

ROWS = 200


def rows_page(document: Document) -> Iterator[Part]:
    """The table that a query, or a metric, gives.

    Args:
        document: The result of ``query`` or ``metrics``.
    """
    rows = document["rows"]
    if document.get("summary"):
        yield block([line(document["summary"], mood="bold")])
    if rows:
        cells = (tuple(map(cell, row)) for row in rows[:ROWS])
        yield Table(tuple(document["columns"]), tuple(cells))
    yield block(_foot(document))


def queries_page(document: Document) -> Iterator[Part]:
    """The queries that there are, or all about one.

    Args:
        document: The result of ``queries``.
    """
    by_group: defaultdict[str, list[Document]] = defaultdict(list)
    for query in document["queries"]:
        by_group[query["group"]].append(query)
    for group in sorted(by_group):
        yield block(_group(group, by_group[group]))
    if not by_group:
        yield block([line("No query is like that.", mood="yellow")])
    yield block([line("Next: sickbay hud query NAME -p PARAMETER=VALUE", mood="bold")])


def cell(value: object) -> str:
    """A value of a table as text."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.6g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _group(group: str, queries: list[Document]) -> Iterator[Line]:
    yield line(group, mood="bold")
    for query in queries:
        yield line(f"{query['name']}: {query['purpose']}", level=1)
        if query["broken"]:
            yield line(f"broken: {query['broken']}", level=2, mood="yellow")


def _foot(document: Document) -> Iterator[Line]:
    count = len(document["rows"])
    if count > ROWS:
        yield line(f"and {count - ROWS:,} more rows; --format json has them all")
    yield line(f"{amount(count, 'row')}.", mood="dim")
    for note in document["notes"]:
        yield line(note, mood="yellow")
    yield from skipped(document)
