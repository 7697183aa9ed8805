"""GoogleTest's failures are named as its filter takes them, crashes included."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import gtest
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

WARD = ("Fails", "Throws", "ThrowsInt", "StringDiff", "NoNewline")
ALL = {
    **{f"Ward.{name}": "failed" for name in WARD},
    "Typed/1.IsSmall": "failed",
    "Broken.NeverRuns": "failed",
    "Flaky.EverySecondTime": "failed",
    "Small/Dose.IsEven/1": "failed",
    "Small/Dose.IsEven/3": "failed",
    "All/Named.HasFour/three": "failed",
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("plain", ALL, id="plain"),
        pytest.param("colour", ALL, id="colour"),
        pytest.param("brief", ALL, id="brief prints no list"),
        pytest.param("passed", {}, id="all passed"),
        pytest.param("fail_fast", {"Ward.Fails": "failed"}, id="fail fast"),
        pytest.param("suite_setup", {"Broken": "failed"}, id="suite set-up"),
        pytest.param("segv", {"CrashTest.Segfaults": "crashed"}, id="segfault"),
        pytest.param("no_catch", {"Ward.Throws": "crashed"}, id="uncaught"),
        pytest.param(
            "abort",
            {"Ward.Fails": "failed", "CrashTest.Aborts": "crashed"},
            id="failed, then aborted",
        ),
    ],
)
def test_failures_are_named_with_their_outcome(
    name: str, expected: dict[str, str]
) -> None:
    assert outcomes(only(gtest, f"gtest/{name}")) == expected


@pytest.mark.parametrize("name", ["plain", "colour", "shuffle", "suite_setup"])
def test_as_many_fail_as_the_program_counted(name: str) -> None:
    session = only(gtest, f"gtest/{name}")
    assert session.expected_failed == len(session.failed)


@pytest.mark.parametrize("name", ["abort", "segv", "no_catch", "brief"])
def test_without_a_closing_list_there_is_no_count_to_expect(name: str) -> None:
    assert only(gtest, f"gtest/{name}").expected_failed is None


def test_counts_are_the_programs_own() -> None:
    counts = only(gtest, "gtest/plain").counts
    assert (counts.passed, counts.failed, counts.skipped) == (8, 11, 1)


@pytest.mark.parametrize(
    ("test", "message"),
    [
        pytest.param(
            "Ward.Fails",
            "Expected equality of these values: 1 + 1 Which is: 2 3 sums are hard",
            id="first of two assertions",
        ),
        pytest.param("Ward.Throws", "no beds left", id="exception"),
        pytest.param("Ward.NoNewline", "after text", id="FAIL()"),
        pytest.param(
            "Typed/1.IsSmall",
            "Expected: (sizeof(TypeParam)) < (4u), actual: 8 vs 4",
            id="comparison",
        ),
    ],
)
def test_the_first_assertion_is_the_message(test: str, message: str) -> None:
    assert named(only(gtest, "gtest/plain"), test).message == message


def test_an_assertion_gives_its_place() -> None:
    result = named(only(gtest, "gtest/plain"), "Ward.Fails")
    assert (result.line, result.span) == (8, (8, 13))
    assert (result.frames[0].path, result.frames[0].line) == (
        "/build/gtest/clinic_test.cc",
        9,
    )


def test_terminate_names_the_exception() -> None:
    result = named(only(gtest, "gtest/no_catch"), "Ward.Throws")
    assert (result.exception, result.message) == ("std::runtime_error", "no beds left")


def test_each_iteration_is_a_session_that_knows_what_passed_in_it() -> None:
    first, second, third = sample(gtest, "gtest/repeat")
    assert set(outcomes(first)) == {"Ward.Fails", "Flaky.EverySecondTime"}
    assert set(outcomes(second)) == {"Ward.Fails"}
    assert "Flaky.EverySecondTime" in second.passed
    assert set(outcomes(third)) == {"Ward.Fails", "Flaky.EverySecondTime"}


@given(st.lists(st.integers(0, 400), max_size=30))
def test_mangled_logs_are_read_without_an_exception(cuts: list[int]) -> None:
    text = b"".join((DATA / f"gtest/{n}.log").read_bytes() for n in ("plain", "abort"))
    check_sound(gtest, mangled(text, cuts))


def test_a_printed_failure_is_not_a_failure() -> None:
    text = b"[==========] Running 1 test from 1 test suite.\n[ RUN      ] A.B\n"
    printed = b"log: [  FAILED  ] C.D (0 ms)\n[       OK ] A.B (0 ms)\n"
    (session,) = sessions(gtest, text + printed)
    assert not session.failed


def test_a_count_too_long_to_keep_is_no_count() -> None:
    begin = b"[==========] Running 1 test from 1 test suite.\n"
    (session,) = sessions(gtest, begin + b"[  FAILED  ] " + b"1" * 5000 + b" tests")
    assert session.expected_failed is None
