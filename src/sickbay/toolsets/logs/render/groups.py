"""Failed tests put together by what they failed of, and counts in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.logs.cluster import cluster
from sickbay.render.words import amount

if TYPE_CHECKING:
    from sickbay.logs.report import FailedTest, Report, Tests

_BAD = frozenset({"failed", "error", "crashed", "timed_out"})
_OUTCOMES = (
    "passed",
    "failed",
    "error",
    "crashed",
    "timed_out",
    "skipped",
    "xfailed",
    "xpassed",
    "rerun",
)


@dataclass(frozen=True, slots=True)
class Group:
    """Failed tests with one cause, in log order, and that cause in one line."""

    cause: str
    tests: tuple[FailedTest, ...]


def by_cause(report: Report) -> list[Group]:
    """The failed tests of a report, grouped as ``sickbay cluster`` would group them."""
    of: dict[str, list[FailedTest]] = {}
    for test in report.tests.failed:
        of.setdefault(test.test_id, []).append(test)
    groups = []
    for found in cluster([report]):
        tests = [test for name in found.tests for test in of.pop(name, ())]
        if tests:
            tests.sort(key=lambda test: test.line)
            said = {headline(test) for test in tests}
            cause = said.pop() if len(said) == 1 else found.example.text
            groups.append(Group(cause, tuple(tests)))
    return groups


def headline(test: FailedTest) -> str:
    """What the test failed of, in one line."""
    said = ": ".join(part for part in (test.exception, test.message) if part)
    return said or f"{test.outcome.replace('_', ' ')}, the log does not say why"


def disagreement(tests: Tests) -> str:
    """What to say where the log's own final counts and the tests named differ.

    A repeated attempt, and a test that took its process down, may or may not be in
    the final counts.
    """
    if tests.expected_failed is None:
        return ""
    least = sum(test.outcome in ("failed", "error") for test in tests.failed)
    attempts = [
        outcome
        for test in (*tests.failed, *tests.flaky)
        for outcome in test.attempts or (test.outcome,)
        if outcome in _BAD
    ]
    if least <= tests.expected_failed <= len(attempts):
        return ""
    expected = amount(tests.expected_failed, "failure")
    return (
        f"The log's own final counts say {expected}; {len(attempts):,} could be named."
    )


def count_words(tests: Tests) -> str:
    """How many tests ended how, or nothing: ``pytest: 40 passed, 1 failed``."""
    counts = [(name, getattr(tests.counts, name)) for name in _OUTCOMES]
    said = [f"{count:,} {name.replace('_', ' ')}" for name, count in counts if count]
    if not said:
        return ""
    sessions = f", {amount(tests.sessions, 'session')}" if tests.sessions > 1 else ""
    return f"{', '.join(tests.frameworks) or 'Tests'}{sessions}: {', '.join(said)}."
