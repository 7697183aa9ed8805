"""``go test`` in every mode names the same failures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import go
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

CALC = dict.fromkeys(
    (
        "calc.TestAdd",
        "calc.TestTable",
        "calc.TestTable/with_space",
        "calc.TestTable/ünïcode",
        "calc.TestTable/a/b",
        "calc.TestTable/same",
        "calc.TestTable/same#01",
        "calc.TestParallel",
        "calc.TestParallel/n=1",
        "calc.TestNoMessage",
        "calc.TestQuietParallelA",
        "calc.Example_greets",
    ),
    "failed",
)
NOISY = {"noisy.TestNoNewline": "failed"}
FUZZ = {"fuzzy.FuzzParse": "failed", "fuzzy.FuzzParse/seed#1": "failed"}
UNBUILT = dict.fromkeys(("bad", "vet", "setup", "goexit"), "error")
PANIC = {
    "panics.TestNilPointer": "crashed",
    "panics.TestNilPointer/inner": "crashed",
}
FLAKY = {"flaky.TestSecondTimeLucky": "failed", "flaky.TestNeverLucky": "failed"}
EVERYTHING = CALC | NOISY | FUZZ | UNBUILT | PANIC | FLAKY


def full(names: dict[str, str]) -> dict[str, str]:
    return {f"example.org/clinic/{name}": how for name, how in names.items()}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("plain", CALC | NOISY | FUZZ, id="plain"),
        pytest.param("verbose", CALC | NOISY, id="verbose"),
        pytest.param("new_verbose", CALC | NOISY, id="verbose, newer Go"),
        pytest.param("panic", PANIC, id="panic"),
        pytest.param("panic_verbose", PANIC, id="panic, verbose"),
        pytest.param("build_failed", UNBUILT, id="does not build"),
        pytest.param("passed", {}, id="all passed"),
        pytest.param(
            "everything", EVERYTHING | {"slow.TestSleepy": "timed_out"}, id="everything"
        ),
        pytest.param(
            "new_everything",
            EVERYTHING | {"slow.TestSleepy/deep_sleep": "timed_out"},
            id="everything, newer Go",
        ),
        pytest.param(
            "timeout", {"slow.TestSleepy/deep_sleep": "timed_out"}, id="time-out"
        ),
        pytest.param(
            "deadlock", {"goexit.TestDeadlock": "timed_out"}, id="time-out in frames"
        ),
        pytest.param(
            "json_panic", PANIC | {"slow.TestSleepy": "timed_out"}, id="json panic"
        ),
        pytest.param(
            "new_json",
            PANIC
            | FUZZ
            | NOISY
            | dict.fromkeys(("bad", "vet", "setup"), "error")
            | {"slow.TestSleepy/deep_sleep": "timed_out"},
            id="json, newer Go",
        ),
    ],
)
def test_failures_are_named_with_their_outcome(
    name: str, expected: dict[str, str]
) -> None:
    assert outcomes(only(go, f"go/{name}")) == full(expected)


def test_events_and_what_does_not_build_beside_them_are_both_read() -> None:
    failed: dict[str, str] = {}
    for session in sample(go, "go/json"):
        failed |= outcomes(session)
    assert failed == full(CALC | NOISY | {"bad": "error"})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("gotestsum_dots", CALC | NOISY, id="dots"),
        pytest.param("gotestsum_verbose", CALC | PANIC, id="standard-verbose"),
        pytest.param(
            "gotestsum_pkgname",
            CALC
            | dict.fromkeys(
                ("slow.TestSleepy", "slow.TestSleepy/deep_sleep"), "timed_out"
            ),
            id="pkgname",
        ),
    ],
)
def test_gotestsums_summary_is_reconciled_with_its_count(
    name: str, expected: dict[str, str]
) -> None:
    session = only(go, f"go/{name}")
    assert outcomes(session) == expected
    assert session.expected_failed == len(expected)


def test_what_gotestsum_could_not_build_is_a_problem() -> None:
    problem = only(go, "go/gotestsum_dots").problem
    assert problem
    assert problem.message == "bad/bad.go:3:28: undefined: undefinedName"


@pytest.mark.parametrize("name", ["gotestsum_rerun", "gotestsum_testname"])
def test_a_rerun_that_passed_is_flaky_not_failed(name: str) -> None:
    session = only(go, f"go/{name}")
    lucky = named(session, "flaky.TestSecondTimeLucky")
    never = named(session, "flaky.TestNeverLucky")
    assert (lucky.outcome, lucky.attempts) == ("rerun", ("failed", "passed"))
    assert never.outcome == "failed"
    assert set(never.attempts) == {"failed"}
    assert session.expected_failed == 1


@pytest.mark.parametrize(
    ("log", "test", "message"),
    [
        pytest.param("plain", "calc.TestAdd", "1 + 1 = 2; want 3", id="tells most"),
        pytest.param(
            "verbose", "calc.TestAdd", "1 + 1 = 2; want 3", id="above its line"
        ),
        pytest.param(
            "plain", "calc.TestTable", 'bad name "with space"', id="from its child"
        ),
        pytest.param(
            "verbose", "calc.TestParallel/n=1", "n=1 is not liked", id="interleaved"
        ),
        pytest.param(
            "plain", "calc.Example_greets", "got: hallo want: hello", id="example"
        ),
        pytest.param("plain", "noisy.TestNoNewline", "glued", id="no line end"),
        pytest.param(
            "panic",
            "panics.TestNilPointer/inner",
            "runtime error: invalid memory address or nil pointer dereference",
            id="panic",
        ),
        pytest.param(
            "build_failed",
            "bad",
            "bad/bad.go:3:28: undefined: undefinedName",
            id="compile error",
        ),
        pytest.param("build_failed", "setup", "database is not there", id="TestMain"),
        pytest.param("build_failed", "goexit", "exit status 4", id="os.Exit"),
    ],
)
def test_the_message_is_what_the_test_said(log: str, test: str, message: str) -> None:
    result = named(only(go, f"go/{log}"), f"example.org/clinic/{test}")
    assert result.message == message


def test_a_panics_frames_end_where_it_happened() -> None:
    result = named(
        only(go, "go/panic"), "example.org/clinic/panics.TestNilPointer/inner"
    )
    frame = result.frames[-1]
    assert (frame.path, frame.line) == ("/build/go/panics/panics_test.go", 12)


def test_counted_runs_are_attempts() -> None:
    result = named(only(go, "go/counted"), "example.org/clinic/calc.TestAdd")
    assert result.attempts == ("failed", "failed")


def test_a_second_run_of_a_package_is_another_session() -> None:
    data = (DATA / "go/panic.log").read_bytes()
    assert len(sessions(go, data + data)) == 2


@given(st.lists(st.integers(0, 900), max_size=30))
def test_mangled_logs_are_read_without_an_exception(cuts: list[int]) -> None:
    names = ("everything", "panic_verbose", "gotestsum_rerun", "json_panic", "new_json")
    text = b"".join((DATA / f"go/{name}.log").read_bytes() for name in names)
    check_sound(go, mangled(text, cuts))
