"""The page about flaky tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.render.coverage import coverage
from sickbay.render.page import Quote, Table, block, line
from sickbay.render.words import amount
from sickbay.toolsets.history.render.step import next_step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sickbay.render.page import Line, Part

    Document = Mapping[str, Any]

ROWS = 40
DATE = len("2026-11-20")
_COLUMNS = ("test", "score", "90 %", "failed", "lost", "last failed", "variants")


def flaky_page(document: Document) -> Iterator[Part]:
    """The page.

    Args:
        document: The result of ``flaky_tests``.
    """
    flaky = document["flaky"]
    if flaky:
        yield Table(_COLUMNS, tuple(map(_row, flaky[:ROWS])), tails=True)
    yield block(_foot(document))


def _row(one: Document) -> tuple[str, ...]:
    rate = one["rate"]
    return (
        one["test_id"],
        f"{one['score']:.2f}",
        f"{one['low']:.2f} to {one['high']:.2f}",
        f"{rate['failed']} of {rate['of']}",
        _minutes(one["lost_minutes"]),
        (one["last_failed_at"] or "-")[:DATE],
        ", ".join(one["variants"]),
    )


def _minutes(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f} min"


def _foot(document: Document) -> Iterator[Line]:
    flaky = document["flaky"]
    if flaky:
        lost = document["lost_minutes"]
        cost = "" if lost is None else f", {_minutes(lost)} lost"
        yield line(f"{amount(len(flaky), 'flaky test')}{cost}.", mood="bold")
        if (more := len(flaky) - ROWS) > 0:
            yield line(f"{more:,} of them are not shown; --format json has them all")
    elif not document["notes"]:
        yield line("No test is flaky.", mood="bold green")
    for note in document["notes"]:
        yield line(Quote(note), mood="bold yellow")
    yield from coverage(document, "failing test")
    if flaky:
        yield next_step("test", flaky[0]["test_id"])
