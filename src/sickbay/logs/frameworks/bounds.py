"""Holds what readers give to what they promise, whatever a log makes them say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sickbay.logs.frameworks.totals import first_of_each
from sickbay.logs.lines import MAX_TEXT
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from sickbay.logs.frameworks.results import Problem, Session, TestResult

_MOST = 10
"""Lines that a span may have."""

_UNPRINTABLE = Pattern("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff]+")


def bounded(session: Session, total: int) -> Session:
    """The session with its lines within the log, and each of its texts one line.

    Args:
        session: What a reader made of a log.
        total: How many lines the log has.
    """
    start, end = _within(session.line_start, session.line_end, total)
    return replace(
        session,
        line_start=start,
        line_end=end,
        failed=first_of_each(_result(result, total) for result in session.failed),
        problem=_problem(session.problem, total) if session.problem else None,
    )


def _result(result: TestResult, total: int) -> TestResult:
    line, _ = _within(result.line, result.line, total)
    return replace(
        result,
        test_id=_shown(result.test_id) or "?",
        message=_shown(result.message) or None,
        exception=_shown(result.exception) or None,
        line=line,
        span=_around(line, _span(*result.span, total)) if result.span else None,
    )


def _problem(problem: Problem, total: int) -> Problem:
    start, end = _span(problem.line_start, problem.line_end, total)
    return replace(
        problem,
        line_start=start,
        line_end=end,
        message=_shown(problem.message),
        exception=_shown(problem.exception) or None,
    )


def _around(line: int, span: tuple[int, int]) -> tuple[int, int]:
    """The span, made to hold the line that tells most."""
    first, last = min(span[0], line), max(span[1], line)
    if last - first < _MOST:
        return first, last
    return (line, line) if line > span[1] else (line, line + _MOST - 1)


def _span(first: int, last: int, total: int) -> tuple[int, int]:
    first, last = _within(first, last, total)
    return first, min(last, first + _MOST - 1)


def _within(first: int, last: int, total: int) -> tuple[int, int]:
    first = max(1, min(first, total))
    return first, max(first, min(last, total))


def _shown(text: str | None) -> str:
    """The text on one line, without what a terminal would act on."""
    if not text or (text.isprintable() and len(text) <= MAX_TEXT):
        return text or ""
    return _UNPRINTABLE.sub(" ", text)[:MAX_TEXT].strip()
