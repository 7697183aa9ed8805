"""JUnit's console runners name what failed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import junitconsole
from tests.logs.frameworks.samples import (
    DATA,
    check_sound,
    mangled,
    named,
    only,
    outcomes,
    sessions,
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(
            "four",
            {
                "com.example.CartTest.adds": "failed",
                "com.example.CartTest.sums": "failed",
                "com.example.CartTest.waits": "timed_out",
                "com.example.SetUpTest": "error",
            },
            id="junit 4, with a printed failure",
        ),
        pytest.param(
            "five",
            {
                "com.example.BillTest.sums": "failed",
                "com.example.BillTest.letters(String)[2]": "failed",
                "com.example.BillTest.named": "failed",
                "com.example.BillTest$WhenEmpty.isZero": "failed",
                "com.example.HookTest": "error",
            },
            id="junit platform",
        ),
        pytest.param("four_passed", {}, id="junit 4, passed"),
    ],
)
def test_failures_are_named_and_agree_with_junits_own_counts(
    name: str, expected: dict[str, str]
) -> None:
    session = only(junitconsole, f"junitconsole/{name}")
    assert outcomes(session) == expected
    assert session.expected_failed == len(expected) == session.counts.bad
    assert all(result.message for result in session.failed)


@pytest.mark.parametrize(
    ("name", "test_id", "message"),
    [
        pytest.param(
            "four",
            "com.example.CartTest.sums",
            "total expected:<3> but was:<2>",
            id="junit 4",
        ),
        pytest.param(
            "five",
            "com.example.BillTest.sums",
            "total ==> expected: <3> but was: <2>",
            id="junit platform",
        ),
    ],
)
def test_reason_is_told(name: str, test_id: str, message: str) -> None:
    result = named(only(junitconsole, f"junitconsole/{name}"), test_id)
    lines = (DATA / f"junitconsole/{name}.log").read_text().split("\n")
    assert result.message == message
    assert message in lines[result.line - 1]
    assert any(frame.function == test_id for frame in result.frames)


def test_phpunits_closing_words_are_not_junits() -> None:
    log = b"There was 1 failure:\n\n1) CartTest::adds\nno\n\nFAILURES!\nTests: 1\n"
    assert not sessions(junitconsole, log)


@given(st.lists(st.integers(0, 130), max_size=40))
def test_any_part_of_a_log_is_read(cuts: list[int]) -> None:
    names = ("four", "five", "four_passed")
    data = b"".join((DATA / f"junitconsole/{n}.log").read_bytes() for n in names)
    check_sound(junitconsole, mangled(data, cuts))


def test_totals_too_long_to_read_are_no_totals() -> None:
    text = b"There was 1 failure:\nTests run: 1,  Failures: " + b"1" * 70_000 + b"\n"
    assert all(run.expected_failed is not None for run in sessions(junitconsole, text))
