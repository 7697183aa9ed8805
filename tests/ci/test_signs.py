"""What single failures say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.faults import fault
from sickbay.ci.models import Job
from sickbay.ci.signs import Sign, sign


def said(line: str, *captures: str) -> Sign:
    return sign(Job(name="a", sha="1", state="fail", lines=(line,), captures=captures))


TEST = "profiler/test_profiler.py::TestUtils::test_loader"


@pytest.mark.parametrize(
    ("line", "captures", "test"),
    [
        pytest.param(f"FAILED [3.7560s] {TEST} - E: x", (TEST,), TEST, id="pytest"),
        pytest.param(f"FAILED CONSISTENTLY: {TEST}", (), TEST, id="no captures"),
        pytest.param(
            "FAIL [5.126s]: test_api (__main__.TestApi)",
            ("test_api", "TestApi"),
            "test_api (TestApi)",
            id="unittest",
        ),
        pytest.param("", ("test_api", "TestApi"), "test_api (TestApi)", id="no line"),
        pytest.param(
            "FAILED test_a.py::TestA::test_b[cpu-1]",
            (),
            "test_a.py::TestA::test_b[cpu-1]",
            id="parameters",
        ),
    ],
)
def test_failure_names_its_test(
    line: str, captures: tuple[str, ...], test: str
) -> None:
    found = said(line, *captures)
    assert found.tests == (test,)
    assert found.special == test


@pytest.mark.parametrize(
    "line",
    [
        "##[error]Process completed with exit code 1.",
        "!!!!!!!!!!!! KeyboardInterrupt !!!!!!!!!!!!",
        "RuntimeError: Command failed with non-zero exit status",
        "##[error]The operation was canceled.",
        "AssertionError",
        "FAILED",
        "",
    ],
)
def test_line_that_any_failure_may_have_tells_nothing(line: str) -> None:
    assert not said(line, line.removeprefix("##[error]")).telling


def test_same_failure_says_the_same_in_other_places_and_times() -> None:
    one = said(
        "FAILED [3.7s] a.py::T::test_x - OSError: no thing named 5123 in /tmp/ab"
    )
    two = said(
        "FAILED [9.1s] a.py::T::test_y - OSError: no thing named 9871 in /tmp/cd"
    )
    assert one.message == two.message
    assert one.message
    assert one.special != two.special


def test_common_message_of_a_test_says_nothing_of_other_tests() -> None:
    line = "FAILED a.py::T::test_x - AssertionError: Scalars are not equal!"
    assert said(line).message == ""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sccache: error: couldn't connect to server", "infrastructure"),
        ("No space left on device", "infrastructure"),
        ("ModuleNotFoundError: No module named 'dataclasses_json'", "dependency"),
        ("bash: ./build.sh: command not found", "configuration"),
        ("a.o: undefined reference to `std::__throw_bad_alloc()'", "code"),
        (">>> Lint for .github/workflows/docker-builds.yml:", "code"),
        (f"FAILED {TEST} - AssertionError: 1 != 2", "test"),
        ("something went wrong", "unknown"),
    ],
)
def test_line_speaks_of_a_fault(line: str, expected: str) -> None:
    assert fault(said(line)) == expected


@given(line=st.text(max_size=300), captures=st.lists(st.text(max_size=60), max_size=3))
def test_anything_can_be_said(line: str, captures: list[str]) -> None:
    found = said(line, *captures)
    assert found.telling == bool(found.special or found.message)
    assert fault(found)
