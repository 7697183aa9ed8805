"""Minitest and test-unit: the closing blocks count, what a test printed does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import minitest
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

WARD = {
    "Ward spec#test_0001_counts beds": "failed",
    "Ward spec::nested#test_0002_raises": "error",
    "WardTest#test_odd name (ü) [1]": "failed",
    "WardTest#test_diff": "failed",
    "WardTest#test_fails": "failed",
    "WardTest#test_error": "error",
    "WardTest#test_plain_failure": "failed",
    "WardTest#test_nested_error": "error",
    "BrokenTest#test_never_runs": "error",
}
UNIT = {
    "UnitSetup#test_never_runs": "error",
    "UnitTest#test: a description, ünïcode": "failed",
    "UnitTest#test_data[odd one]": "failed",
    "UnitTest#test_error": "error",
    "UnitTest#test_fails": "failed",
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("plain", WARD, id="plain"),
        pytest.param("verbose", WARD, id="verbose"),
        pytest.param("pride", WARD, id="pride"),
        pytest.param("parallel", {"ParallelTest#test_n4": "failed"}, id="parallel"),
        pytest.param("green", {}, id="all passed"),
        pytest.param("unit_plain", UNIT, id="test-unit"),
        pytest.param("unit_verbose", UNIT, id="test-unit verbose"),
        pytest.param("unit_colour", UNIT, id="test-unit colour"),
    ],
)
def test_failures_are_named_and_counted(name: str, expected: dict[str, str]) -> None:
    session = only(minitest, f"minitest/{name}")
    assert outcomes(session) == expected
    assert session.expected_failed == len(expected)


@pytest.mark.parametrize(
    ("log", "test", "exception", "message"),
    [
        pytest.param(
            "plain",
            "WardTest#test_fails",
            None,
            "beds. Expected: 2 Actual: 3",
            id="compared",
        ),
        pytest.param("plain", "WardTest#test_diff", None, "-two +2", id="diff"),
        pytest.param(
            "plain",
            "WardTest#test_error",
            "ArgumentError",
            "no bed for Ada",
            id="raised",
        ),
        pytest.param(
            "unit_plain",
            "UnitTest#test_data[odd one]",
            None,
            "<0> expected but was <1>",
            id="test-unit compared",
        ),
        pytest.param(
            "unit_plain",
            "UnitSetup#test_never_runs",
            "RuntimeError",
            "database is down",
            id="test-unit set-up",
        ),
    ],
)
def test_the_message_is_what_the_test_said(
    log: str, test: str, exception: str | None, message: str
) -> None:
    result = named(only(minitest, f"minitest/{log}"), test)
    assert (result.exception, result.message) == (exception, message)


def test_failing_twice_in_one_run_is_not_an_attempt() -> None:
    result = named(only(minitest, "minitest/plain"), "BrokenTest#test_never_runs")
    assert (result.message, result.attempts) == ("database is down", ())


def test_ruby_itself_crashing_names_the_test() -> None:
    session = only(minitest, "minitest/crash")
    assert outcomes(session) == {"CrashTest#test_crash": "crashed"}
    assert session.expected_failed is None


def test_two_runs_are_two_sessions() -> None:
    first, second = sample(minitest, "minitest/two_runs")
    assert not first.failed
    assert outcomes(second) == WARD


def test_a_failure_that_rails_prints_at_once_counts() -> None:
    """Written by hand after Rails' runner, which has no numbers and no list."""
    text = (
        b"# Running:\n\n..E\n\nError:\nPostTest#test_save:\nArgumentError: no title\n"
        b"    test/models/post_test.rb:7:in `block in <class:PostTest>'\n\n"
        b"rails test test/models/post_test.rb:5\n\n.\n\n"
        b"Finished in 0.49s, 107.2 runs/s, 190.2 assertions/s.\n"
        b"4 runs, 3 assertions, 0 failures, 1 errors, 0 skips\n"
    )
    (session,) = sessions(minitest, text)
    assert outcomes(session) == {"PostTest#test_save": "error"}
    assert named(session, "PostTest#test_save").message == "no title"


@given(st.lists(st.integers(0, 300), max_size=30))
def test_mangled_logs_are_read_without_an_exception(cuts: list[int]) -> None:
    names = ("plain", "unit_plain", "crash")
    text = b"".join((DATA / f"minitest/{name}.log").read_bytes() for name in names)
    check_sound(minitest, mangled(text, cuts))
