"""Vitest's closing list names what failed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import vitest
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

MATH = {
    "src/math.test.js > math > add > adds two numbers": "failed",
    'src/math.test.js > math > add > is > odd: "quoted" (and ) named': "failed",
    "src/math.test.js > math > add > each 1 vs 2": "failed",
    "src/math.test.js > throws a type error": "failed",
    "src/math.test.js > throws text": "failed",
    "src/math.test.js > throws our own error": "failed",
}
HOOKS = {
    "src/hooks.test.js > with a broken beforeAll": "error",
    "src/hooks.test.js > with a broken afterAll": "error",
    "src/hooks.test.js > with a broken beforeEach > second": "failed",
}
SUITES = {
    "src/broken.test.js": "error",
    "src/empty.test.js": "error",
    "src/missing.test.js": "error",
}
NOISE = {"src/noise.test.js > really fails": "failed"}
SLOW = {"src/slow.test.js > never answers": "timed_out"}
LOST = {"src/flaky.test.js > retried > fails every time": "failed"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("default", MATH | NOISE, id="default, with a printed result"),
        pytest.param("verbose", MATH | HOOKS | LOST, id="verbose"),
        pytest.param("dot", MATH | HOOKS, id="dot"),
        pytest.param("github", MATH, id="github-actions beside default"),
        pytest.param("suites", MATH | SUITES, id="files that do not run"),
        pytest.param("slow", SLOW, id="time-out"),
        pytest.param(
            "snapshot",
            {"src/snap.test.js > matches its picture": "failed"},
            id="picture",
        ),
        pytest.param(
            "projects",
            {"web.test.js > web works": "failed", "api.test.js > api works": "failed"},
            id="projects",
        ),
        pytest.param(
            "bail",
            {"src/math.test.js > math > add > adds two numbers": "failed"},
            id="bail",
        ),
    ],
)
def test_failures_are_named_and_agree_with_vitests_own_counts(
    name: str, expected: dict[str, str]
) -> None:
    session = only(vitest, f"vitest/{name}")
    assert outcomes(session) == expected
    assert session.expected_failed == len(expected) == session.counts.bad
    assert all(result.message for result in session.failed)


def test_colour_changes_nothing() -> None:
    session = only(vitest, "vitest/colour")
    bad = {name for name, outcome in outcomes(session).items() if outcome != "rerun"}
    assert bad == set(MATH | HOOKS | SUITES | NOISE | SLOW | LOST) | {
        "src/snap.test.js > matches its picture"
    }
    assert session.expected_failed == len(bad)


@pytest.mark.parametrize(
    ("test_id", "exception", "message"),
    [
        pytest.param(
            "src/math.test.js > throws our own error",
            "StorageError",
            "disk is gone",
            id="own type",
        ),
        pytest.param(
            "src/math.test.js > throws text", None, "just a string", id="text"
        ),
    ],
)
def test_reason_is_told(test_id: str, exception: str | None, message: str) -> None:
    result = named(only(vitest, "vitest/default"), test_id)
    assert (result.exception, result.message) == (exception, message)


def test_frame_is_read() -> None:
    result = named(
        only(vitest, "vitest/default"), "src/math.test.js > throws our own error"
    )
    assert [(f.path, f.line) for f in result.frames] == [("src/math.test.js", 16)]


def test_retried_tests_tell_their_attempts() -> None:
    session = only(vitest, "vitest/retries")
    flaky = named(session, "src/flaky.test.js > retried > passes in the end")
    lost = named(session, "src/flaky.test.js > retried > fails every time")
    assert (flaky.outcome, flaky.attempts) == ("rerun", ("failed", "failed", "passed"))
    assert flaky.test_id in session.passed
    assert lost.attempts == ("failed",) * 3
    assert session.expected_failed == 1


def test_unhandled_error_is_a_problem_of_the_run() -> None:
    session = only(vitest, "vitest/unhandled")
    assert session.problem
    assert session.problem.message == "nobody waits for me"
    assert session.expected_failed == 0


def test_no_files_is_a_problem() -> None:
    problem = only(vitest, "vitest/nothing").problem
    assert problem
    assert problem.message == "No test files found, exiting with code 1"


def test_each_call_is_a_session() -> None:
    first, second = sample(vitest, "vitest/two_sessions")
    assert outcomes(first) == NOISE
    assert outcomes(second) == SLOW


def test_file_that_passes_later_is_seen() -> None:
    bad = (DATA / "vitest/slow.log").read_bytes()
    good = "\n RUN  v3.2.7 /build/web\n\n ✓ src/slow.test.js (1 test) 7ms\n\n"
    good += (
        " Test Files  1 passed (1)\n      Tests  1 passed (1)\n   Start at  12:00:00\n"
    )
    _, second = sessions(vitest, bad + good.encode())
    assert second.passed == set(SLOW)


@given(st.lists(st.integers(0, 400), max_size=40))
def test_any_part_of_a_log_is_read(cuts: list[int]) -> None:
    check_sound(vitest, mangled((DATA / "vitest/colour.log").read_bytes(), cuts))
