from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import junit
from sickbay.logs.frameworks import pytest as reader
from sickbay.logs.frameworks.pytest import identity
from tests.logs.frameworks import samples

if TYPE_CHECKING:
    from sickbay.logs.frameworks.results import Session

LOGS = samples.DATA / "pytest"
REPORTED = sorted(
    path.name.removesuffix(".failed.json") for path in LOGS.glob("*.json")
)
BAD = ("failed", "error", "crashed", "timed_out")
MANY = "test_subtests.py::TestSub::test_many"


def bad(name: str) -> dict[str, str]:
    found = samples.sample(reader, f"pytest/{name}")
    return {
        result.test_id: result.outcome
        for session in found
        for result in session.failed
        if result.outcome in BAD
    }


def inline(text: str) -> Session:
    (session,) = samples.sessions(reader, text.encode())
    return session


@pytest.mark.parametrize("name", REPORTED)
def test_failed_ids_are_those_of_the_report(name: str) -> None:
    truth = json.loads((LOGS / f"{name}.failed.json").read_text())
    assert set(bad(name)) - {MANY} == set(truth["failed"]) - {MANY}


@pytest.mark.parametrize("name", REPORTED)
def test_failures_add_up_to_the_final_bar(name: str) -> None:
    truth = json.loads((LOGS / f"{name}.failed.json").read_text())
    sessions = samples.sample(reader, f"pytest/{name}")
    assert len(sessions) == 1
    if sessions[0].expected_failed is not None:
        parts = 1 if "subtests" in name else 0  # a bar counts failed subtests as well
        assert sessions[0].expected_failed == len(bad(name)) + truth["twice"] + parts


@pytest.mark.parametrize("name", [name for name in REPORTED if name != "no_summary"])
def test_messages_are_the_exceptions_first_lines(name: str) -> None:
    truth = json.loads((LOGS / f"{name}.failed.json").read_text())["failed"]
    for result in samples.only(reader, f"pytest/{name}").failed:
        said = truth.get(result.test_id)
        if not said or result.outcome not in BAD:
            continue
        full = f"{result.exception or 'Failed'}: {result.message}"
        cut = (result.message or "").endswith("...")
        assert said in (full, result.message) or (cut and said.startswith(full[:-3]))


@pytest.mark.parametrize("name", REPORTED)
def test_junit_report_tells_the_same(name: str) -> None:
    (session,) = junit.parse_junit((LOGS / f"{name}.junit.xml").read_bytes())
    told = {result.test_id for result in session.failed if result.outcome in BAD}
    assert told - {MANY} == set(bad(name)) - {MANY}


def test_without_summary_or_traceback_there_is_no_made_up_message() -> None:
    results = samples.only(reader, "pytest/no_summary").failed
    assert {result.message for result in results} == {None}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(
            "killed",
            {
                "test_hang.py::test_before": "failed",
                "test_hang.py::test_hang": "crashed",
            },
            id="killed",
        ),
        pytest.param("segfault", {"test_segv.py::test_segv": "crashed"}, id="segfault"),
        pytest.param(
            "segfault_plain",
            {"test_segv.py::test_segv": "crashed"},
            id="from the stack",
        ),
        pytest.param(
            "timeout_thread",
            {
                "test_hang.py::test_before": "failed",
                "test_hang.py::test_hang": "timed_out",
            },
            id="timeout of a thread",
        ),
        pytest.param(
            "timeout_signal",
            {
                "test_hang.py::test_before": "failed",
                "test_hang.py::test_hang": "timed_out",
            },
            id="timeout of a signal",
        ),
        pytest.param(
            "worker_crash",
            {
                "test_crash.py::test_dies": "crashed",
                "test_crash.py::test_before": "failed",
                "test_crash.py::test_after": "failed",
            },
            id="worker",
        ),
        pytest.param(
            "doctest",
            {
                "doc_words.py::doc_words": "failed",
                "doc_words.py::doc_words.shout": "failed",
            },
            id="doctest",
        ),
        pytest.param(
            "old",
            {
                "test_old.py::test_ids[a b]": "failed",
                "test_old.py::test_ids[x - y]": "failed",
                "test_old.py::TestClass::test_method": "failed",
                "test_old.py::test_setup": "error",
            },
            id="pytest 3",
        ),
    ],
)
def test_ends_of_runs_without_a_report(name: str, expected: dict[str, str]) -> None:
    assert bad(name) == expected


