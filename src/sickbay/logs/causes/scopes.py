"""Which stretches of a log belong to commands that failed."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.logs.causes.filler import is_blank, is_wrapper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.log import Log

MAX_SCOPES = 12
"""Failing commands looked at; the first and the last ones count."""

MAX_QUOTED = 400
"""Lines of a quoted script that the CI repeats when it reports its exit status."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The output of one command.

    Args:
        first: Its first line, after the line that shows the command.
        last: Its last line that says something itself, before the outer tools' words.
        end: The line that reports its exit status, or the line after the last.
        failed: Whether it is known to have failed.
    """

    first: int
    last: int
    end: int
    failed: bool


def scopes(log: Log) -> tuple[Scope, ...]:
    """The failed commands in log order; the whole log when none is known."""
    ends = _edges(log.marks.at("cause.exit"))
    found = [_scope(log, end) for end in ends]
    found = [scope for scope in found if scope.first <= scope.last]
    return tuple(found) or (_rest(log),)


def _edges(numbers: Sequence[int]) -> Sequence[int]:
    half = MAX_SCOPES // 2
    if len(numbers) <= MAX_SCOPES:
        return numbers
    return [*numbers[:half], *numbers[-half:]]


def _scope(log: Log, end: int) -> Scope:
    stop = _before_quote(log, end)
    first = _begin(log, stop)
    return Scope(first, _last_word(log, first, stop - 1), stop, failed=True)


def _rest(log: Log) -> Scope:
    """From the last command that passed to the end of the log."""
    closing = log.marks.at("cause.end")
    end = closing[-1] if closing else log.lines.total + 1
    passed = log.marks.between("cause.passed", 1, end)
    first = passed[-1] + 1 if passed else 1
    if _last_word(log, first, end - 1) <= first:
        first = 1
    return Scope(first, _last_word(log, first, end - 1), end, failed=False)


def _before_quote(log: Log, end: int) -> int:
    """The first line of the report that ends at ``end``: scripts have many lines."""
    text = log.lines.text(end) or ""
    if text.startswith('The command "') or not text.startswith(('" ', '"')):
        quoted = log.marks.between("cause.quoted", end, end)
        if quoted or '" exited with' not in text:
            return end
    quoted = log.marks.between("cause.quoted", end - MAX_QUOTED, end)
    return quoted[-1] if quoted else end


def _begin(log: Log, stop: int) -> int:
    """The first line of the output that stops before ``stop``."""
    lower = max(_previous(log, name, stop) for name in ("cause.exit", "cause.passed"))
    echoes = log.marks.between("cause.command", lower + 1, stop - 1)
    if not echoes:
        return lower + 1
    wanted = _command(log.lines.text(stop) or "")
    for number in reversed(echoes):
        text = log.lines.text(number) or ""
        if wanted and text[2:].startswith(wanted):
            return number + 1
    return lower + 1 if log.ci == "travis" else _below_header(log, echoes[-1])


def _below_header(log: Log, number: int) -> int:
    """The first line of output below a step's header, which lists its settings."""
    if (log.lines.text(number) or "").startswith("##[group]"):
        closed = log.marks.between("cause.endgroup", number, number + MAX_QUOTED)
        number = closed[0] if closed else number
    return number + 1


def _command(report: str) -> str:
    """The command, or its first line, in the line that reports its status."""
    if not report.startswith('The command "'):
        return ""
    command = report[len('The command "') :]
    ends = [command.rfind('" exited with'), command.rfind('" failed and exited')]
    return command[: max(ends) if max(ends) >= 0 else None]


def _previous(log: Log, name: str, stop: int) -> int:
    numbers = log.marks.at(name)
    index = bisect_left(numbers, stop)
    return numbers[index - 1] if index else 0


def _last_word(log: Log, first: int, last: int) -> int:
    """The last line that is not an outer tool's comment, at most 120 lines back."""
    kept = last
    for number in range(last, max(first, last - 120) - 1, -1):
        text = log.lines.text(number)
        if text is None:
            break
        kept = number
        if not is_blank(text) and not is_wrapper(text):
            return number
    return kept
