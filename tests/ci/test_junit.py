from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.junit import junit_results, reconciled
from sickbay.logs.explain import explain_bytes

DATA = Path(os.environ.get("SICKBAY_DATA", "../shared/data"))
HARD = DATA / "pytest-hard-cases"
HEAD = '<?xml version="1.0"?>'
SUITE = '<testsuites><testsuite name="pytest" errors="0" failures="1" tests="2">{}'
END = "</testsuite></testsuites>"
FAILED = """<testcase classname="kernels.test_norm.TestNorm" name="test_fwd[a.b/c]">
<failure message="ValueError: the norm is far off">E   ValueError: the norm</failure>
</testcase>"""
PASSED = '<testcase classname="kernels.test_norm" name="test_ok" />'
BOMB = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;">]>
<testsuites><testsuite name="&b;"/></testsuites>"""
NOTHING = explain_bytes(b"~~~ Running commands\nKilled\n")


def file(*cases: str) -> bytes:
    return (HEAD + SUITE.format("".join(cases)) + END).encode()


def test_a_failed_test_has_its_id_its_exception_and_its_message() -> None:
    (test,) = junit_results(file(FAILED, PASSED)).tests.failed
    assert test.test_id == "kernels/test_norm.py::TestNorm::test_fwd[a.b/c]"
    assert test.exception == "ValueError"
    assert test.message == "the norm is far off"
    assert test.signature


def test_a_test_that_fails_in_its_teardown_too_is_one_failure() -> None:
    again = FAILED.replace("failure", "error").replace(
        'message="ValueError: the norm is far off"',
        'message="failed on teardown with &quot;OSError: busy&quot;"',
    )
    (test,) = junit_results(file(FAILED, again)).tests.failed
    assert test.message == "the norm is far off"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"  \n", "empty", id="blank"),
        pytest.param(file(FAILED)[:200], "not a JUnit XML report", id="truncated"),
        pytest.param(b"<html><body>404</body></html>", "root is", id="a web page"),
        pytest.param(BOMB, "document type", id="entity bomb"),
        pytest.param(b"\x00\x01PK", "not a JUnit", id="no text"),
    ],
)
def test_a_file_that_says_nothing_says_why(data: bytes, why: str) -> None:
    found = junit_results(data)
    assert why in (found.why or "")
    assert not found.tests.failed


def test_a_huge_file_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sickbay.ci.junit.MAX_BYTES", 100)
    assert "bytes" in (junit_results(file(FAILED)).why or "")


def test_a_killed_job_gets_the_tests_that_its_file_names() -> None:
    report = reconciled(NOTHING, junit_results(file(FAILED, PASSED)))
    (test,) = report.tests.failed
    assert test.test_id.endswith("test_fwd[a.b/c]")
    assert test.line == 0
    assert report.tests.counts.failed == 1
    assert report.tests.counts.passed == 1
    assert report.tests.sessions == 1


@pytest.mark.skipif(not HARD.is_dir(), reason=f"no {HARD}: set SICKBAY_DATA")
@pytest.mark.parametrize(
    "name",
    [
        "collect_import",
        "collect_xdist",
        "durations",
        "hang_signal",
        "hard_narrow",
        "hard_nosummary",
        "hard_tbno",
        "reruns",
    ],
)
def test_log_and_file_of_one_run_are_one_set_of_failures(name: str) -> None:
    junit = junit_results((HARD / f"{name}.junit.xml").read_bytes())
    report = explain_bytes((HARD / f"{name}.log").read_bytes(), name)
    truth = json.loads((HARD / f"{name}.report.json").read_text())
    bad = [one["nodeid"] for one in truth["tests"] if one["outcome"] in _BAD]
    # pytest's own report leaves out the files that it could not collect.
    bad += ["test_collect_import.py"] if name.startswith("collect") else []
    both = reconciled(report, junit)
    assert sorted(test.test_id for test in both.tests.failed) == sorted(bad)
    assert all(test.message for test in both.tests.failed)


_BAD = ("failed", "error")


def test_a_message_that_the_terminal_cut_is_made_whole() -> None:
    log = b"""============================= test session starts ====================
collected 1 item

=========================== short test summary info ============================
FAILED kernels/test_norm.py::TestNorm::test_fwd[a.b/c] - ValueError: the no...
============================== 1 failed in 0.02s ===============================
"""
    report = explain_bytes(log)
    assert report.tests.failed[0].message != "the norm is far off"
    (test,) = reconciled(report, junit_results(file(FAILED))).tests.failed
    assert test.message == "the norm is far off"
    assert test.line == report.tests.failed[0].line


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(data: bytes) -> None:
    report = reconciled(NOTHING, junit_results(data))
    assert len(report.tests.failed) >= len(NOTHING.tests.failed)


@given(st.integers(min_value=0, max_value=len(file(FAILED, PASSED))))
def test_a_file_cut_anywhere_is_read_without_an_error(end: int) -> None:
    found = junit_results(file(FAILED, PASSED)[:end])
    assert found.why or found.tests.failed


def test_results_twice_are_the_results_once() -> None:
    junit = junit_results(file(FAILED, PASSED))
    once = reconciled(NOTHING, junit)
    assert reconciled(once, junit).tests == once.tests
