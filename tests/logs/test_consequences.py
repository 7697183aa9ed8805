"""Failures that are the consequence of another one; the logs are written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.causes.filler import speaker, spoken
from sickbay.logs.causes.kinds import kinds
from sickbay.logs.explain import explain_bytes
from sickbay.logs.hits import CONFIRMED
from sickbay.logs.scan import read_log

if TYPE_CHECKING:
    from sickbay.logs.report import Report

WHO = "(EngineCore_DP0 pid=4711)"
STAMP = "ERROR 11-02 10:00:01 [core.py:56]"
HUB = "huggingface_hub.errors.HfHubHTTPError: 503 Server Error: Unavailable for url: u"
RESET = "requests.exceptions.ConnectionError: ('Connection aborted.', ConnectionReset"
BUG = "ZeroDivisionError: integer division or modulo by zero"

ENGINE = "Engine core initialization failed. See root cause above. Failed core: {}"
STACK = "Worker failed to start. See stack trace for root cause."
DEAD = "EngineDeadError: EngineCore encountered an issue. See stack trace (above)."
WORKER = "The worker process died, see the logs above"

SESSION = """\
============================= test session starts ==============================
collected {count} items

test_llm.py::test_ok PASSED
{worker}test_llm.py::test_generate FAILED
{more}
=================================== FAILURES ===================================
________________________________ test_generate _________________________________

    def test_generate():
>       llm = LLM("m")

test_llm.py:9:
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

>       raise RuntimeError(message)
E       RuntimeError: {symptom}

