"""Single pieces of evidence, each in a case where it alone tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ci.scan.stage import ASSERTION, Stage, pytest_log

if TYPE_CHECKING:
    from sickbay.ci.scan.models import Category, Cause

TEST = "kernels/test_norm.py::test_layer_norm"
MEMORY = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 9 GiB"
SETUP = b"~~~ Running commands\n+++ install\n%s\nError: exited with status 1\n"


def texts(cause: Cause) -> str:
    """All evidence in one text."""
    return "\n".join(item.text for item in cause.verdict.evidence)


def test_shards_that_are_killed_on_many_machines_may_be_the_codes() -> None:
    stage = Stage()
    for shard in range(3):
        stage.job(f"Kernels Test {shard}", exit_status=137, shard=shard)
    assert "killed alike on 3 machines" in texts(stage.only())


def test_memory_that_runs_out_everywhere_is_asked_for_by_the_code() -> None:
    stage = Stage()
    stage.job("Kernels Test", log=pytest_log({TEST: MEMORY}))
    assert stage.only().verdict.category == "INFRA_SUSPECTED"
    for name in ("Models", "LoRA", "Spec"):
        test = f"{name.lower()}/test_x.py::test_x"
        stage.job(f"{name} Test", log=pytest_log({test: MEMORY}))
    assert stage.only().verdict.category == "NEW_REGRESSION"


def test_a_machine_on_which_it_failed_before_is_suspected() -> None:
    stage = Stage()
    stage.job("Kernels Test", host="gpu-9", log=pytest_log({TEST: ASSERTION}))
    stage.before("Kernels Test", "failed", "passed", "failed", "passed")
    assert stage.past is not None
    for build in stage.past:
        if build.endings["Kernels Test", None] == "passed":
            assert isinstance(build.hosts, dict)
            build.hosts["Kernels Test", None] = "gpu-4"
    assert "failed on gpu-9 2 times before, and passed elsewhere" in texts(stage.only())


def test_a_test_that_passed_when_tried_again_in_another_job_is_flaky() -> None:
    flaky = f"""============================= test session starts ====================
collected 2 items

{TEST} RERUN
{TEST} PASSED
kernels/test_b.py::test_b FAILED
=================================== FAILURES ===================================
____ test_b ____
E   KeyError: 'a_weight_that_is_missing'

kernels/test_b.py:3: KeyError
=========================== short test summary info ============================
FAILED kernels/test_b.py::test_b - KeyError: 'a_weight_that_is_missing'
==================== 1 failed, 1 passed, 1 rerun in 0.02s ======================
"""
    stage = Stage()
    stage.job("Kernels Test (B200)", log=flaky.encode())
    stage.job("Kernels Test (H100)", log=pytest_log({TEST: ASSERTION}))
    by_test = {cause.tests: cause for cause in stage.scan()}
    found = by_test[(TEST,)]
    assert found.verdict.category == "FLAKY_SUSPECTED"
    assert "passed when tried again in Kernels Test (B200)" in texts(found)


@pytest.mark.parametrize(
    ("line", "category"),
    [
        pytest.param(
            b"ERROR: No matching distribution found for torch==99.0",
            "INFRA_SUSPECTED",
            id="package that does not exist",
        ),
        pytest.param(
            b"bash: pytset: command not found", "NEW_REGRESSION", id="configuration"
        ),
        pytest.param(
            b"/usr/bin/ld: a.o: undefined reference to `run(int)'",
            "NEW_REGRESSION",
            id="code",
        ),
    ],
)
def test_words_of_a_job_without_tests_tell(line: bytes, category: Category) -> None:
    stage = Stage()
    stage.job("Build Image", log=SETUP % line)
    assert stage.only().verdict.category == category


def test_a_port_that_is_taken_is_a_race_of_tests() -> None:
    stage = Stage()
    message = "OSError: [Errno 98] Address already in use"
    stage.job("Comm Test", log=pytest_log({"comm/test_a.py::test_a": message}))
    assert stage.only().verdict.category == "FLAKY_SUSPECTED"


def test_an_import_that_is_missing_does_not_come_and_go() -> None:
    stage = Stage()
    message = "ImportError: cannot import name 'decode_frames' from 'ml.processing'"
    stage.job("Models Test", log=pytest_log({"m/test_a.py::test_a": message}))
    stage.before("Models Test", "passed", "failed", "passed", "passed", "failed")
    found = stage.only()
    assert found.verdict.category == "NEW_REGRESSION"
    assert "ImportError does not come and go" in texts(found)


def test_a_cancellation_in_the_log_is_the_time_limit_itself() -> None:
    log = (
        b"~~~ Running commands\n+++ run\n# Received cancellation signal, interrupting\n"
    )
    stage = Stage()
    stage.job("Models Test", word="timed_out", log=log)
    found = stage.only()
    assert found.text == "it ran into its time limit"
    assert found.verdict.trouble == "timeout"


def test_failures_of_a_file_that_come_together_are_one_cause() -> None:
    both = {
        "quant/test_a.py::test_x": "ValueError: the scale of x is off by a lot of it",
        "quant/test_a.py::test_y": "TypeError: y takes no argument called granularity",
    }
    stage = Stage()
    for hardware in ("H100", "B200"):
        stage.job(f"Quant Test ({hardware})", log=pytest_log(both))
    assert len(stage.only().tests) == 2
