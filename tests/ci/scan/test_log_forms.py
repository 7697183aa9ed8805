"""A failure is the same one in whatever dress its log comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ci.scan.stage import Stage, pytest_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sickbay.ci.scan.models import Cause

STAMP = 1_783_974_785_649
FAILURES = {
    "kernels/test_norm.py::test_norm[a b - c]": "ValueError: the scale of a is off",
    "kernels/test_norm.py::TestNorm::test_x[m:n/[1, 2]]": "KeyError: 'no such norm'",
}


def marked(log: bytes) -> bytes:
    """As the agent stores it."""
    lines = log.splitlines(keepends=True)
    return b"".join(
        b"\x1b_bk;t=%d\x07%b" % (STAMP + n, line) for n, line in enumerate(lines)
    )


def dated(log: bytes) -> bytes:
    """As the agent's command line shows it."""
    lines = log.splitlines(keepends=True)
    return b"".join(b"[2026-07-13T19:39:58Z] %b" % line for line in lines)


def coloured(log: bytes) -> bytes:
    """As pytest writes for terminals."""
    red = log.replace(b"FAILED ", b"\x1b[31mFAILED\x1b[0m ")
    return red.replace(b"\nE       ", b"\n\x1b[1m\x1b[31mE       ")


def returned(log: bytes) -> bytes:
    """With the line ends of a terminal."""
    return log.replace(b"\n", b"\r\r\n")


def found(causes: Iterable[Cause]) -> dict[str, str]:
    """The message of each test."""
    return {
        str(seen.test_id): f"{seen.exception}: {seen.message}"
        for cause in causes
        for seen in cause.occurrences
    }


@pytest.mark.parametrize(
    "dress",
    [
        pytest.param(bytes, id="plain"),
        pytest.param(coloured, id="colours"),
        pytest.param(returned, id="line ends of a terminal"),
        pytest.param(dated, id="dates in brackets"),
        pytest.param(marked, id="markers of the agent"),
        pytest.param(lambda log: marked(returned(coloured(log))), id="all"),
    ],
)
def test_tests_and_their_messages_are_found_in_every_dress(
    dress: Callable[[bytes], bytes],
) -> None:
    stage = Stage()
    stage.job("Kernels Test", log=dress(pytest_log(FAILURES)))
    assert found(stage.scan()) == FAILURES


def test_failures_without_a_summary_are_found() -> None:
    log = pytest_log(FAILURES)
    head, _, rest = log.partition(
        b"=========================== short test summary info"
    )
    bar = rest[rest.index(b"\n= ") if b"\n= " in rest else rest.index(b"\n==") :]
    stage = Stage()
    stage.job("Kernels Test", log=head + bar)
    assert found(stage.scan()) == FAILURES


def test_a_file_that_could_not_be_collected_is_a_failure_of_its_own() -> None:
    log = pytest_log({})
    errors = (
        b"==================================== ERRORS ===========================\n"
        b"_____________ ERROR collecting lora/test_lora.py ______________\n"
        b"lora/test_lora.py:3: in <module>\n    import punica\n"
        b"E   ModuleNotFoundError: No module named 'punica'\n"
        b"=========================== short test summary info ==================\n"
        b"ERROR lora/test_lora.py - ModuleNotFoundError: No module named 'punica'\n"
        b"!!!!!!!!!!!!!!!!!!!! Interrupted: 1 error during collection !!!!!!!!!!!!!!\n"
        b"=============================== 1 error in 2.05s =======================\n"
    )
    stage = Stage()
    stage.job("LoRA Test", log=log[: log.index(b"===", 700)] + errors)
    assert found(stage.scan()) == {
        "lora/test_lora.py": "ModuleNotFoundError: No module named 'punica'"
    }


def test_what_the_product_prints_is_no_failed_test() -> None:
    log = pytest_log(FAILURES)
    printed = (
        b"inner run:\nFAILED inner/test_of_nobody.py::test_it - AssertionError: no\n"
        b"FAILED to fetch the cache, trying again\n"
    )
    at = log.index(b"ok/test_ok.py::test_3")
    stage = Stage()
    stage.job("Kernels Test", log=log[:at] + printed + log[at:])
    assert found(stage.scan()).keys() == FAILURES.keys()


def test_a_job_that_crashed_without_naming_a_test_is_not_called_new_for_that() -> None:
    stage = Stage()
    stage.job("Kernels Test", log=b"+++ running\nstarting\n", exit_status=1)
    assert stage.only().verdict.category == "NEEDS_HUMAN_TRIAGE"
