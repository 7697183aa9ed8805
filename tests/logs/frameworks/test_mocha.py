"""Mocha's closing report names what failed, whichever reporter prints it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import mocha
from tests.logs.frameworks.samples import (
    DATA,
    check_sound,
    mangled,
    named,
    only,
    outcomes,
    sample,
    sessions,
)

MATH = {
    "stands alone at the top": "failed",
    "Math: throws text": "failed",
    "Math: has its own error": "failed",
    "Math: adding (two numbers) gives the sum": "failed",
    "Math: adding (two numbers) keeps objects equal": "failed",
    "Math: adding (two numbers) ends in a colon:": "failed",
}
HOOKS = {
    'hooks before "before all" hook: start the database for "first"': "error",
    'hooks each "before each" hook for "third"': "error",
    'hooks after "after all" hook for "fourth"': "error",
}
OLD_HOOKS = {
    'hooks before "before all" hook: start the database': "error",
    'hooks each "before each" hook for "third"': "error",
    'hooks after "after all" hook': "error",
}
SLOW = {
    "slow never calls done": "timed_out",
    "slow never settles": "timed_out",
    "slow calls done with text": "failed",
    "slow throws later": "failed",
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("spec", MATH | HOOKS | SLOW, id="spec"),
        pytest.param("dot", MATH | HOOKS, id="dot"),
        pytest.param("min", MATH, id="min"),
        pytest.param("list", MATH, id="list"),
        pytest.param("nyan", MATH, id="nyan"),
        pytest.param("colour", MATH | SLOW, id="colour"),
        pytest.param("old", MATH | OLD_HOOKS, id="titles on one line"),
        pytest.param("bail", {"stands alone at the top": "failed"}, id="bail"),
        pytest.param("retries", {"flaky fails every time": "failed"}, id="retries"),
        pytest.param("noise", {"noise really fails": "failed"}, id="printed report"),
    ],
)
def test_failures_are_named_and_agree_with_mochas_own_counts(
    name: str, expected: dict[str, str]
) -> None:
    session = only(mocha, f"mocha/{name}")
    assert outcomes(session) == expected
    assert session.expected_failed == len(expected) == session.counts.bad
    assert all(result.message for result in session.failed)


@pytest.mark.parametrize(
    ("test_id", "exception", "message"),
    [
        pytest.param(
            "Math: has its own error", "StorageError", "disk is gone", id="own type"
        ),
        pytest.param(
            "Math: adding (two numbers) gives the sum",
            "AssertionError",
            "Expected values to be strictly equal:",
            id="with a difference",
        ),
        pytest.param("stands alone at the top", "Error", "Error", id="no message"),
        pytest.param("slow throws later", "RangeError", "too late", id="uncaught"),
    ],
)
def test_reason_is_told(test_id: str, exception: str, message: str) -> None:
    result = named(only(mocha, "mocha/spec"), test_id)
    assert (result.exception, result.message) == (exception, message)
    assert result.frames


def test_frames_are_outermost_first() -> None:
    result = named(only(mocha, "mocha/spec"), "Math: has its own error")
    assert (result.frames[-1].path, result.frames[-1].line) == ("test/math.js", 14)


def test_counts_are_read() -> None:
    counts = only(mocha, "mocha/spec").counts
    assert (counts.passed, counts.skipped, counts.error) == (2, 2, 3)


def test_each_call_is_a_session() -> None:
    first, second, third = sample(mocha, "mocha/three_sessions")
    assert (first.expected_failed, first.counts.passed) == (0, 2)
    assert outcomes(second) == {"flaky fails every time": "failed"}
    assert outcomes(third) == MATH


@pytest.mark.parametrize(
    ("name", "exception", "message"),
    [
        pytest.param(
            "broken", "SyntaxError", "Unexpected end of input", id="does not load"
        ),
        pytest.param(
            "none", "Error", 'No test files found: "test/nothing-here.js"', id="none"
        ),
    ],
)
def test_run_that_never_began_is_a_problem(
    name: str, exception: str, message: str
) -> None:
    problem = only(mocha, f"mocha/{name}").problem
    assert problem
    assert (problem.exception, problem.message) == (exception, message)


@pytest.mark.parametrize(
    "prefix",
    [pytest.param("web_1  | ", id="compose"), pytest.param("@shop/cart: ", id="lerna")],
)
def test_prefix_of_a_runner_is_looked_through(prefix: str) -> None:
    report = ["", "  1 passing (2s)", "  1 failing", "", "  1) cart", "       adds:"]
    report += ["     TypeError: no cart", "      at add (cart.js:3:9)", ""]
    data = "\n".join(prefix + line for line in report).encode()
    (session,) = sessions(mocha, data)
    assert outcomes(session) == {"cart adds": "failed"}
    assert session.failed[0].message == "no cart"


def test_passing_later_is_seen() -> None:
    bad = (DATA / "mocha/retries.log").read_bytes()
    good = "\n\n  flaky\n    ✔ fails every time (5ms)\n\n\n  1 passing (5ms)\n\n"
    first, second = sessions(mocha, bad + good.encode())
    assert "flaky fails every time" in outcomes(first)
    assert second.passed == {"flaky fails every time"}


def test_words_about_passing_are_not_a_report() -> None:
    assert not sessions(mocha, b"There are 12 passing (2s) cars\n 3 failing\n")


@given(st.lists(st.integers(0, 400), max_size=40))
def test_any_part_of_a_log_is_read(cuts: list[int]) -> None:
    check_sound(mocha, mangled((DATA / "mocha/three_sessions.log").read_bytes(), cuts))
