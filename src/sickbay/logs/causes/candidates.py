"""Every span that could be a cause: where the search looks, and how far."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sickbay.logs.causes.filler import (
    is_blank,
    is_frame,
    is_header,
    is_progress,
    is_wrapper,
    spoken,
)
from sickbay.logs.causes.kinds import FAILING, kinds
from sickbay.logs.causes.scopes import Scope
from sickbay.logs.causes.spans import MAX_LINES, raised, span
from sickbay.logs.frameworks.results import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sickbay.logs.frameworks.results import Session, TestResult
    from sickbay.logs.log import Log, RuleHit

FROM_START = 60
"""Marks of one kind followed up from the beginning of a command's output."""

FROM_END = 120
"""And from its end."""

TAIL_LINES = 40
"""Lines at the end of a failed command's output that are all looked at."""

OUTSIDE = 30
"""Loud lines looked at before the first failed command, and after the last one."""

MAX_TESTS = 60
"""Failed tests that are candidates of their own."""


@dataclass(slots=True)
class Candidate:
    """One span, and what was found in it.

    Args:
        first: Its first line.
        last: Its last line.
        core: The line for which it was made.
        scope: The command it belongs to; ``None`` outside the failed ones.
        kinds: Kinds of the lines that it was made for.
        hits: Rules that hit within it.
        test: The failed test, or the failed session, that points at it.
        ends_process: Whether an outer tool reports a failure right after it.
        session: The run of tests that it is in.
    """

    first: int
    last: int
    core: int
    scope: Scope | None
    kinds: set[str] = field(default_factory=set)
    hits: list[RuleHit] = field(default_factory=list)
    test: TestResult | Problem | None = None
    ends_process: bool = False
    session: Session | None = None


def candidates(
    log: Log, found: Sequence[Scope], sessions: Sequence[Session]
) -> list[Candidate]:
    """All candidates in log order, not overlapping except where tests point."""
    out = _outside(log, 1, found[0].first - 1)
    for scope in found:
        out += _within(log, _seeds(log, scope), scope)
    out += _outside(log, found[-1].end + 1, log.lines.total)
    out = _add_tests(log, out, found, sessions)
    _add_hits(log, out)
    return out


def _outside(log: Log, first: int, last: int) -> list[Candidate]:
    if first > last:
        return []
    numbers = log.marks.between("cause.strong", first, last)[-OUTSIDE:]
    part = _within(log, numbers, Scope(first, last, last + 1, failed=False))
    for candidate in part:
        candidate.scope = None
    return part


def _seeds(log: Log, scope: Scope) -> list[int]:
    """The lines of a failed command that are worth a look."""
    seeds = set(_process_ends(log, scope))
    for name in ("cause.strong", "cause.word"):
        numbers = log.marks.between(name, scope.first, scope.last)
        seeds.update(numbers[:FROM_START])
        seeds.update(numbers[-FROM_END:])
    seeds.update(
        hit.number for hit in log.hits if scope.first <= hit.number <= scope.last
    )
    left = TAIL_LINES
    for number in range(scope.last, max(scope.first, scope.last - 4 * left) - 1, -1):
        text = log.lines.text(number)
        if text is None or not left:
            break
        if not is_blank(text):
            seeds.add(number)
            left -= 1
    return sorted(seeds)


def _process_ends(log: Log, scope: Scope) -> Iterator[int]:
    """Last words of inner processes: the lines right before an outer tool's report."""
    numbers = log.marks.between("cause.wrapper", scope.first, scope.last)
    for number in [*numbers[:FROM_START], *numbers[-FROM_END:]]:
        if not is_wrapper(log.lines.text(number) or ""):
            continue
        for back in range(1, 5):
            text = log.lines.text(number - back)
            if text is None or is_wrapper(text) or number - back < scope.first:
                break
            if not is_blank(text):
                yield number - back
                break


def _within(log: Log, seeds: Iterable[int], scope: Scope) -> list[Candidate]:
    """Candidates around the seeds; neighbouring seeds share one."""
    out: list[Candidate] = []
    ends = set(_process_ends(log, scope)) if scope.failed else set()
    for number in sorted({min(raised(log.lines, n), scope.last) for n in seeds}):
        text = spoken(log.lines.text(number) or "")
        if is_blank(text) or is_wrapper(text) or is_header(text):
            continue
        if is_frame(text) and number not in ends:
            continue
        found = kinds(text)
        if is_progress(text) and FAILING.isdisjoint(found):
            continue
        if not out or number > out[-1].last:
            first, last = span(log.lines, number, scope, found)
            first = max(first, out[-1].last + 1) if out else first
            out.append(Candidate(first, last, number, scope))
        out[-1].kinds |= found
        out[-1].ends_process |= number in ends
    return out


def _add_hits(log: Log, out: Sequence[Candidate]) -> None:
    numbers = [hit.number for hit in log.hits]
    for candidate in out:
        low = bisect_left(numbers, candidate.first)
        high = bisect_right(numbers, candidate.last)
        candidate.hits = list(log.hits[low:high])
        if candidate.test is not None:
            candidate.hits = log.hits_on(candidate.first, candidate.last)


def _add_tests(
    log: Log,
    out: list[Candidate],
    found: Sequence[Scope],
    sessions: Sequence[Session],
) -> list[Candidate]:
    """Let tests point at spans: their own, in place of what they overlap."""
    pointed = [
        candidate
        for test in _tests(sessions)
        if (candidate := _pointed(log, found, test)) is not None
    ]
    taken = {n for c in pointed for n in range(c.first, c.last + 1)}
    kept = [c for c in out if taken.isdisjoint(range(c.first, c.last + 1))]
    for candidate in kept:
        candidate.session = _session_at(sessions, candidate.core)
    return sorted(kept + pointed, key=lambda c: (c.first, c.last))


def _session_at(sessions: Sequence[Session], number: int) -> Session | None:
    return next((s for s in sessions if s.line_start <= number <= s.line_end), None)


def _tests(sessions: Sequence[Session]) -> Iterator[TestResult | Problem]:
    passed = {}
    for index, session in enumerate(sessions):
        passed.update(dict.fromkeys(session.passed, index))
    left = MAX_TESTS
    for index, session in enumerate(sessions):
        if session.problem is not None:
            yield session.problem
        for test in session.failed:
            if test.outcome == "rerun" or passed.get(test.test_id, -1) > index:
                continue
            if left:
                left -= 1
                yield test


def _pointed(
    log: Log, found: Sequence[Scope], test: TestResult | Problem
) -> Candidate | None:
    if isinstance(test, Problem):
        number, (first, last) = test.line_start, (test.line_start, test.line_end)
    else:
        number, (first, last) = test.line, test.span or (test.line, test.line)
    text = log.lines.text(number)
    if text is None:
        return None
    last = min(last, first + MAX_LINES - 1)
    holder = next((s for s in found if s.first <= number <= s.end), None)
    told = [kinds(line) for _, line in log.lines.between(first, last)]
    return Candidate(first, last, number, holder, set().union(*told), test=test)
