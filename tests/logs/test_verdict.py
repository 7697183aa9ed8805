from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.explain import explain_bytes
from sickbay.logs.report import CATEGORIES

PYTEST_FAILURE = """\
============================= test session starts ==============================
collected 2 items

tests/test_{name}.py F.                                                  [100%]

=================================== FAILURES ===================================
_________________________________ test_{name} __________________________________

    def test_{name}():
>       assert {left} == {right}
E       assert {left} == {right}

tests/test_{name}.py:4: AssertionError
=========================== short test summary info ============================
FAILED tests/test_{name}.py::test_{name} - assert {left} == {right}
========================= 1 failed, 1 passed in 0.03s ==========================
"""


def category(log: str) -> str:
    return explain_bytes(log.encode()).verdict.category


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        pytest.param(
            "g++ -c a.cpp\na.cpp:3:5: error: 'x' was not declared in this scope\n"
            "make: *** [a.o] Error 1\n",
            "code",
            id="compile-error",
        ),
        pytest.param(
            "+ pip install acme==9\n"
            "ERROR: Could not find a version that satisfies the requirement acme==9\n"
            "ERROR: No matching distribution found for acme==9\n",
            "dependency",
            id="no-such-release",
        ),
        pytest.param(
            "write error: No space left on device\nmake: *** [all] Error 1\n",
            "infrastructure",
            id="full-disk",
        ),
        pytest.param(
            "+ train.py\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate"
            " 2.00 GiB. GPU 0 has a total capacity of 79.10 GiB\n",
            "infrastructure",
            id="gpu-memory",
        ),
        pytest.param(
            "The runner has received a shutdown signal. This can happen when the runner"
            " service is stopped.\n##[error]The operation was canceled.\n",
            "infrastructure",
            id="runner-shut-down",
        ),
        pytest.param(
            "+ ./deploy.sh\n./deploy.sh: line 3: kubectl: command not found\n"
            "Error: The command exited with status 127\n",
            "configuration",
            id="command-not-found",
        ),
        pytest.param(
            PYTEST_FAILURE.format(name="sum", left="3", right="4"),
            "test",
            id="assertion",
        ),
        pytest.param(
            "+ ./engine\nSegmentation fault (core dumped)\n"
            "##[error]Process completed with exit code 139.\n",
            "code",
            id="segfault",
        ),
        pytest.param(
            "+ ./train\nKilled\n##[error]Process completed with exit code 137.\n",
            "infrastructure",
            id="killed",
        ),
    ],
)
def test_the_verdict_names_whose_fault_it_looks_like(log: str, expected: str) -> None:
    assert category(log) == expected


@pytest.mark.parametrize(
    ("name", "left", "right"),
    [
        pytest.param("timeout", "30", "60", id="a-test-named-timeout"),
        pytest.param("room", "'zoom'", "'room'", id="room-is-no-OOM"),
        pytest.param("connection_refused", "1", "2", id="named-after-the-network"),
        pytest.param("oom_killer", "1", "2", id="named-after-memory"),
        pytest.param("no_space_left", "1", "2", id="named-after-the-disk"),
    ],
)
def test_a_name_is_no_evidence(name: str, left: str, right: str) -> None:
    assert category(PYTEST_FAILURE.format(name=name, left=left, right=right)) == "test"


def test_the_reason_is_among_the_evidence_with_its_line() -> None:
    verdict = explain_bytes(b"one\nfatal error: No space left on device\n").verdict
    assert "line 2" in verdict.reason
    assert any(verdict.reason in evidence for evidence in verdict.evidence)


def test_a_calm_log_has_no_verdict() -> None:
    report = explain_bytes(b"compiling\ndone\n")
    assert report.verdict.category == "unknown"
    assert report.verdict.confidence == 0
    assert not report.found_failure


def test_a_job_that_says_it_succeeded_is_believed() -> None:
    log = b"warning: Error: ignored\nerror: retried\nok now\nJob succeeded\n"
    assert not explain_bytes(log).found_failure


def test_witnesses_on_both_sides_lower_the_confidence() -> None:
    crash = "Segmentation fault (core dumped)\n"
    disk = "write error: No space left on device\n"
    alone = explain_bytes(disk.encode()).verdict
    torn = explain_bytes((disk + crash * 3).encode()).verdict
    assert torn.confidence < alone.confidence
    assert len({line.split(":")[0] for line in torn.evidence}) == 2


def test_an_exit_status_speaks_when_nothing_else_does() -> None:
    report = explain_bytes(b"step one\nError: The command exited with status 137\n")
    assert report.verdict.category == "infrastructure"
    assert "137" in " ".join(report.verdict.evidence)


def test_a_test_that_failed_twice_is_one_test() -> None:
    once = PYTEST_FAILURE.format(name="sum", left="3", right="4")
    verdict = explain_bytes((once + "Retrying the shard\n" + once).encode()).verdict
    assert verdict.reason.startswith("1 test:")


@given(log=st.text(max_size=400))
def test_any_text_gets_a_verdict_within_bounds(log: str) -> None:
    verdict = explain_bytes(log.encode()).verdict
    assert verdict.category in CATEGORIES
    assert 0 <= verdict.confidence <= 0.95
    assert verdict.reason
