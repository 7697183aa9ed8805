"""``cargo test``: every binary is a session, reconciled with its own result line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import cargo
from tests.logs.frameworks.samples import (
    DATA,
    check_sound,
    mangled,
    named,
    only,
    outcomes,
    sample,
)

WARD = dict.fromkeys(
    (
        "tests::fails",
        "tests::fails_plain",
        "tests::multi_line",
        "tests::nested::größe",
        "tests::nested::thread_panics",
        "tests::panics_with_wrong_text",
        "tests::returns_error",
        "tests::should_panic_but_does_not",
        "tests::unwraps",
    ),
    "failed",
)
NESTED = {name: how for name, how in WARD.items() if "nested" in name}
DOC = dict.fromkeys(
    (
        "ward/src/lib.rs - beds (line 5)",
        "ward/src/lib.rs - beds (line 9)",
        "ward/src/lib.rs - nothing (line 18)",
    ),
    "failed",
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("plain", {"tests::powders": "failed"}, id="plain"),
        pytest.param("show_output", WARD, id="show output"),
        pytest.param("nocapture", WARD, id="nocapture"),
        pytest.param("quiet", WARD, id="quiet"),
        pytest.param("filter", NESTED, id="filter"),
        pytest.param("doc", DOC, id="doc tests"),
        pytest.param("backtrace", {"visit_fails": "failed"}, id="backtrace"),
    ],
)
def test_failures_are_named_and_counted(name: str, expected: dict[str, str]) -> None:
    session = only(cargo, f"cargo/{name}")
    assert outcomes(session) == expected
    assert session.expected_failed == len(expected)


def test_every_binary_and_the_doc_tests_are_a_session_each() -> None:
    found = [outcomes(session) for session in sample(cargo, "cargo/no_fail_fast")]
    assert found == [
        {"tests::powders": "failed"},
        {},
        WARD,
        {},
        {"visit_fails": "failed"},
        {},
        DOC,
    ]


@pytest.mark.parametrize(
    ("log", "test", "exception", "message"),
    [
        pytest.param(
            "quiet",
            "tests::fails",
            "panic",
            "assertion `left == right` failed: beds must be two",
            id="assert_eq",
        ),
        pytest.param("quiet", "tests::multi_line", "panic", "first line", id="lines"),
        pytest.param(
            "quiet", "tests::returns_error", "Error", '"bad blood pressure"', id="Err"
        ),
        pytest.param(
            "quiet",
            "tests::panics_with_wrong_text",
            None,
            "panic did not contain expected string",
            id="should_panic",
        ),
        pytest.param(
            "quiet",
            "tests::nested::thread_panics",
            "panic",
            "called `Result::unwrap()` on an `Err` value: Any { .. }",
            id="its own panic, not its thread's",
        ),
        pytest.param(
            "nocapture",
            "tests::fails_plain",
            "panic",
            "assertion failed: beds() == 2",
            id="inline",
        ),
        pytest.param(
            "doc",
            "ward/src/lib.rs - nothing (line 18)",
            "error[E0308]",
            "mismatched types",
            id="doc test that does not compile",
        ),
    ],
)
def test_the_message_is_what_the_test_died_of(
    log: str, test: str, exception: str | None, message: str
) -> None:
    result = named(only(cargo, f"cargo/{log}"), test)
    assert (result.exception, result.message) == (exception, message)


@pytest.mark.parametrize(
    ("name", "test", "message"),
    [
        pytest.param(
            "abort",
            "overflows_or_aborts",
            "signal: 6, SIGABRT: process abort signal",
            id="abort",
        ),
        pytest.param("exits", "exits", "exit status: 7", id="exit"),
    ],
)
def test_the_unfinished_test_of_a_dead_binary_crashed(
    name: str, test: str, message: str
) -> None:
    session = only(cargo, f"cargo/{name}")
    assert outcomes(session) == {test: "crashed"}
    assert named(session, test).message == message
    assert session.expected_failed is None


def test_a_dead_binary_that_does_not_say_which_test_is_a_problem() -> None:
    session = only(cargo, "cargo/segv")
    assert session.problem
    assert session.problem.message == "signal: 11, SIGSEGV: invalid memory reference"
    assert not session.failed


def test_a_crate_that_does_not_compile_is_a_problem() -> None:
    problem = only(cargo, "cargo/compile_error").problem
    assert problem
    assert (problem.exception, problem.message) == ("error[E0308]", "mismatched types")


def test_a_backtrace_gives_frames() -> None:
    frames = named(only(cargo, "cargo/backtrace"), "visit_fails").frames
    assert (frames[-1].path, frames[-1].line) == ("ward/tests/visits.rs", 8)
    assert len(frames) > 2


@given(st.lists(st.integers(0, 500), max_size=30))
def test_mangled_logs_are_read_without_an_exception(cuts: list[int]) -> None:
    names = ("no_fail_fast", "nocapture", "abort", "compile_error", "segv")
    text = b"".join((DATA / f"cargo/{name}.log").read_bytes() for name in names)
    check_sound(cargo, mangled(text, cuts))
