from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import unittest as reader
from tests.logs.frameworks import samples

SUITE = {
    "tests.test_suite.S": "error",
    "tests.test_suite.T.test_error": "error",
    "tests.test_suite.T.test_lists": "failed",
    "tests.test_suite.T.test_subtests": "failed",
    "tests.test_suite.T.test_surprise": "failed",
}


@pytest.mark.parametrize("name", ["verbose", "buffered", "main", "testtools", "django"])
def test_failed_tests_are_named_as_the_runner_accepts_them(name: str) -> None:
    assert samples.outcomes(samples.only(reader, f"unittest/{name}")) == SUITE


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("plain", 7, id="with a broken module"),
        pytest.param("verbose", 6, id="verbose"),
        pytest.param("good", 0, id="nothing failed"),
        pytest.param("segfault", None, id="died"),
    ],
)
def test_final_count_is_the_runner_s_own(name: str, expected: int | None) -> None:
    assert samples.only(reader, f"unittest/{name}").expected_failed == expected


def test_module_that_cannot_be_imported_is_named_with_the_cause() -> None:
    result = samples.named(samples.only(reader, "unittest/plain"), "tests.test_broken")
    assert result.exception == "ModuleNotFoundError"
    assert result.message == "No module named 'nonexistent_module'"


def test_message_is_that_of_the_last_exception_in_the_chain() -> None:
    session = samples.only(reader, "unittest/verbose")
    result = samples.named(session, "tests.test_suite.T.test_error")
    assert (result.exception, result.message) == (
        "OSError",
        "[Errno 28] No space left on device",
    )
    assert result.frames[-1].function == "test_error"


def test_crash_is_put_on_the_running_test() -> None:
    session = samples.only(reader, "unittest/segfault")
    (result,) = session.failed
    assert (result.test_id, result.outcome) == ("tests.dies.C.test_dies", "crashed")
    assert result.message == "Fatal Python error: Segmentation fault"
    assert session.passed == {"tests.dies.C.test_a"}


def test_passed_tests_are_known_when_the_run_is_verbose() -> None:
    session = samples.only(reader, "unittest/verbose")
    assert "tests.test_suite.T.test_good" in session.passed


def test_error_line_of_another_tool_is_no_test() -> None:
    text = b"ERROR: pip does not see (all)\nRan 3 tests in 0.1s\n\nOK\n"
    (session,) = samples.sessions(reader, text)
    assert not session.failed
    assert session.counts.passed == 3


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        pytest.param("test_a (m.C)", "m.C.test_a", id="before 3.11"),
        pytest.param("test_a (m.C.test_a)", "m.C.test_a", id="since 3.11"),
        pytest.param("test_a (m.C.test_a) (i=1, s='x y')", "m.C.test_a", id="subtest"),
        pytest.param(
            "test_a (m.C.test_a) [a - b] (i=1)", "m.C.test_a", id="said subtest"
        ),
        pytest.param("setUpClass (m.C)", "m.C", id="class"),
        pytest.param("setUpModule (m)", "m", id="module"),
        pytest.param("a.b (unittest.loader._FailedTest)", "a.b", id="import"),
        pytest.param(
            "a.b (unittest.loader._FailedTest.a.b)", "a.b", id="import since 3.11"
        ),
        pytest.param("m.C.test_a", "m.C.test_a", id="nose"),
        pytest.param(
            "test_a('./x', ...) (m.C)", "m.C.test_a('./x', ...)", id="arguments"
        ),
    ],
)
def test_descriptions_become_dotted_names(what: str, expected: str) -> None:
    assert reader.identity(what) == expected


LINES = st.sampled_from(
    (samples.DATA / "unittest/verbose.log").read_bytes().splitlines()
    + (samples.DATA / "unittest/segfault.log").read_bytes().splitlines()
)


@given(st.lists(LINES | st.binary(max_size=40), max_size=60))
def test_any_lines_give_sound_sessions(lines: list[bytes]) -> None:
    samples.check_sound(reader, b"\n".join(lines) or b"\n")