def test_dead_run_has_no_final_count() -> None:
    assert samples.only(reader, "pytest/segfault").expected_failed is None


def test_rerun_that_passed_is_flaky_evidence_not_a_failure() -> None:
    session = samples.only(reader, "pytest/reruns")
    flaky = samples.named(session, "test_flaky.py::test_second_time")
    always = samples.named(session, "test_flaky.py::test_never")
    assert (flaky.outcome, flaky.attempts) == ("rerun", ("rerun", "passed"))
    assert always.attempts == ("rerun", "rerun", "failed")
    assert "test_flaky.py::test_second_time" in session.passed


def test_sessions_of_one_log_are_told_apart() -> None:
    sessions = samples.sample(reader, "pytest/sessions")
    assert [session.expected_failed for session in sessions] == [1, 2, 0, None]
    assert [len(session.failed) for session in sessions] == [1, 2, 0, 2]


@pytest.mark.parametrize("name", ["live", "live_plain", "all_reported"])
def test_session_printed_by_a_test_is_not_counted(name: str) -> None:
    session = samples.only(reader, f"pytest/{name}")
    assert session.expected_failed == 26
    assert not any("test_inner" in result.test_id for result in session.failed)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("bad_option", "unrecognized arguments: --nope", id="option"),
        pytest.param("not_found", "file or directory not found: nope.py", id="file"),
        pytest.param("conftest", "No module named 'nonexistent_module'", id="conftest"),
    ],
)
def test_session_that_could_not_start_says_why(name: str, message: str) -> None:
    session = samples.only(reader, f"pytest/{name}")
    assert session.problem
    assert session.problem.message == message
    assert not session.failed


def test_result_points_at_statement_message_and_place() -> None:
    session = samples.only(reader, "pytest/default")
    result = samples.named(session, "test_kinds.py::test_called")
    lines = (LOGS / "default.log").read_text().splitlines()
    assert result.span
    assert lines[result.line - 1].endswith(" ConnectionError: refused by helper")
    assert lines[result.span[0] - 1].startswith(">")
    assert lines[result.span[1] - 1] == "test_kinds.py:38: ConnectionError"
    assert [frame.function for frame in result.frames] == ["test_called", "_help"]


def test_equal_names_in_two_files_keep_their_own_messages() -> None:
    session = samples.only(reader, "pytest/default")
    twin = samples.named(session, "test_twin.py::test_called")
    assert twin.message == "the twin's own"


def test_service_prefix_is_taken_off() -> None:
    text = (LOGS / "default.log").read_text()
    prefixed = "".join(f"web_1  | {line}\n" for line in text.splitlines())
    assert samples.outcomes(inline(prefixed)) == bad("default")


def test_two_services_at_once_are_two_sessions() -> None:
    one = (LOGS / "default.log").read_text().splitlines()
    two = (LOGS / "reruns.log").read_text().splitlines()
    mixed = []
    for index in range(max(len(one), len(two))):
        mixed += [f"web_1  | {line}" for line in one[index : index + 1]]
        mixed += [f"db_1   | {line}" for line in two[index : index + 1]]
    sessions = samples.sessions(reader, "\n".join(mixed).encode())
    assert sorted(len(session.failed) for session in sessions) == [2, 25]


def test_crashed_worker_whose_test_passes_elsewhere_keeps_both_attempts() -> None:
    text = """=== test session starts ===
[gw1] node down: Not properly terminated
[gw1] [ 50%] FAILED t.py::test_a
[gw0] [ 50%] PASSED t.py::test_a
=== FAILURES ===
___ t.py ___
[gw1] linux -- Python 3.12.1 /usr/bin/python
worker 'gw1' crashed while running 't.py::test_a'
=== short test summary info ===
FAILED t.py::test_a
=== 1 failed, 1 passed in 0.65s ===
"""
    (result,) = inline(text).failed
    assert (result.outcome, result.attempts) == ("crashed", ("failed", "passed"))


