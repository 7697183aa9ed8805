"""Reports built by hand, for the tests of their rendering."""

from __future__ import annotations

from dataclasses import replace

from sickbay.core.results import Coverage, Skipped
from sickbay.logs.report import (
    Cause,
    Counts,
    FailedTest,
    Report,
    RuleMatch,
    Tests,
    Verdict,
)

GREEN = Report(
    source="green.log",
    bytes=998,
    lines=12,
    ci="plain",
    verdict=Verdict("unknown", 0.0, "nothing in the log says that something failed"),
    causes=(),
    rule_match=None,
    tests=Tests(frameworks=("pytest",), sessions=1, counts=Counts(passed=7)),
    coverage=Coverage(examined=12, total=12),
)


NO_TESTS = Tests()


def failed(number: int, **changes: object) -> FailedTest:
    """A failed test; its number makes its id and line."""
    test = FailedTest(
        test_id=f"tests/test_dose.py::test_dose[{number} mg]",
        framework="pytest",
        outcome="failed",
        message="assert 41 == 42",
        exception="AssertionError",
        line=100 + number,
        signature="aaaa",
    )
    return replace(test, **changes)  # type: ignore[arg-type]


EVIDENCE = ("first error of the command that failed", "rule: assertion")


def cause(rank: int, text: str = "E   assert 41 == 42") -> Cause:
    """A cause of one line."""
    line = 118 + rank
    return Cause(
        rank, line, line + text.count("\n"), text, "assertion", (), 0.92, EVIDENCE
    )


RED = Report(
    source="job-4711.log",
    bytes=98_304,
    lines=1234,
    ci="github-actions",
    verdict=Verdict("code", 0.86, "3 tests fail on one assertion", ("exit status 1",)),
    causes=(cause(1, "    assert 41 == 42\nE   assert 41 == 42"), cause(2)),
    rule_match=RuleMatch("pytest failure", 3, 120, "E   assert 41 == 42", ()),
    tests=Tests(
        frameworks=("pytest",),
        sessions=2,
        expected_failed=4,
        counts=Counts(passed=1040, failed=3, timed_out=1),
        failed=(
            failed(
                9,
                signature="bbbb",
                outcome="timed_out",
                exception=None,
                message="no answer",
            ),
            failed(1),
            failed(2),
            failed(3, attempts=("failed", "failed")),
        ),
        flaky=(
            failed(
                5,
                test_id="tests/test_queue.py::test_connects",
                exception="ConnectionRefusedError",
                message="[Errno 111]",
                attempts=("failed", "passed"),
            ),
        ),
    ),
    coverage=Coverage(1200, 1234, (Skipped("lines 1-34", "not text"),)),
)
