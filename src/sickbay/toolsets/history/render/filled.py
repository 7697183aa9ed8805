"""The page about what went into the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.render.page import Quote, block, line
from sickbay.render.words import amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sickbay.render.page import Line, Part

    Document = Mapping[str, Any]

SHOWN = 8
"""Of what was skipped."""


def filled_page(document: Document) -> Iterator[Part]:
    """What went in, and what did not.

    Args:
        document: As a program gets it.
    """
    yield block(_head(document))
    if document["skipped"]:
        yield block(_skipped(document))


def _head(document: Document) -> Iterator[Line]:
    builds = amount(document["builds"], "build")
    into = ("Kept ", builds, " of ", Quote(document["pipeline"]))
    yield line(*into, mood="bold green" if document["builds"] else "bold")
    jobs, results = (
        amount(document["jobs"], "job"),
        amount(document["results"], "result"),
    )
    yield line(f"{jobs}, {results}, {document['failed']:,} of them failed", level=1)
    if document["read"]:
        yield line(f"from {amount(document['read'], 'file')}", level=1)
    if document["present"]:
        yield line(f"{amount(document['present'], 'build')} there already", level=1)
    if document["why"]:
        yield line("Ended early: ", Quote(document["why"]), level=1, mood="yellow")


def _skipped(document: Document) -> Iterator[Line]:
    skipped = document["skipped"]
    yield line("Left out:", mood="bold yellow")
    for one in skipped[:SHOWN]:
        yield line(Quote(one["what"]), ": ", Quote(one["why"]), level=1)
    if (more := len(skipped) - SHOWN) > 0:
        yield line(f"and {more:,} more", level=1)
