"""The page about a table that somebody asked for in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.render.cells import counted, table
from sickbay.render.page import block, line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sickbay.render.page import Line, Part

    Document = Mapping[str, Any]


def rows_page(document: Document) -> Iterator[Part]:
    """The page.

    Args:
        document: The result of ``query``.
    """
    if document["rows"]:
        yield table(document["columns"], document["rows"])
    yield block(_foot(document))


def _foot(document: Document) -> Iterator[Line]:
    yield from counted(document["rows"])
    for note in document["notes"]:
        yield line(note, mood="yellow")
