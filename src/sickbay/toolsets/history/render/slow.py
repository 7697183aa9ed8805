"""The page about tests that became slower."""

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
UNTIMED = "No test was timed here: JUnit files and verbose logs have times."
_COLUMNS = ("test", "before", "now", "ratio", "since", "lost", "variant")


def slow_page(document: Document) -> Iterator[Part]:
    """The page.

    Args:
        document: The result of ``slow_tests``.
    """
    slow = document["slow_tests"]
    if slow:
        yield Table(_COLUMNS, tuple(map(_row, slow[:ROWS])), tails=True)
    yield block(_foot(document))


def _row(one: Document) -> tuple[str, ...]:
    return (
        one["test_id"],
        _seconds(one["before_s"]),
        _seconds(one["after_s"]),
        f"{one['ratio']:.1f} x",
        f"build {one['since']['build_number']}",
        _seconds(one["cost_s"]),
        one["variant"],
    )


def _seconds(value: float) -> str:
    return f"{value:.3g} s" if value < 100 else f"{value:,.0f} s"  # noqa: PLR2004 - three digits


def _foot(document: Document) -> Iterator[Line]:
    slow = document["slow_tests"]
    if slow:
        tests = amount(len(slow), "test")
        lost = _seconds(document["cost_s"])
        verb = "takes" if len(slow) == 1 else "take"
        yield line(f"{tests} {verb} longer: {lost} more in every build.", mood="bold")
        if (more := len(slow) - ROWS) > 0:
            yield line(f"{more:,} of them are not shown; --format json has them all")
    elif document["coverage"]["examined"]:
        yield line("No test became slower for good.", mood="bold green")
    else:
        yield line(UNTIMED, mood="bold yellow")
    for note in document["notes"]:
        yield line(Quote(note))
    yield from coverage(document, "test")
    if slow:
        yield next_step("test", slow[0]["test_id"])
