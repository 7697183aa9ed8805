"""ExUnit: the numbered failures among the dots, under the places mix test takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import exunit
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
    f"test/ward_test.exs:{line}": "failed"
    for line in (20, 41, 11, 15, 29, 33, 37, 51, 7, 25)
}
LATE = {"test/ward_test.exs:47": "timed_out"}
DOCTEST = {"doctest Ward.beds/0 (1) (WardTest)": "failed"}
SETUP = {"test/setup_test.exs:9": "failed", "SetupAllTest": "error"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("plain", WARD | LATE | DOCTEST | SETUP, id="plain"),
        pytest.param("colour", WARD | LATE | DOCTEST | SETUP, id="colour"),
        pytest.param("trace", WARD | DOCTEST | SETUP, id="trace has no time-outs"),
        pytest.param("one", {"test/ward_test.exs:7": "failed"}, id="one test"),
        pytest.param("green", {}, id="all passed"),
        pytest.param(
            "max_failures", LATE | {"test/setup_test.exs:9": "failed"}, id="aborted"
        ),
    ],
)
def test_failures_are_named_and_counted(name: str, expected: dict[str, str]) -> None:
    session = only(exunit, f"exunit/{name}")
    assert outcomes(session) == expected
    assert session.expected_failed == len(expected)


@pytest.mark.parametrize(
    ("line", "exception", "message"),
    [
        pytest.param(
            7,
            None,
            "Assertion with == failed code: assert Ward.beds() == 3 left: 2 right: 3",
            id="compared",
        ),
        pytest.param(11, "ArgumentError", "no bed for Ada", id="raised"),
        pytest.param(15, None, "the lights are off", id="message"),
        pytest.param(33, "exit", ":gone", id="exit"),
        pytest.param(
            41,
            "EXIT",
            "an exception was raised: ** (RuntimeError) in a process",
            id="linked process",
        ),
        pytest.param(
            47,
            "ExUnit.TimeoutError",
            "test timed out after 50ms. You can change the timeout:",
            id="time-out",
        ),
    ],
)
def test_the_message_is_what_the_test_said(
    line: int, exception: str | None, message: str
) -> None:
    result = named(only(exunit, "exunit/plain"), f"test/ward_test.exs:{line}")
    assert (result.exception, result.message) == (exception, message)


def test_frames_end_where_it_was_raised() -> None:
    frames = named(only(exunit, "exunit/plain"), "test/ward_test.exs:11").frames
    assert (frames[-1].path, frames[-1].line) == ("lib/ward.ex", 10)


def test_tests_made_on_one_line_keep_their_names() -> None:
    """Written by hand: two tests of a loop share the place of their definition."""
    failure = "  {0}) test n={0} (LoopTest)\n     test/loop_test.exs:5\n     no\n\n"
    end = "Finished in 0.1 seconds\n2 tests, 2 failures\n"
    text = failure.format(1) + failure.format(2) + end
    (session,) = sessions(exunit, text.encode())
    assert set(outcomes(session)) == {"test n=1 (LoopTest)", "test n=2 (LoopTest)"}


@pytest.mark.parametrize(
    ("name", "exception"),
    [
        pytest.param("compile_error", "CompileError", id="test file"),
        pytest.param("app_error", "SyntaxError", id="application"),
    ],
)
def test_code_that_does_not_compile_is_a_problem(name: str, exception: str) -> None:
    problem = only(exunit, f"exunit/{name}").problem
    assert problem
    assert problem.exception == exception


def test_two_runs_are_two_sessions() -> None:
    first, second = sample(exunit, "exunit/two_runs")
    assert (outcomes(first), outcomes(second)) == ({}, SETUP)


@given(st.lists(st.integers(0, 400), max_size=30))
def test_mangled_logs_are_read_without_an_exception(cuts: list[int]) -> None:
    names = ("plain", "compile_error", "two_runs")
    text = b"".join((DATA / f"exunit/{name}.log").read_bytes() for name in names)
    check_sound(exunit, mangled(text, cuts))
