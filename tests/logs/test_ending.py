"""How a job ended, and what that leaves to be said; the logs are written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.causes.filler import is_header
from sickbay.logs.ending import succeeded
from sickbay.logs.explain import explain_bytes
from sickbay.logs.scan import read_log

if TYPE_CHECKING:
    from sickbay.logs.report import Report

HEADER = """\
platform linux -- Python 3.12.3, pytest-8.4.2, pluggy-1.6.0 -- /usr/bin/python3
cachedir: .pytest_cache
metadata: {'Python': '3.12.3', 'Plugins': {'timeout': '2.4.0'}}
rootdir: /srv/timeouts, configfile: pyproject.toml
configfile: pyproject.toml
plugins: rerunfailures-16.0, timeout-2.4.0, error-reporter-1.0
hypothesis profile 'ci' -> deadline=timedelta(milliseconds=400)
created: 2/2 workers
2 workers [3 items]
scheduling tests via LoadScheduling
collecting ... collected 3 items
"""

PASSED = f"""\
============================= test session starts ==============================
{HEADER}
test_net.py::test_connection_refused ERROR 05-28 [net.py:8] ValueError: no host
Traceback (most recent call last):
  File "net.py", line 3, in connect
ConnectionRefusedError: [Errno 111] Connection refused
PASSED
test_net.py::test_crash the child exited with status 139
PASSED
test_net.py::test_timeout PASSED

============================== 3 passed in 0.42s ===============================
"""

AGENT = """\
~~~ Running global environment hook
$ /etc/buildkite-agent/hooks/environment
~~~ Running commands
$ pytest -v -s
{output}~~~ Running global pre-exit hook
$ /etc/buildkite-agent/hooks/pre-exit
"""

FAILED = "\U0001f6a8 Error: The command exited with status {status}\n"

KILLED = f"""\
============================= test session starts ==============================
{HEADER}
test_load.py::test_small PASSED
test_load.py::test_large """


def explained(text: str) -> Report:
    return explain_bytes(text.encode())


def agents(output: str, status: int = 0) -> str:
    """A log of Buildkite's agent around the output of a command."""
    failure = "^^^ +++\n" + FAILED.format(status=status) if status else ""
    return AGENT.format(output=output + failure)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PASSED, id="pytest-alone"),
        pytest.param(PASSED + "\n" + PASSED, id="twice"),
        pytest.param(agents(PASSED), id="Buildkite"),
        pytest.param(agents("ERROR: no such cache, going on\n"), id="without-tests"),
        pytest.param(agents("")[: agents("").index("~~~ Running g", 9)] + PASSED,
                     id="Buildkite-without-hooks"),
    ],
)  # fmt: skip
def test_job_that_passed_has_no_cause(text: str) -> None:
    report = explained(text)
    assert not report.found_failure
    assert (report.verdict.category, report.verdict.confidence) == ("unknown", 0)
    assert report.verdict.reason == "nothing in the log says that anything failed"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            PASSED + "twine: error: 403 Forbidden\n", "403", id="after-the-tests"
        ),
        pytest.param(
            PASSED + "Segmentation fault (core dumped)\n", "Segment", id="at-exit"
        ),
        pytest.param(
            agents(PASSED + "error: upload failed: denied\n", 1), "denied", id="agent"
        ),
        pytest.param(agents("cp: cannot stat 'a'\n", 1), "cannot stat", id="no-tests"),
    ],
)
def test_what_fails_outside_of_tests_that_passed_is_a_cause(
    text: str, said: str
) -> None:
    assert said in explained(text).causes[0].text


def test_test_that_fails_in_a_job_that_passed_is_told() -> None:
    failed = PASSED.replace("test_timeout PASSED", "test_timeout FAILED").replace(
        "3 passed", "1 failed, 2 passed"
    )
    report = explained(agents(failed))
    assert [test.test_id for test in report.tests.failed] == [
        "test_net.py::test_timeout"
    ]
    assert report.causes[0].evidence[0].startswith("test failed: ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(agents("fine\n"), True, id="hook-after-silence"),
        pytest.param(agents("fine\n", 1), False, id="exit-status"),
        pytest.param(
            agents("# Received cancellation signal, interrupting\n"),
            False,
            id="canceled",
        ),
        pytest.param("~~~ Running commands\nfine\n", False, id="agent-lost"),
        pytest.param(agents("") + "more\n" * 500, False, id="hook-long-ago"),
        pytest.param("Job succeeded\n", True, id="GitLab"),
        pytest.param("fine\nCleaning up orphan processes\n", True, id="GitHub"),
        pytest.param(
            "##[error]Process completed with exit code 1.\n"
            "Cleaning up orphan processes\n",
            False,
            id="GitHub-error",
        ),
        pytest.param("fine\n", False, id="nobody-says"),
    ],
)
def test_success_is_what_the_ci_says_last(
    text: str,
    expected: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert succeeded(read_log(text.encode())) is expected


@pytest.mark.parametrize("line", HEADER.splitlines())
def test_header_of_a_test_run_is_never_a_cause(line: str) -> None:
    assert is_header(line)
    text = f"{line}\nmake: *** [test] Error 1\n" + FAILED.format(status=1)
    assert all(line not in cause.text for cause in explained(text).causes)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("platform: error: no wheel", id="platform"),
        pytest.param("plugins: cannot load 'timeout'", id="plugins"),
        pytest.param("collecting garbage failed", id="collecting"),
        pytest.param("ERROR collecting tests/test_a.py", id="pytest-error"),
    ],
)
def test_line_that_only_looks_like_a_header_stays(line: str) -> None:
    assert not is_header(line)


@pytest.mark.parametrize(
    ("last", "status"),
    [
        pytest.param("Killed", 137, id="killed"),
        pytest.param("INFO loading\nKilled", 137, id="killed-on-a-line-of-its-own"),
        pytest.param("", 137, id="exit-status-alone"),
        pytest.param("Killed", 1, id="shell-hides-the-status"),
    ],
)
def test_test_killed_from_outside_is_no_fault_of_the_code(
    last: str, status: int
) -> None:
    report = explained(agents(KILLED + last + "\n", status))
    assert [test.test_id for test in report.tests.failed] == [
        "test_load.py::test_large"
    ]
    assert report.verdict.category == "infrastructure"
    assert "killed" in " ".join(report.verdict.evidence)


@pytest.mark.parametrize(
    ("last", "status"),
    [
        pytest.param("Fatal Python error: Segmentation fault\n", 139, id="segfault"),
        pytest.param("Fatal Python error: Aborted\n", 137, id="killed-after-a-crash"),
        pytest.param("\n", 1, id="no-word"),
    ],
)
def test_process_that_died_by_itself_is_the_codes_fault(last: str, status: int) -> None:
    report = explained(agents(KILLED + last, status))
    assert report.verdict.category == "code"


def test_exit_status_before_the_test_began_says_nothing_of_it() -> None:
    warm_up = FAILED.format(status=137)
    report = explained(warm_up + KILLED + "\n")
    assert report.verdict.evidence[0].startswith("for code: 1 test")


@given(st.text(max_size=200), st.integers(0, 255))
def test_any_job_with_an_exit_status_has_not_succeeded(text: str, status: int) -> None:
    data = agents(text + "\n" + FAILED.format(status=status)).encode()
    assert not succeeded(read_log(data))
