"""PHPUnit: the closing report counts, what a test printed above it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import phpunit
from tests.logs.frameworks.samples import (
    DATA,
    check_sound,
    mangled,
    named,
    only,
    outcomes,
    sample,
)

WARD = "Clinic\\Tests\\WardTest::test"
BROKEN = {"BrokenTest::testNeverRuns": "error"}
ALL = {
    **BROKEN,
    **{
        f"{WARD}{name}": "error"
        for name in ("Exception", "Previous", "TypeError", "Warning", "BadProvider")
    },
    **{
        f"{WARD}{name}": "failed"
        for name in (
            "Fails",
            "PlainFailure",
            "Diff",
            "ExpectsException",
            'Data with data set "odd one"',
            'Data with data set "quote " and ünïcode"',
            "Data with data set #0",
        )
    },
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("plain", ALL, id="plain"),
        pytest.param("colour", ALL, id="colour"),
        pytest.param("verbose", ALL, id="verbose"),
        pytest.param("errors_only", BROKEN, id="errors only"),
        pytest.param("one_failure", {f"{WARD}Fails": "failed"}, id="one failure"),
        pytest.param("green", {}, id="all passed"),
        pytest.param("skipped", {}, id="skipped"),
    ],
)
def test_failures_are_named_and_counted(name: str, expected: dict[str, str]) -> None:
    session = only(phpunit, f"phpunit/{name}")
    assert outcomes(session) == expected
    assert session.expected_failed == len(expected)


def test_testdox_gives_titles_in_place_of_names() -> None:
    session = only(phpunit, "phpunit/testdox")
    assert session.expected_failed == len(session.failed)
    result = named(session, "Clinic\\Tests\\Ward::Plain failure")
    assert result.message == "Failed asserting that false is true."


@pytest.mark.parametrize(
    ("test", "exception", "message"),
    [
        pytest.param(
            "Fails", None, "beds Failed asserting that 3 is identical to 2.", id="said"
        ),
        pytest.param(
            "Exception", "InvalidArgumentException", "no bed for Ada", id="thrown"
        ),
        pytest.param("Previous", "RuntimeException", "outer", id="with a cause"),
        pytest.param(
            "Diff", None, "Failed asserting that two arrays are equal.", id="diff"
        ),
    ],
)
def test_the_message_is_what_the_test_said(
    test: str, exception: str | None, message: str
) -> None:
    result = named(only(phpunit, "phpunit/plain"), f"{WARD}{test}")
    assert (result.exception, result.message) == (exception, message)


def test_a_failure_gives_its_place() -> None:
    result = named(only(phpunit, "phpunit/plain"), f"{WARD}Fails")
    assert (result.frames[-1].path, result.frames[-1].line) == (
        "/build/phpunit/tests/WardTest.php",
        10,
    )


@pytest.mark.parametrize(
    ("name", "exception", "message"),
    [
        pytest.param("fatal", "Fatal error", "Allowed memory size of", id="fatal"),
        pytest.param("dies", None, "PHPUnit ended without its report", id="exit"),
        pytest.param("none", None, "No tests executed!", id="no tests"),
    ],
)
def test_a_run_without_its_report_is_a_problem(
    name: str, exception: str | None, message: str
) -> None:
    session = only(phpunit, f"phpunit/{name}")
    assert session.problem
    assert session.problem.exception == exception
    assert session.problem.message.startswith(message)
    assert session.expected_failed is None


def test_two_runs_are_two_sessions() -> None:
    first, second = sample(phpunit, "phpunit/two_runs")
    assert (outcomes(first), outcomes(second)) == ({}, BROKEN)


@given(st.lists(st.integers(0, 300), max_size=30))
def test_mangled_logs_are_read_without_an_exception(cuts: list[int]) -> None:
    names = ("plain", "testdox", "fatal", "none")
    text = b"".join((DATA / f"phpunit/{name}.log").read_bytes() for name in names)
    check_sound(phpunit, mangled(text, cuts))
