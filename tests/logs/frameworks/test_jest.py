"""Jest's logs say which tests failed, in any of its modes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import jest
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

DOT = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
MATH = {
    DOT.join(("math", "add", "adds two numbers")): "failed",
    DOT.join(("math", "add", "is", 'odd: "quoted" (and ) named')): "failed",
    DOT.join(("math", "add", "each 1 vs 2")): "failed",
    "throws a type error": "failed",
    "throws text": "failed",
    "throws our own error": "failed",
}
HOOKS = {
    DOT.join(("with a broken beforeAll", "first")): "failed",
    DOT.join(("with a broken beforeAll", "second")): "failed",
    DOT.join(("with a broken afterEach", "third")): "failed",
    "src/hooks.test.js": "error",
}
SLOW = {"never answers": "timed_out", "never calls done": "timed_out"}
SUITES = {
    "src/broken.test.js": "error",
    "src/missing.test.js": "error",
    "src/empty.test.js": "error",
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("default", MATH, id="default"),
        pytest.param("silent", MATH, id="silent, no stack"),
        pytest.param("verbose", MATH | HOOKS, id="verbose, hooks"),
        pytest.param("colour", MATH | HOOKS | SLOW, id="colour"),
        pytest.param("suites", MATH | SUITES, id="files that do not run"),
        pytest.param("slow", SLOW, id="time-outs"),
        pytest.param("bail", SLOW, id="bail"),
        pytest.param(
            "projects", {"api works": "failed", "web works": "failed"}, id="projects"
        ),
        pytest.param(
            "snapshot",
            {"matches its picture": "failed", "matches inline": "failed"},
            id="snapshots",
        ),
        pytest.param("passed", {}, id="passed, with made-up results in the output"),
    ],
)
def test_failures_are_named_and_agree_with_jests_own_counts(
    name: str, expected: dict[str, str]
) -> None:
    session = only(jest, f"jest/{name}")
    assert outcomes(session) == expected
    assert session.expected_failed == len(expected)
    assert all(result.message for result in session.failed)


def test_closing_counts_are_read() -> None:
    counts = only(jest, "jest/suites").counts
    assert (counts.passed, counts.failed, counts.error, counts.skipped) == (2, 6, 3, 2)


@pytest.mark.parametrize(
    ("test_id", "exception", "message", "frame"),
    [
        pytest.param(
            "throws a type error",
            "TypeError",
            "Cannot read properties of undefined (reading 'foo')",
            ("src/math.test.js", 12),
            id="typed",
        ),
        pytest.param(
            "throws our own error",
            "StorageError",
            "disk is gone",
            ("src/math.test.js", 15),
            id="own type",
        ),
        pytest.param(
            "throws text", None, "just a string", ("src/math.test.js", 13), id="text"
        ),
        pytest.param(
            "src/broken.test.js",
            "SyntaxError",
            "/build/jest/src/broken.test.js: Unexpected token (3:0)",
            None,
            id="syntax error below advice",
        ),
    ],
)
def test_reason_is_told(
    test_id: str, exception: str | None, message: str, frame: tuple[str, int] | None
) -> None:
    result = named(only(jest, "jest/suites"), test_id)
    assert (result.exception, result.message) == (exception, message)
    if frame:
        assert (result.frames[-1].path, result.frames[-1].line) == frame


def test_span_starts_at_the_bullet_and_holds_the_reason() -> None:
    result = named(only(jest, "jest/default"), "throws a type error")
    lines = (DATA / "jest/default.log").read_text().split("\n")
    assert result.span
    assert "throws a type error" in lines[result.span[0] - 1]
    assert "Cannot read properties" in lines[result.line - 1]


def test_retried_tests_tell_their_attempts() -> None:
    session = only(jest, "jest/retries")
    flaky = named(session, "retried passes in the end")
    lost = named(session, DOT.join(("retried", "fails every time")))
    assert flaky.outcome == "rerun"
    assert flaky.attempts == ("failed", "failed", "passed")
    assert flaky.test_id in session.passed
    assert lost.attempts == ("failed",) * 3
    assert session.expected_failed == 1


def test_each_call_is_a_session() -> None:
    first, second = sample(jest, "jest/two_sessions")
    assert (first.expected_failed, first.counts.passed) == (0, 1)
    assert outcomes(second) == SLOW
    assert first.line_end < second.line_start


def test_summary_of_failures_is_not_counted_twice() -> None:
    session = only(jest, "jest/summary")
    assert session.expected_failed == 18
    assert sum(result.outcome != "rerun" for result in session.failed) == 18


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("nothing", "No tests found, exiting with code 1", id="no tests"),
        pytest.param("config", 'Option "testMatch" must be of type:', id="bad option"),
    ],
)
def test_run_that_never_began_is_a_problem(name: str, message: str) -> None:
    session = only(jest, f"jest/{name}")
    assert session.problem
    assert session.problem.message == message


def test_same_name_in_two_files_stays_two_tests() -> None:
    log = b"""FAIL a/x.test.js
  \xe2\x97\x8f renders

    Error: a

FAIL b/y.test.js
  \xe2\x97\x8f renders

    Error: b

Test Suites: 2 failed, 2 total
Tests:       2 failed, 2 total
"""
    (session,) = sessions(jest, log)
    assert [r.test_id for r in session.failed] == [
        "renders",
        f"b/y.test.js{DOT}renders",
    ]


def test_attempts_that_say_nothing_are_flaky_evidence_all_the_same() -> None:
    log = b" LOGGING RETRY ERRORS  waits\n RETRY 1 \n RETRY 2 \nPASS a.test.js\n"
    log += b"Tests:       1 passed, 1 total\n"
    (session,) = sessions(jest, log)
    assert [(r.test_id, r.outcome) for r in session.failed] == [("waits", "rerun")]


def test_passing_later_is_seen() -> None:
    bad = (DATA / "jest/slow.log").read_bytes()
    good = b"PASS src/slow.test.js\n  \xe2\x9c\x93 never answers (3 ms)\n\n"
    good += b"Tests:       1 passed, 1 total\n"
    first, second = sessions(jest, bad + good)
    assert "never answers" in outcomes(first)
    assert second.passed == {"never answers"}


@given(st.lists(st.integers(0, 500), max_size=40))
def test_any_part_of_a_log_is_read(cuts: list[int]) -> None:
    check_sound(jest, mangled((DATA / "jest/summary.log").read_bytes(), cuts))
