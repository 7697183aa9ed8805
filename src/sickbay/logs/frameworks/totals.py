"""What readers share: a closing line's numbers, results without doubles, spans."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sickbay.logs.frameworks.results import TestResult
    from sickbay.logs.lines import Lines

_BEFORE = Pattern(r"(\d{1,9}) ([a-z]+)")
_AFTER = Pattern(r"([A-Z][A-Za-z ]{0,60}): (\d{1,9})")

_MOST = 10
"""Lines that a span may have."""


def numbers(text: str) -> dict[str, int]:
    """The counts of a line such as ``2 tests, 1 failure``, by their words.

    A plural's ``s`` is taken off, so that one key fits both.
    """
    return {
        match[2].removesuffix("s"): int(match[1]) for match in _BEFORE.finditer(text)
    }


def labelled(text: str) -> dict[str, int]:
    """The counts of a line such as ``Tests: 2, Failures: 1``, by their labels."""
    return {match[1]: int(match[2]) for match in _AFTER.finditer(text)}


def span(first: int, last: int) -> tuple[int, int]:
    """The lines ``first..last``, cut to as many as a person would point at."""
    return first, max(first, min(last, first + _MOST - 1))


def below(lines: Lines, number: int, count: int) -> Iterator[str]:
    """Texts of up to ``count`` lines right after ``number``, up to a gap.

    One by one: most readers stop long before the last of them.
    """
    for at in range(number + 1, number + 1 + count):
        text = lines.text(at)
        if text is None:
            return
        yield text


def first_of_each(results: Iterable[TestResult]) -> tuple[TestResult, ...]:
    """One result per test: a test may fail twice in one run, as in its tear-down."""
    found: dict[str, TestResult] = {}
    for result in results:
        found.setdefault(result.test_id, result)
    return tuple(found.values())


def distinct(results: Iterable[TestResult]) -> tuple[TestResult, ...]:
    """One result per test, the first of each.

    A test that is there several times was run several times: what became of it each
    time is kept as its attempts.
    """
    found: dict[str, list[TestResult]] = {}
    for result in results:
        found.setdefault(result.test_id, []).append(result)
    return tuple(_joined(same) for same in found.values())


def _joined(same: list[TestResult]) -> TestResult:
    if len(same) == 1:
        return same[0]
    attempts = (result.attempts or (result.outcome,) for result in same)
    return replace(same[0], attempts=tuple(one for some in attempts for one in some))
