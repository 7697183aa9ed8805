"""RSpec's closing report names what failed, under ids that rspec takes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import rspec
from tests.logs.frameworks.samples import (
    DATA,
    check_sound,
    mangled,
    named,
    only,
    outcomes,
    sample,
)

LINES = (15, 19, 23, 27, 45, 54, 81, 32, 36, 7, 67, 72, 77, 78)
WARD = {f"./spec/ward_spec.rb:{line}": "failed" for line in LINES} | {
    "./spec/ward_spec.rb[1:6:3]": "failed"
}


@pytest.mark.parametrize("name", ["progress", "documentation", "colour", "profile"])
def test_every_format_names_the_same_failures(name: str) -> None:
    session = only(rspec, f"rspec/{name}")
    assert outcomes(session) == WARD
    assert session.expected_failed == len(WARD)
    assert session.counts.skipped == 2


@pytest.mark.parametrize(
    ("line", "exception", "message"),
    [
        pytest.param(15, None, "expected: 3 got: 2", id="compared"),
        pytest.param(19, "ArgumentError", "no bed for Ada", id="raised"),
        pytest.param(27, None, "the lights are off", id="custom message"),
        pytest.param(
            45,
            None,
            "Expected pending 'should fail' to fail. No error was raised.",
            id="pending that passed",
        ),
        pytest.param(54, None, "expected: 2 got: 1", id="aggregated"),
        pytest.param(81, "KeyError", "outer", id="with a cause"),
        pytest.param(72, "IOError", "cannot clean up", id="after hook"),
    ],
)
def test_the_message_is_what_the_example_said(
    line: int, exception: str | None, message: str
) -> None:
    result = named(only(rspec, "rspec/progress"), f"./spec/ward_spec.rb:{line}")
    assert (result.exception, result.message) == (exception, message)


def test_messages_follow_their_examples_in_random_order() -> None:
    result = named(only(rspec, "rspec/profile"), "./spec/ward_spec.rb:72")
    assert result.message == "cannot clean up"


@pytest.mark.parametrize(
    ("name", "test", "exception"),
    [
        pytest.param("load_error", "./broken_spec.rb", "NameError", id="load"),
        pytest.param("syntax_error", "./syntax_spec.rb", "SyntaxError", id="syntax"),
        pytest.param("after_suite", "after(:suite)", "RuntimeError", id="hook"),
    ],
)
def test_errors_outside_of_examples_are_errors(
    name: str, test: str, exception: str
) -> None:
    session = only(rspec, f"rspec/{name}")
    assert outcomes(session) == {test: "error"}
    assert named(session, test).exception == exception
    assert session.expected_failed == 1


def test_an_example_that_passed_when_retried_is_a_rerun() -> None:
    session = only(rspec, "rspec/retries")
    lucky = named(session, "./retry_spec.rb:4")
    assert (lucky.outcome, lucky.attempts) == ("rerun", ("failed", "passed"))
    assert named(session, "./retry_spec.rb:5").outcome == "failed"
    assert session.expected_failed == 1


def test_two_runs_are_two_sessions() -> None:
    first, second = sample(rspec, "rspec/two_runs")
    assert set(outcomes(first)) == {"./spec/ward_spec.rb:15"}
    assert set(outcomes(second)) == {"./spec/ward_spec.rb:19"}


def test_a_run_that_passed_has_no_failures() -> None:
    session = only(rspec, "rspec/passed")
    assert (session.expected_failed, list(session.failed)) == (0, [])


@given(st.lists(st.integers(0, 400), max_size=30))
def test_mangled_logs_are_read_without_an_exception(cuts: list[int]) -> None:
    names = ("progress", "load_error", "retries")
    text = b"".join((DATA / f"rspec/{name}.log").read_bytes() for name in names)
    check_sound(rspec, mangled(text, cuts))
