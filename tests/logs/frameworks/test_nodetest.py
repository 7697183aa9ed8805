"""Node's own test runner names what failed in the list that ends its spec report."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import nodetest
from tests.logs.frameworks.samples import (
    DATA,
    check_sound,
    mangled,
    named,
    only,
    outcomes,
    sample,
)

MATH = {
    "math > add > adds": "failed",
    "math > keeps objects": "failed",
    "throws (always)": "failed",
    "parent > child": "failed",
}
HOOKS = {
    "broken before > first": "failed",
    "broken before": "failed",
    "broken beforeEach > second": "failed",
}
SLOW = {"never answers": "timed_out"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("spec", MATH | HOOKS | SLOW, id="spec, with a printed list"),
        pytest.param("colour", MATH | SLOW, id="colour"),
        pytest.param(
            "broken",
            {"broken.test.js": "error", "exit.test.js": "error"},
            id="files that do not run",
        ),
        pytest.param("passed", {}, id="passed"),
    ],
)
def test_failures_are_named_and_agree_with_nodes_own_counts(
    name: str, expected: dict[str, str]
) -> None:
    session = only(nodetest, f"nodetest/{name}")
    assert outcomes(session) == expected
    assert session.expected_failed == len(expected)
    assert all(result.message for result in session.failed)


@pytest.mark.parametrize(
    ("test_id", "exception", "message"),
    [
        pytest.param(
            "throws (always)", "TypeError", "no such thing", id="error of the runtime"
        ),
        pytest.param(
            "math > add > adds",
            "AssertionError",
            "Expected values to be strictly equal:",
            id="assertion",
        ),
        pytest.param("never answers", None, "test timed out after 50ms", id="time-out"),
    ],
)
def test_reason_is_told(test_id: str, exception: str | None, message: str) -> None:
    result = named(only(nodetest, "nodetest/spec"), test_id)
    assert (result.exception, result.message) == (exception, message)


def test_frame_is_read() -> None:
    result = named(only(nodetest, "nodetest/spec"), "throws (always)")
    assert (result.frames[-1].path, result.frames[-1].line) == (
        "/build/node/math.test.js",
        8,
    )


def test_each_call_is_a_session() -> None:
    first, second = sample(nodetest, "nodetest/two_sessions")
    assert outcomes(first) == SLOW
    assert (second.expected_failed, second.counts.passed) == (0, 1)


@given(st.lists(st.integers(0, 400), max_size=40))
def test_any_part_of_a_log_is_read(cuts: list[int]) -> None:
    check_sound(nodetest, mangled((DATA / "nodetest/spec.log").read_bytes(), cuts))
