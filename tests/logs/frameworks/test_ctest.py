"""CTest's closing list names what failed, its result lines say how."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import ctest
from tests.logs.frameworks.samples import (
    DATA,
    check_sound,
    mangled,
    named,
    only,
    outcomes,
)

PLAIN = {
    "Typed.IsSmall<long>": "failed",
    "Broken.NeverRuns": "failed",
    "Flaky.EverySecondTime": "failed",
    "Small/Dose.IsEven/3": "failed",
    "Small/Dose.IsEven/5": "failed",
    'All/Named.HasFour/three  # GetParam() = "three"': "failed",
    "odd name: (with) 100% spaces": "failed",
    "sleeps": "timed_out",
    "crashes": "crashed",
    "segfaults": "crashed",
    "missing": "error",
    "expected_text": "failed",
    "will_fail": "failed",
    "second_time": "failed",
    "fixture_setup": "failed",
    "needs_fixture": "error",
}


def test_every_way_to_fail_has_its_outcome() -> None:
    assert outcomes(only(ctest, "ctest/plain")) == PLAIN


@pytest.mark.parametrize(
    "name", ["plain", "on_failure", "verbose", "parallel", "stop", "passed"]
)
def test_as_many_fail_as_ctest_counted(name: str) -> None:
    session = only(ctest, f"ctest/{name}")
    assert session.expected_failed == len(session.failed)
    assert session.counts.bad == len(session.failed)


def test_a_test_that_passed_when_repeated_is_a_rerun() -> None:
    session = only(ctest, "ctest/repeat")
    result = named(session, "second_time")
    assert (result.outcome, result.attempts) == ("rerun", ("failed", "passed"))
    assert "second_time" in session.passed
    assert session.expected_failed == 1


def test_a_test_that_failed_every_time_shows_its_attempts() -> None:
    result = named(only(ctest, "ctest/repeat"), "odd name: (with) 100% spaces")
    assert (result.outcome, result.attempts) == ("failed", ("failed",) * 3)


@pytest.mark.parametrize(
    ("log", "test", "message"),
    [
        pytest.param(
            "on_failure", "crashes", "terminate called on purpose", id="crash"
        ),
        pytest.param(
            "on_failure",
            "Ward.Throws",
            'unknown file: Failure C++ exception with description "no beds left"'
            " thrown in the test body.",
            id="gtest's own words",
        ),
        pytest.param("plain", "segfaults", "Exception: SegFault", id="status only"),
        pytest.param(
            "plain",
            "needs_fixture",
            "Failed test dependencies: fixture_setup",
            id="not run",
        ),
        pytest.param(
            "verbose",
            "Small/Dose.IsEven/3",
            "/build/gtest/clinic_test.cc:27: Failure"
            " Expected equality of these values:",
            id="verbose output stands above the result",
        ),
    ],
)
def test_the_message_comes_from_the_tests_output(
    log: str, test: str, message: str
) -> None:
    assert named(only(ctest, f"ctest/{log}"), test).message == message


def test_no_tests_is_a_problem() -> None:
    problem = only(ctest, "ctest/none").problem
    assert problem
    assert problem.message == "No tests were found!!!"


def test_skipped_and_disabled_tests_are_no_failures() -> None:
    assert only(ctest, "ctest/plain").counts.skipped == 2


@given(st.lists(st.integers(0, 400), max_size=30))
def test_mangled_logs_are_read_without_an_exception(cuts: list[int]) -> None:
    names = ("plain", "repeat", "verbose")
    text = b"".join((DATA / f"ctest/{name}.log").read_bytes() for name in names)
    check_sound(ctest, mangled(text, cuts))
