"""Failed tests put together by what they failed of, and counts in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.toolsets.logs.render.words import amount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.report import FailedTest, Tests

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


def by_signature(tests: Sequence[FailedTest]) -> list[list[FailedTest]]:
    """The tests grouped by signature, biggest group first, else in log order."""
    groups: dict[str, list[FailedTest]] = {}
    for test in tests:
        groups.setdefault(test.signature or headline(test), []).append(test)
    return sorted(groups.values(), key=len, reverse=True)


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
