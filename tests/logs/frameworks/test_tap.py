"""TAP of every producer, raw or through prove, names what failed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import tap
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

BASIC = {
    "t/basic.t > sum of two": "failed",
    "t/basic.t > same tree - really": "failed",
    "t/basic.t > line 5": "failed",
    "t/basic.t > inner things > has an x": "failed",
    "t/basic.t > not the same": "failed",
}
DIED = {"t/dies.t": "error"}
MATH = {
    "src/math.test.js > math > add > adds two numbers": "failed",
    'src/math.test.js > math > add > is > odd: "quoted" (and ) named': "failed",
    "src/math.test.js > math > add > each 1 vs 2": "failed",
    "src/math.test.js > throws a type error": "failed",
    "src/math.test.js > throws text": "failed",
    "src/math.test.js > throws our own error": "failed",
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(
            "tap/prove",
            BASIC | DIED | {"t/plan.t": "error", "t/broken.t": "error"},
            id="prove",
        ),
        pytest.param("tap/prove_verbose", BASIC | DIED, id="prove -v"),
        pytest.param("tap/prove_merge", BASIC, id="prove -m -v"),
        pytest.param("tap/prove_passed", {}, id="prove, passed"),
        pytest.param("tap/prove_bail", {"t/bail.t": "error"}, id="prove, bail out"),
        pytest.param("tap/raw", BASIC, id="test::more"),
        pytest.param(
            "tap/tape",
            {
                "adding > three": "failed",
                "adding > trees": "failed",
                "planned > plan != count": "failed",
                "planned > test exited without ending: thrown": "failed",
            },
            id="tape",
        ),
        pytest.param(
            "tap/node_tap",
            {
                "js/tap.js > adding > three": "failed",
                "js/tap.js > throws > no such thing": "failed",
            },
            id="node-tap",
        ),
        pytest.param(
            "tap/node_reporter",
            {
                "math > adds": "failed",
                "never answers": "timed_out",
                "throws": "failed",
            },
            id="node:test",
        ),
    ],
)
def test_failures_are_named_and_agree_with_the_producers_own_counts(
    name: str, expected: dict[str, str]
) -> None:
    session = only(tap, name)
    assert outcomes(session) == expected
    assert session.expected_failed == len(expected) == session.counts.bad
    assert all(result.message for result in session.failed)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(
            "vitest/tap",
            MATH | {"src/noise.test.js > really fails": "failed"},
            id="tap",
        ),
        pytest.param("vitest/tap_flat", MATH, id="tap-flat"),
    ],
)
def test_subtests_within_braces_are_named(name: str, expected: dict[str, str]) -> None:
    assert outcomes(only(tap, name)) == expected


def test_mochas_tap_is_read() -> None:
    session = only(tap, "mocha/tap")
    assert session.expected_failed == len(session.failed) == 9
    result = named(session, "Math: has its own error")
    assert (result.exception, result.message) == ("StorageError", "disk is gone")


def test_node_counts_parents_but_only_what_failed_innermost_is_named() -> None:
    session = only(tap, "nodetest/tap")
    assert "parent > child" in outcomes(session)
    assert "parent" not in outcomes(session)
    assert session.expected_failed == len(session.failed) == 8


@pytest.mark.parametrize(
    ("name", "test_id", "message"),
    [
        pytest.param(
            "tap/raw", "t/basic.t > sum of two", "got: '2', expected: '3'", id="perl"
        ),
        pytest.param(
            "tap/prove", "t/dies.t", "cannot open the database", id="died in prove"
        ),
        pytest.param(
            "tap/prove",
            "t/plan.t",
            "Bad plan.  You planned 3 tests but ran 1.",
            id="plan",
        ),
        pytest.param("tap/tape", "adding > three", "expected: 3, actual: 2", id="tape"),
        pytest.param(
            "tap/node_reporter",
            "math > adds",
            "Expected values to be strictly equal:",
            id="node:test",
        ),
        pytest.param(
            "vitest/tap",
            "src/math.test.js > throws a type error",
            "Cannot read properties of undefined (reading 'foo')",
            id="vitest",
        ),
    ],
)
def test_reason_is_told(name: str, test_id: str, message: str) -> None:
    assert named(only(tap, name), test_id).message == message


def test_place_is_told() -> None:
    result = named(only(tap, "tap/raw"), "t/basic.t > inner things > has an x")
    assert [(frame.path, frame.line) for frame in result.frames] == [("t/basic.t", 8)]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("bail", "Bail out!  the server is gone", id="bail out"),
        pytest.param(
            "raw_plan", "Looks like you planned 3 tests but ran 1.", id="plan not kept"
        ),
        pytest.param("prove_missing", "no tests", id="no tests"),
    ],
)
def test_stream_that_ended_early_is_a_problem(name: str, message: str) -> None:
    problem = only(tap, f"tap/{name}").problem
    assert problem
    assert problem.message == message


def test_expected_failures_are_not_failures() -> None:
    log = b"1..2\nnot ok 1 - some day # TODO later\nnot ok 2 - now\n"
    (session,) = sessions(tap, log)
    assert outcomes(session) == {"now": "failed"}


def test_each_stream_is_a_session() -> None:
    one = b"TAP version 13\n1..1\nnot ok 1 - a\n"
    assert [len(s.failed) for s in sessions(tap, one + one)] == [1, 1]


def test_equal_names_stay_apart() -> None:
    log = b"1..2\nnot ok 1 - should be equal\nnot ok 2 - should be equal\n"
    (session,) = sessions(tap, log)
    assert set(outcomes(session)) == {"should be equal", "should be equal #2"}


def test_talk_of_not_ok_is_no_stream() -> None:
    assert not sessions(tap, b"it is\nnot ok 1 - as they say\nreally\n")


def test_passed_call_of_prove_counts() -> None:
    (session,) = sample(tap, "tap/prove_passed")
    assert session.counts.passed == 2


@given(st.lists(st.integers(0, 600), max_size=40))
def test_any_part_of_a_log_is_read(cuts: list[int]) -> None:
    names = ("tap/prove_merge", "tap/tape", "tap/node_tap", "vitest/tap", "mocha/tap")
    data = b"".join((DATA / f"{name}.log").read_bytes() for name in names)
    check_sound(tap, mangled(data, cuts))
