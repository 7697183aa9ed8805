"""Whether two readers of one log point at the same failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.logs.report import Report

_SHORT = 8
"""Characters below which a text is in too many others to mean anything."""


def agreement(
    report: Report,
    *,
    lines: Iterable[str],
    numbers: Iterable[int],
    captures: Iterable[str],
) -> bool | None:
    """Whether a stored classification points at something that our report names.

    It does when its line lies in one of our causes, says the same as one, or when it
    captured a test that we say failed.

    Args:
        report: Ours.
        lines: Theirs, best first.
        numbers: Of the lines, from 1.
        captures: What is special about the lines.

    Returns:
        None where they have no line.
    """
    texts = [" ".join(line.split()) for line in lines if line.strip()]
    if not texts:
        return None
    if any(_inside(report, number) for number in numbers):
        return True
    ours = {
        " ".join(line.split())
        for cause in report.causes
        for line in cause.text.split("\n")
    }
    return any(map(ours.__contains__, texts)) or _same_test(report, captures)


def _inside(report: Report, number: int) -> bool:
    return any(cause.line_start <= number <= cause.line_end for cause in report.causes)


def _same_test(report: Report, captures: Iterable[str]) -> bool:
    named = [text for text in captures if len(text) >= _SHORT]
    return any(
        text in test.test_id or test.test_id in text
        for text in named
        for test in report.tests.failed
    )