vllm/engine.py:37: RuntimeError
=========================== short test summary info ============================
FAILED test_llm.py::test_generate - RuntimeError: {symptom}
========================= 1 failed, {passed} passed in 9.03s =========================
\U0001f6a8 Error: The command exited with status 1
"""


def worker(raised: str, before: str = f"{WHO} {STAMP} ") -> str:
    """The traceback of another process."""
    lines = [
        "Worker failed to start.",
        "Traceback (most recent call last):",
        '  File "/srv/vllm/core.py", line 54, in start',
        "    return EngineCore(model)",
        "           ^^^^^^^^^^^^^^^^^",
        raised,
    ]
    return "".join(f"{before}{line}\n" for line in lines)


def job(root: str, symptom: str, more: str = "") -> str:
    """A job whose test fails for what happened in another process."""
    count = 2 + more.count("PASSED")
    return SESSION.format(
        worker=root, symptom=symptom, more=more, count=count, passed=count - 1
    )


def explained(text: str) -> Report:
    return explain_bytes(text.encode())


@pytest.mark.parametrize(
    "symptom",
    [
        pytest.param(ENGINE, id="root-cause-above"),
        pytest.param(STACK, id="stack-trace"),
        pytest.param(DEAD, id="engine-dead"),
        pytest.param(WORKER, id="worker-died"),
    ],
)
@pytest.mark.parametrize(
    "before",
    [
        pytest.param(f"{WHO} {STAMP} ", id="logger"),
        pytest.param(f"{WHO} ", id="process"),
        pytest.param("(RayWorkerWrapper pid=33, ip=10.0.0.7) ", id="ray"),
        pytest.param("[rank3]: ", id="rank"),
    ],
)
@pytest.mark.parametrize(
    ("raised", "category"),
    [
        pytest.param(HUB, "infrastructure", id="hub-503"),
        pytest.param(RESET, "infrastructure", id="reset"),
        pytest.param(BUG, "code", id="bug"),
    ],
)
def test_root_in_another_process_beats_the_test_that_met_it(
    raised: str, category: str, before: str, symptom: str
) -> None:
    report = explained(job(worker(raised, before), symptom))
    assert report.causes[0].text.endswith(before + raised)
    assert report.verdict.category == category


@pytest.mark.parametrize("raised", [HUB, RESET, BUG])
def test_test_that_only_met_it_is_no_evidence(raised: str) -> None:
    evidence = explained(job(worker(raised), ENGINE)).verdict.evidence
    assert evidence
    assert not any("engine.py" in line for line in evidence)


def test_symptom_without_a_root_is_still_told_and_not_believed() -> None:
    report = explained(job("", ENGINE))
    assert report.found_failure
    assert report.verdict.confidence <= 0.5


def test_test_with_a_reason_of_its_own_speaks_beside_the_root() -> None:
    own = "test_llm.py::test_other FAILED\n"
    text = job(worker(HUB), ENGINE, own).replace(
        "=========================== short test",
        "_________________________________ test_other _________________________________"
        "\n\n    def test_other():\n>       assert 1 == 2\nE       assert 1 == 2\n\n"
        "test_llm.py:3: AssertionError\n=========================== short test",
    )
    evidence = explained(text.replace("1 failed", "2 failed")).verdict.evidence
    assert "for test: 1 test: AssertionError in a test" in evidence


def test_cause_of_one_process_takes_no_lines_of_another() -> None:
    root = f"{worker(HUB)}(EngineCore_DP1 pid=4712) INFO 11-02 waiting\nloading\n"
    assert explained(job(root, ENGINE)).causes[0].text.endswith(HUB)


def test_traceback_that_another_process_cuts_into_is_read_to_its_end() -> None:
    lines = worker(HUB).splitlines(keepends=True)
    root = "".join(f"{line}[rank1]: NCCL waits\n" for line in lines)
    assert explained(job(root, ENGINE)).causes[0].text == f"{WHO} {STAMP} {HUB}"


def test_rule_is_seen_on_the_line_of_a_test_among_many_such_lines() -> None:
    many = "".join(
        f"test_llm.py::test_retry[{n}] retry: 503 Server Error: Unavailable\nPASSED\n"
        for n in range(2 * CONFIRMED)
    )
    symptom = "503 Server Error: Service Unavailable for url: https://hub.example/m"
    text = job(many, symptom, many) + many
    report = explained(text)
    assert report.verdict.category == "infrastructure"
    assert report.verdict.reason.endswith("server answered 5xx")


def test_hits_that_were_only_counted_are_found_on_a_line() -> None:
    line = b"urllib3: 503 Server Error: Unavailable for url: u\n"
    log = read_log(line * 40)
    kept = {hit.number for hit in log.hits}
    assert 20 not in kept
    (hit,) = [h for h in log.hits_on(20, 20) if h.rule.name == "server answered 5xx"]
    assert hit.number == 20
    assert [h.number for h in log.hits_on(1, 2)] == sorted(
        h.number for h in log.hits_on(1, 2)
    )
    assert len(log.hits_on(1, 1)) == len({h.rule for h in log.hits_on(1, 1)})


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(ENGINE, id="engine"),
        pytest.param(STACK, id="stack-trace"),
        pytest.param(DEAD, id="dead"),
        pytest.param(WORKER, id="worker"),
        pytest.param("Test failed. See above for more details.", id="above"),
    ],
)
def test_consequence_is_known_by_its_words(text: str) -> None:
    assert "cascade" in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("ValueError: seed must be above 3", id="above-alone"),
        pytest.param("See https://example.org/logs", id="address"),
        pytest.param("AssertionError: root causes differ", id="root-causes"),
    ],
)
def test_reason_of_its_own_is_no_consequence(text: str) -> None:
    assert "cascade" not in kinds(text)


@pytest.mark.parametrize(
    ("text", "who", "said"),
    [
        pytest.param(f"{WHO} {STAMP} boom", WHO, "boom", id="logger"),
        pytest.param(f"{WHO} INFO 1 [a] up", WHO, "INFO 1 [a] up", id="no-failure"),
        pytest.param("[rank0]: boom", "[rank0]:", "boom", id="rank"),
        pytest.param("(see pid=12) boom", "(see pid=12)", "boom", id="two-words"),
        pytest.param("boom (a pid=1)", "", "boom (a pid=1)", id="not-at-the-start"),
        pytest.param("(a, b) boom", "", "(a, b) boom", id="tuple"),
    ],
)
def test_line_of_a_process_is_told_from_what_it_says(
    text: str, who: str, said: str
) -> None:
    assert (speaker(text), spoken(text)) == (who, said)


@given(st.text(max_size=80))
def test_nothing_but_the_beginning_of_a_line_is_taken_off(text: str) -> None:
    assert text.endswith(spoken(text))
    assert text.startswith(speaker(text))
