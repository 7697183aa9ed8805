"""The pages about annotations, artifacts, and a build that was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.render.coverage import skipped
from sickbay.render.page import Quote, Table, block, line
from sickbay.render.words import amount, size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sickbay.render.page import Line, Part

    Document = Mapping[str, Any]

MOODS = {"error": "bold red", "warning": "bold yellow", "success": "bold green"}


def annotations_page(document: Document) -> Iterator[Part]:
    """What was written on the page of a build."""
    for found in document["annotations"]:
        yield block(_annotation(found))
    count = amount(len(document["annotations"]), "annotation")
    yield block([line(f"{count}.", mood="dim"), *skipped(document)])


def artifacts_page(document: Document) -> Iterator[Part]:
    """The files that jobs left behind."""
    rows = tuple(
        (found["path"], _size(found["bytes"]), found["state"] or "-")
        for found in document["artifacts"]
    )
    if rows:
        yield Table(("path", "size", "state"), rows)
    total = f"{amount(len(rows), 'artifact')}, {size(document['total_bytes'])}."
    yield block([line(total, mood="dim"), *skipped(document)])


def saved_page(document: Document) -> Iterator[Part]:
    """What was written into a folder."""
    yield block(_saved(document))


def _annotation(found: Document) -> Iterator[Line]:
    style = (found["style"] or "info").upper()
    mood = MOODS.get(found["style"] or "", "bold")
    yield line(style, " ", Quote(found["context"] or ""), mood=mood)
    for text in found["text"].split("\n"):
        yield line(Quote(text), level=1)
    if found["left_out"]:
        yield line(f"and {found['left_out']:,} more characters", level=1, mood="dim")


def _size(count: int | None) -> str:
    return "-" if count is None else size(count)


def _saved(document: Document) -> Iterator[Line]:
    files = f"{amount(document['files'], 'file')}, {size(document['bytes'])}, in "
    yield line(f"Saved {files}", Quote(document["folder"]))
    yield from skipped(document)
    yield line("Read it with SICKBAY_BUILDKITE__FOLDER=", Quote(document["folder"]))
