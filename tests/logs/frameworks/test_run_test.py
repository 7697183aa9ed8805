"""``run_test.py`` needs a built PyTorch to run, so these logs are written by hand."""

from __future__ import annotations

import pytest

from sickbay.logs.frameworks import run_test as reader
from tests.logs.frameworks import samples

PYTEST = """=== test session starts ===
inductor/test_a.py::C::test_x FAILED [0.0020s] [100%]
=== short test summary info ===
FAILED [0.0020s] inductor/test_a.py::C::test_x - ValueError: no
=== 1 failed in 3.10s ===
"""


def failed(text: str) -> dict[str, str]:
    sessions = samples.sessions(reader, text.encode())
    return {
        test_id: outcome
        for session in sessions
        for test_id, outcome in samples.outcomes(session).items()
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "FAILED CONSISTENTLY: test/inductor/test_a.py::C::test_x\n",
            {"test/inductor/test_a.py::C::test_x": "failed"},
            id="consistent failure",
        ),
        pytest.param(
            "The following tests failed consistently: "
            """['test/a.py::C::x', "test/a.py::C::y['k']"]\n""",
            {"test/a.py::C::x": "failed", "test/a.py::C::y['k']": "failed"},
            id="list",
        ),
        pytest.param(
            "test_ops 2/3 failed! Received signal: SIGSEGV\n",
            {"test_ops": "crashed"},
            id="signal",
        ),
        pytest.param(
            "FAIL: test_x (test_ops.C.test_x)\ntest_ops 1/1 failed!\n"
            "FAILED CONSISTENTLY: test/test_ops.py::C::test_x\n",
            {},
            id="what unittest told already",
        ),
        pytest.param(
            "ERROR: test_x (__main__.C)\n"
            "FAILED CONSISTENTLY: test/test_ops.py::C::test_x\n"
            "FAILED CONSISTENTLY: test/test_ops.py::C::test_y\n",
            {"test/test_ops.py::C::test_y": "failed"},
            id="what unittest told, and what it did not",
        ),
        pytest.param("test_ops 2/3 failed!\n", {"test_ops": "failed"}, id="file"),
        pytest.param(
            "=== test session starts ===\ntest_ops.py::C::test_x PASSED [0.1s] [ 50%]\n"
            "test_ops 1/1 failed!\n",
            {"test_ops": "failed"},
            id="file of which pytest tells only what passed",
        ),
        pytest.param(
            "Running test_nn 1/4 ... [2026-01-01 10:00:00.1]\n"
            "Command took >30min, returning 124\ntest_nn 1/4 failed!\n",
            {"test_nn": "timed_out"},
            id="hung",
        ),
        pytest.param(
            "Command took >30min, returning 124 (test_nn 1/4)\n",
            {"test_nn": "timed_out"},
            id="hung, named",
        ),
        pytest.param(
            "The following tests failed and then succeeded when run in a new process"
            "['test/a.py::C::x']\n",
            {},
            id="flaky",
        ),
    ],
)
def test_what_it_says_alone_is_reported(text: str, expected: dict[str, str]) -> None:
    assert failed(text) == expected


def test_what_a_pytest_run_says_itself_is_not_repeated() -> None:
    consistent = "FAILED CONSISTENTLY: test/inductor/test_a.py::C::test_x\n"
    assert failed(PYTEST + consistent + "inductor/test_a 1/1 failed!\n") == {}


def test_counts_say_how_files_ended() -> None:
    text = b"test_ops 2/3 failed! Received signal: SIGSEGV\ntest_nn 1/1 failed!\n"
    (session,) = samples.sessions(reader, text)
    assert (session.counts.crashed, session.counts.failed) == (1, 1)
    assert session.expected_failed is None
