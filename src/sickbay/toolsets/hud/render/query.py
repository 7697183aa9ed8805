"""The pages about queries: what there is, and the table that one gives."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sickbay.render.cells import counted, table
from sickbay.render.coverage import skipped
from sickbay.render.page import block, line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sickbay.render.page import Line, Part

    Document = Mapping[str, Any]


def rows_page(document: Document) -> Iterator[Part]:
    """The table that a query, or a metric, gives.

    Args:
        document: The result of ``query`` or ``metrics``.
    """
    rows = document["rows"]
    if document.get("summary"):
        yield block([line(document["summary"], mood="bold")])
    if rows:
        yield table(document["columns"], rows)
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


def _group(group: str, queries: list[Document]) -> Iterator[Line]:
    yield line(group, mood="bold")
    for query in queries:
        yield line(f"{query['name']}: {query['purpose']}", level=1)
        if query["broken"]:
            yield line(f"broken: {query['broken']}", level=2, mood="yellow")


def _foot(document: Document) -> Iterator[Line]:
    yield from counted(document["rows"])
    for note in document["notes"]:
        yield line(note, mood="yellow")
    yield from skipped(document)
