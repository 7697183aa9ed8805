"""What speaks for and against a candidate, as named yes-or-no features."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sickbay.logs.causes.kinds import FAILING, STRONG, kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.causes.candidates import Candidate
    from sickbay.logs.causes.scopes import Scope
    from sickbay.logs.log import Log

TO_END = (
    (0, "ends_output"),
    (3, "within_3_of_end"),
    (10, "within_10_of_end"),
    (30, "within_30_of_end"),
    (100, "within_100_of_end"),
    (300, "within_300_of_end"),
)
"""Lines to the end of the command's output, the outer tools' words left out."""

LENGTHS = ((1, "one_line"), (4, "up_to_4_lines"), (9, "up_to_9_lines"))
RULES = ((0.8, "rule_high"), (0.5, "rule_mid"), (0.01, "rule_low"))
EARLY = 3
"""Loud candidates of a command that count as its first ones."""

SHORT = 12
"""Lines of output that a person reads as one message."""


def features(
    log: Log, found: Sequence[Scope], part: Sequence[Candidate]
) -> list[frozenset[str]]:
    """The features of every candidate, in order."""
    all_loud = Counter(id(c.scope) for c in part if is_loud(c) and c.scope)
    loud: Counter[int] = Counter()
    tests = 0
    out = []
    for candidate in part:
        names = {*_own(candidate), *_place(candidate, found), *_before(log, candidate)}
        owner = id(candidate.scope)
        if is_loud(candidate) and candidate.scope is not None:
            loud[owner] += 1
            names.add(_order(loud[owner]))
            if loud[owner] == all_loud[owner]:
                names.add("last_loud")
        if candidate.test is not None and "cascade" not in candidate.kinds:
            tests += 1
            names.add("first_test" if tests == 1 else "later_test")
        out.append(frozenset(names))
    return out


def is_loud(candidate: Candidate) -> bool:
    """Whether it speaks of a failure by itself, not of a warning or a cascade."""
    found = candidate.kinds
    if "cascade" in found or ("warning" in found and "word" not in found):
        return False
    return bool(found & STRONG)


def _order(count: int) -> str:
    if count == 1:
        return "first_loud"
    return "early_loud" if count <= EARLY else "late_loud"


def _own(candidate: Candidate) -> Iterator[str]:
    found = candidate.kinds
    yield from ("is_" + kind for kind in found)
    if is_loud(candidate):
        yield "loud"
    if not found & FAILING:
        yield "quiet"
    if "warning" in found and "word" not in found:
        yield "only_warning"
    if candidate.ends_process:
        yield "ends_process"
    if candidate.session is not None:
        yield "among_failed_tests" if candidate.session.failed else "among_tests"
    weight = max((hit.rule.weight for hit in candidate.hits), default=0.0)
    yield from [name for least, name in RULES if weight >= least][:1]
    length = candidate.last - candidate.first + 1
    yield next((name for most, name in LENGTHS if length <= most), "10_lines")


def _place(candidate: Candidate, found: Sequence[Scope]) -> Iterator[str]:
    scope = candidate.scope
    if scope is None:
        before = candidate.last < found[0].first
        yield "before_failure" if before else "after_failure"
        return
    yield "first_failed" if scope is found[0] else "later_failed"
    if not scope.failed:
        yield "no_exit_status"
    if candidate.first == scope.first:
        yield "begins_output"
    if scope.last - scope.first < SHORT:
        yield "short_output"
    distance = scope.last - candidate.last
    yield next((name for most, name in TO_END if distance <= most), "far_from_end")


def _before(log: Log, candidate: Candidate) -> Iterator[str]:
    above = kinds(" ".join(log.lines.before(candidate.first, 3)))
    for kind in ("heading", "count", "tag", "entry", "config"):
        if kind in above:
            yield "below_" + kind
