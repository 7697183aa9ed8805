"""``cargo nextest``: status lines, retries, and the summary they are checked by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import cargo, nextest
from tests.logs.frameworks.samples import (
    DATA,
    check_sound,
    mangled,
    named,
    only,
    outcomes,
    sample,
)


@pytest.mark.parametrize("name", ["nextest", "nextest_colour", "nextest_slow"])
def test_as_many_fail_as_the_summary_says(name: str) -> None:
    session = only(nextest, f"cargo/{name}")
    assert session.failed
    assert session.expected_failed == len(session.failed)


def test_signals_and_time_outs_have_their_outcome() -> None:
    assert outcomes(only(nextest, "cargo/nextest_slow")) == {
        "ward::crash exits": "failed",
        "ward::crash overflows_or_aborts": "crashed",
        "ward::crash segfaults": "crashed",
        "ward::crash sleeps": "timed_out",
    }


def test_retries_are_attempts() -> None:
    session = only(nextest, "cargo/nextest_retries")
    lucky = named(session, "ward::crash second_time_lucky")
    never = named(session, "ward::visits visit_fails")
    assert (lucky.outcome, lucky.attempts) == ("rerun", ("failed", "passed"))
    assert (never.outcome, never.attempts) == ("failed", ("failed",) * 3)
    assert session.expected_failed == 1
    assert lucky.test_id in session.passed


def test_the_message_comes_from_the_tests_own_output() -> None:
    session = only(nextest, "cargo/nextest")
    assert named(session, "ward tests::fails").message == (
        "assertion `left == right` failed: beds must be two"
    )
    assert named(session, "ward tests::returns_error").message == '"bad blood pressure"'


def test_the_indented_output_of_test_binaries_is_not_read_as_cargo_test() -> None:
    assert not sample(cargo, "cargo/nextest")


@given(st.lists(st.integers(0, 300), max_size=30))
def test_mangled_logs_are_read_without_an_exception(cuts: list[int]) -> None:
    names = ("nextest_retries", "nextest_slow")
    text = b"".join((DATA / f"cargo/{name}.log").read_bytes() for name in names)
    check_sound(nextest, mangled(text, cuts))
