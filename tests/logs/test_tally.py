"""From sessions to results: what is flaky, what failed, and nothing twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sickbay.logs.anchors import Marks
from sickbay.logs.explain import explain_bytes
from sickbay.logs.frameworks.nesting import unnested
from sickbay.logs.frameworks.results import Problem, Session, TestResult
from sickbay.logs.report import Counts
from sickbay.logs.tally import tests as tally
from tests.logs.frameworks.samples import DATA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.report import Outcome, Tests

RETRY = Marks({"retry.line": [15]})
NO_RETRY = Marks()


def session(
    line: int,
    failed: Sequence[TestResult | str] = (),
    *,
    passed: int = 0,
    framework: str = "pytest",
    problem: Problem | None = None,
) -> Session:
    results = [
        one if isinstance(one, TestResult) else result(one, line + 1, framework)
        for one in failed
    ]
    bad = sum(one.outcome == "failed" for one in results)
    return Session(
        framework,
        line,
        line + 4,
        counts=Counts(passed=passed, failed=bad),
        failed=results,
        problem=problem,
    )


def result(
    name: str,
    line: int,
    framework: str = "pytest",
    outcome: Outcome = "failed",
    attempts: tuple[Outcome, ...] = (),
) -> TestResult:
    return TestResult(
        name, framework, outcome, line, "no beds", span=(line, line), attempts=attempts
    )


def names(found: Tests) -> tuple[list[str], list[str]]:
    return [t.test_id for t in found.failed], [t.test_id for t in found.flaky]


@pytest.mark.parametrize(
    ("later", "marks", "failed", "flaky"),
    [
        pytest.param(session(20, passed=3), RETRY, [], ["a"], id="passes when retried"),
        pytest.param(session(20, passed=3), NO_RETRY, ["a"], [], id="another run"),
        pytest.param(session(20, passed=1), NO_RETRY, [], ["a"], id="only what failed"),
        pytest.param(session(20, ["a"]), NO_RETRY, ["a"], [], id="fails again"),
        pytest.param(session(20, ["b"]), RETRY, ["a", "b"], [], id="another fails"),
        pytest.param(
            session(20, passed=3, problem=Problem(24, 24, "killed")),
            RETRY,
            ["a"],
            [],
            id="killed before it proved anything",
        ),
        pytest.param(
            session(20, passed=3, framework="jest"),
            RETRY,
            ["a"],
            [],
            id="another framework",
        ),
    ],
)
def test_only_a_retry_that_passes_makes_a_failure_flaky(
    later: Session, marks: Marks, failed: list[str], flaky: list[str]
) -> None:
    found = tally([session(10, ["a"], passed=2), later], marks)
    assert names(found) == (failed, flaky)


def test_a_mended_test_shows_both_of_its_attempts() -> None:
    found = tally([session(10, ["a"], passed=2), session(20, passed=3)], RETRY)
    assert [test.attempts for test in found.flaky] == [("failed", "passed")]


def test_a_failure_in_two_environments_is_listed_once_with_both_attempts() -> None:
    found = tally(
        [session(10, ["a"], passed=2), session(20, ["a"], passed=2)], NO_RETRY
    )
    assert [(t.test_id, t.attempts) for t in found.failed] == [
        ("a", ("failed", "failed"))
    ]


def test_a_crash_that_passes_when_retried_is_flaky() -> None:
    crashed = result("a", 11, outcome="crashed")
    (flaky,) = tally([session(10, [crashed]), session(20, passed=1)], RETRY).flaky
    assert flaky.attempts == ("crashed", "passed")


def test_attempts_within_a_session_end_in_what_became_of_the_test() -> None:
    mended = result("a", 11, outcome="rerun", attempts=("rerun", "passed"))
    lost = result("b", 12, attempts=("rerun", "failed"))
    found = tally([session(10, [mended, lost])], NO_RETRY)
    assert names(found) == (["b"], ["a"])
    assert found.flaky[0].attempts == ("failed", "passed")
    assert found.failed[0].attempts == ("failed", "failed")


@pytest.mark.parametrize(
    ("expected", "total"),
    [
        pytest.param((None, None), None, id="none printed"),
        pytest.param((2, None), 2, id="one printed"),
        pytest.param((2, 0), 2, id="both printed"),
    ],
)
def test_counts_that_no_session_printed_are_unknown(
    expected: tuple[int | None, int | None], total: int | None
) -> None:
    runs = [
        replace(session(10 * i), expected_failed=n) for i, n in enumerate(expected, 1)
    ]
    assert tally(runs, NO_RETRY).expected_failed == total


def test_counts_add_up_over_sessions() -> None:
    runs = [session(10, ["a"], passed=2), session(20, ["b", "c"], passed=5)]
    counts = tally(runs, NO_RETRY).counts
    assert (counts.passed, counts.failed, counts.bad) == (7, 3, 3)


def test_the_inner_frameworks_failure_stands_for_its_runners() -> None:
    outer = session(10, [result("all", 13, "ctest"), result("other", 12, "ctest")])
    outer = Session("ctest", 10, 30, Counts(failed=2), 2, outer.failed)
    inner = session(13, ["Ward.a", "Ward.b"], framework="gtest")
    inner = replace(inner, expected_failed=2)
    found = tally(unnested([outer, inner]), NO_RETRY)
    assert names(found)[0] == ["other", "Ward.a", "Ward.b"]
    assert (found.expected_failed, found.counts.failed) == (3, 3)


def test_a_runner_that_names_the_same_test_more_fully_is_believed() -> None:
    outer = Session(
        "nextest", 10, 30, Counts(failed=1), 1, [result("ward a", 14, "nextest")]
    )
    inner = session(13, ["a"], framework="cargo")
    assert names(tally(unnested([outer, inner]), NO_RETRY))[0] == ["ward a"]


def test_googletest_under_ctest_is_listed_once() -> None:
    found = explain_bytes((DATA / "ctest/on_failure.log").read_bytes()).tests
    lines = [test.line for test in found.failed]
    assert len(lines) == len(set(lines))
    assert "Ward.Fails" in {test.test_id for test in found.failed}


def test_one_frameworks_totals_are_not_taken_for_anothers() -> None:
    found = explain_bytes((DATA / "rspec/progress.log").read_bytes()).tests
    assert found.frameworks == ("rspec",)
    assert found.expected_failed == len(found.failed)
