"""How much was looked at, and what was not: the same on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.render.page import Line, Quote, line
from sickbay.render.words import amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Document = Mapping[str, Any]

SKIPPED = 5


def coverage(document: Document, noun: str) -> Iterator[Line]:
    """How much was looked at, and what was not."""
    looked = document["coverage"]
    total = looked["total"]
    known = looked["examined"] if total is None else total
    part = f"{looked['examined']:,} of " if looked["examined"] < known else ""
    yield line(f"Looked at {part}{amount(known, noun)}.", mood="dim")
    yield from skipped(document)


def skipped(document: Document) -> Iterator[Line]:
    """What was not looked at, and why."""
    left_out = document["coverage"]["skipped"]
    for item in left_out[:SKIPPED]:
        said = (Quote(item["what"]), " (", Quote(item["why"]), ")")
        yield line("Not looked at: ", *said, mood="yellow")
    if (more := len(left_out) - SKIPPED) > 0:
        yield line(f"Not looked at: {more:,} more.", mood="yellow")