def test_end_of_a_long_message_is_not_a_test() -> None:
    text = """=== FAILURES ===
___ test_a ___
E   RuntimeError: first
E   FAILED fake.py::test_b - nope

t.py:1: RuntimeError
=== short test summary info ===
FAILED t.py::test_a - RuntimeError: first
FAILED fake.py::test_b - nope
=== 1 failed in 0.10s ===
"""
    assert samples.outcomes(inline(text)) == {"t.py::test_a": "failed"}


def test_canceled_job_is_a_time_out_not_a_crash() -> None:
    text = """=== test session starts ===
t.py::test_a PASSED
t.py::test_b
##[error]The operation was canceled.
"""
    assert samples.outcomes(inline(text)) == {"t.py::test_b": "timed_out"}


def test_pytorch_s_timed_lines_are_read() -> None:
    text = """=== test session starts ===
t.py::C::test_a ('RERUN', {'yellow': True}) [2.5530s] [100%]
t.py::C::test_a FAILED [0.0020s] [100%]
=== short test summary info ===
FAILED [0.0020s] t.py::C::test_a - ValueError: no
=== 1 failed, 1 rerun in 3.10s ===
"""
    (result,) = inline(text).failed
    assert (result.test_id, result.message) == ("t.py::C::test_a", "no")
    assert result.attempts == ("rerun", "failed")


def test_internal_error_is_the_session_s_problem() -> None:
    text = """=== test session starts ===
INTERNALERROR> Traceback (most recent call last):
INTERNALERROR>   File "x.py", line 1, in f
INTERNALERROR> KeyError: 'plugin'
=== no tests ran in 0.10s ===
"""
    problem = inline(text).problem
    assert problem
    assert (problem.exception, problem.message) == ("KeyError", "'plugin'")


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        pytest.param("t.py::a - no - no", ("t.py::a", "no - no"), id="first dash"),
        pytest.param("t.py::a[x - y] - no", ("t.py::a[x - y]", "no"), id="in brackets"),
        pytest.param("t.py::a[x[0] - y] - z", ("t.py::a[x[0] - y]", "z"), id="nested"),
        pytest.param("t.py::a[] x] - no", ("t.py::a[] x]", "no"), id="unbalanced"),
        pytest.param("t.py::a[x]", ("t.py::a[x]", None), id="no message"),
        pytest.param("a/t.py - OSError: x", ("a/t.py", "OSError: x"), id="file"),
    ],
)
def test_id_and_message_are_parted(rest: str, expected: tuple[str, str | None]) -> None:
    assert identity.split(rest) == expected


def test_known_id_wins_over_the_guess() -> None:
    assert identity.split("t.yaml::a - b - c", {"t.yaml::a - b"}) == (
        "t.yaml::a - b",
        "c",
    )


PARAMETER = st.text(
    st.characters(codec="ascii", exclude_characters="\r\n"), max_size=20
)


@given(PARAMETER.filter(lambda text: text.count("[") == text.count("]") == 0))
def test_any_parameter_without_brackets_survives(parameter: str) -> None:
    test_id = f"tests/t.py::C::test_a[{parameter}]"
    assert identity.split(f"{test_id} - boom") == (test_id, "boom")


PIECES = st.sampled_from(
    [
        line.encode()
        for name in ("live", "reruns", "worker_crash", "tb_line", "collection", "old")
        for line in (LOGS / f"{name}.log").read_text().splitlines()
    ]
)


@given(st.lists(PIECES | st.binary(max_size=40), max_size=60))
def test_any_lines_give_sound_sessions(lines: list[bytes]) -> None:
    samples.check_sound(reader, b"\n".join(lines) or b"\n")


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("SKIPPED [ 50%]", id="bare"),
        pytest.param("SKIPPED (no GPU) [ 50%]", id="reason"),
        pytest.param("SKIPPED [0.0002s] (no GPU) [ 50%]", id="time and reason"),
    ],
)
def test_a_skipped_test_is_not_running_when_the_log_ends(said: str) -> None:
    session = inline(f"=== test session starts ===\ntest_a.py::test_x {said}\n")
    assert session.counts.skipped == 1
    assert not session.failed
