"""Which failures are one cause: over tests, jobs and attempts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sickbay.ci.scan.models import CATEGORIES
from tests.ci.scan.stage import ASSERTION, Stage, pytest_log

DATA = Path(os.environ.get("SICKBAY_DATA", "../shared/data"))
VLLM = DATA / "vllm-buildkite"
TEST = "kernels/test_norm.py::test_layer_norm"
SYMPTOM = "RuntimeError: Engine core initialization failed. See root cause above."
SHAPES = "RuntimeError: the shapes of query and cache blocks do not fit together"


def test_one_failure_in_eight_jobs_is_one_cause() -> None:
    stage = Stage()
    for number in range(8):
        stage.job(f"Kernels Test (GPU{number})", log=pytest_log({TEST: ASSERTION}))
    cause = stage.only()
    assert len(cause.jobs) == 8
    assert cause.tests == (TEST,)


def test_tests_that_fail_of_one_thing_are_one_cause() -> None:
    tests = [f"kernels/test_norm.py::test_{name}" for name in "abcde"]
    stage = Stage()
    stage.job("Kernels Test", log=pytest_log(dict.fromkeys(tests, ASSERTION)))
    assert stage.only().tests == tuple(tests)


def test_failures_that_differ_in_numbers_only_are_one_cause() -> None:
    stage = Stage()
    for number in (17, 4711):
        message = f"ValueError: the cache ran out of blocks after {number} requests"
        stage.job("Cache Test (H100)", log=pytest_log({TEST: message}))
    assert len(stage.scan()) == 1


def test_two_faults_in_one_job_are_two_causes() -> None:
    log = pytest_log({TEST: ASSERTION, "kernels/test_a.py::test_b": SHAPES})
    stage = Stage()
    stage.job("Kernels Test", log=log)
    assert len(stage.scan()) == 2


def test_a_bare_assertion_joins_no_other_test() -> None:
    stage = Stage()
    for name in ("Kernels", "Models"):
        log = pytest_log({f"{name.lower()}/test_x.py::test_x": "assert False"})
        stage.job(f"{name} Test", log=log)
    assert len(stage.scan()) == 2


def test_a_bare_assertion_of_one_test_is_one_cause_in_all_jobs() -> None:
    stage = Stage()
    for hardware in ("H100", "B200"):
        log = pytest_log({TEST: "assert False"})
        stage.job(f"Kernels Test ({hardware})", log=log)
    assert len(stage.only().jobs) == 2


def test_a_test_that_says_little_in_one_job_fails_of_what_it_says_in_another() -> None:
    stage = Stage()
    stage.job("Kernels Test (H100)", log=pytest_log({TEST: "assert False"}))
    stage.job("Kernels Test (B200)", log=pytest_log({TEST: ASSERTION}))
    cause = stage.only()
    assert "logits" in cause.text


def test_a_test_that_fails_of_two_things_has_two_causes() -> None:
    stage = Stage()
    stage.job("Kernels Test (H100)", log=pytest_log({TEST: SHAPES}))
    stage.job("Kernels Test (B200)", log=pytest_log({TEST: ASSERTION}))
    assert len(stage.scan()) == 2


def test_exit_statuses_alone_join_no_jobs() -> None:
    log = b"~~~ Running commands\nError: The command exited with status 1\n"
    stage = Stage()
    stage.job("Docs Build", log=log)
    stage.job("Kernels Test", log=log)
    assert len(stage.scan()) == 2


def test_shards_that_died_alike_are_one_cause_and_stay_apart_as_jobs() -> None:
    log = b"~~~ Running commands\nError: The command exited with status 1\n"
    stage = Stage()
    for shard in range(2):
        stage.job(f"Kernels Test {shard + 1}", log=log, shard=shard)
    cause = stage.only()
    assert [job.place[1] for job in cause.jobs] == [0, 1]


def test_jobs_that_one_machine_killed_are_one_cause() -> None:
    stage = Stage()
    stage.job("Docs Build", exit_status=-1, host="gpu-7")
    stage.job("Kernels Test", exit_status=-1, host="gpu-7")
    stage.job("Models Test", exit_status=-1, host="gpu-8")
    assert sorted(len(cause.jobs) for cause in stage.scan()) == [1, 2]


def test_a_symptom_is_counted_for_its_root_cause() -> None:
    tests = {f"engine/test_core.py::test_{n}": SYMPTOM for n in range(4)}
    stage = Stage()
    root = "RuntimeError: CUDA driver initialization failed, you might have no GPU."
    log = pytest_log({"engine/test_core.py::test_root": root, **tests})
    stage.job("Engine Test", log=log)
    cause = stage.only()
    assert len(cause.tests) == 5
    assert "CUDA driver initialization failed" in cause.text


def test_symptoms_without_a_root_do_not_join_jobs() -> None:
    stage = Stage()
    stage.job("Engine Test", log=pytest_log({"engine/test_a.py::test_a": SYMPTOM}))
    stage.job("Models Test", log=pytest_log({"models/test_b.py::test_b": SYMPTOM}))
    assert len(stage.scan()) == 2


def test_one_exception_in_many_files_of_a_job_is_one_cause() -> None:
    failures = {
        f"models/test_{n}.py::test_{n}": f"EngineError: {'xyzuv'[n]} of it is missing"
        for n in range(5)
    }
    stage = Stage()
    stage.job("Models Test", log=pytest_log(failures, passed=40))
    assert len(stage.only().tests) == 5


def test_assertions_in_many_files_of_a_job_are_many_causes() -> None:
    failures = {
        f"models/test_{n}.py::test_{n}": f"AssertionError: the {word} differ by far"
        for n, word in enumerate(("logits", "tokens", "weights", "scales", "blocks"))
    }
    stage = Stage()
    stage.job("Models Test", log=pytest_log(failures, passed=40))
    assert len(stage.scan()) == 5


def test_ids_from_two_folders_are_one_test() -> None:
    stage = Stage()
    stage.job("Kernels Test (H100)", log=pytest_log({TEST: "assert False"}))
    stage.job("Kernels Test (B200)", log=pytest_log({f"tests/{TEST}": "assert False"}))
    assert stage.only().tests == (f"tests/{TEST}",)


def test_a_test_that_passed_when_tried_again_is_no_failure() -> None:
    log = (DATA / "pytest-hard-cases/reruns.log") if DATA.is_dir() else None
    if log is None:
        pytest.skip(f"no {DATA}: set SICKBAY_DATA")
    stage = Stage()
    stage.job("Retry Test", log=log.read_bytes())
    cause = stage.only()
    assert cause.tests == ("test_flaky_counter.py::test_always_fails",)
    assert cause.occurrences[0].attempts == ("failed",) * 3
    assert cause.verdict.category == "NEW_REGRESSION"


def test_a_cause_keeps_its_id_in_other_builds() -> None:
    one, other = Stage(), Stage()
    one.job("Kernels Test (H100)", log=pytest_log({TEST: ASSERTION}))
    other.green(9)
    for hardware in ("H100", "B200"):
        log = pytest_log({TEST: ASSERTION})
        other.job(f"Kernels Test ({hardware})", log=log)
    assert one.only().cause_id == other.only().cause_id


# Real logs.


def of_vllm(name: str) -> Stage:
    path = VLLM / name
    if not path.is_file():
        pytest.skip(f"no {VLLM}: set SICKBAY_DATA")
    stage = Stage()
    stage.green(50)
    stage.job("V1 Test", log=path.read_bytes())
    return stage


def test_fifty_tests_without_a_gpu_are_one_cause_of_the_machine() -> None:
    cause = of_vllm("log_engine_cuda_init_fail.txt").only()
    assert len(cause.tests) == 50
    assert cause.verdict.category == "INFRA_SUSPECTED"
    assert cause.text.startswith("RuntimeError: CUDA driver initialization failed")


def test_an_import_error_is_named_with_its_test() -> None:
    cause = of_vllm("log_nixl_import_error.txt").only()
    assert [test.rpartition("::")[2] for test in cause.tests] == [
        "test_nixl_and_nixl_ep_imports"
    ]
    assert cause.occurrences[0].exception == "ImportError"
    assert cause.verdict.category == "NEW_REGRESSION"


def test_two_tests_of_a_raw_log_are_found_with_their_messages() -> None:
    causes = of_vllm("raw_log_64854_elastic_ep_scaling.txt").scan()
    found = {cause.tests[0].rpartition("::")[2]: cause.text for cause in causes}
    assert found.keys() == {"test_elastic_ep_scaling", "test_elastic_ep_scaling_uneven"}
    assert "accuracy 0.000 is below" in found["test_elastic_ep_scaling_uneven"]


# Whatever fails.

MESSAGES = (ASSERTION, SHAPES, SYMPTOM, "assert False", "TimeoutError: too slow", "")
JOBS = ("Kernels Test (H100)", "Kernels Test 2", "Models Test", "Docs Build")
ENDS: tuple[dict[str, Any], ...] = (
    {},
    {"exit_status": 137},
    {"exit_status": -1},
    {"word": "timed_out"},
)


@st.composite
def stages(draw: st.DrawFn) -> Stage:
    """A build with failures of any kind."""
    stage = Stage()
    stage.green(draw(st.integers(0, 3)))
    for _ in range(draw(st.integers(1, 5))):
        tests = draw(st.lists(st.integers(0, 6), max_size=4, unique=True))
        failures = {
            f"d/test_{n % 2}.py::test_{n}": draw(st.sampled_from(MESSAGES))
            for n in tests
        }
        log = pytest_log(failures, passed=draw(st.integers(0, 3)))
        more = draw(st.sampled_from(ENDS))
        name = draw(st.sampled_from(JOBS))
        host = f"gpu-{draw(st.integers(0, 2))}"
        again = draw(st.booleans())
        made = stage.job(
            name,
            host=host,
            log=draw(st.sampled_from((log, None))),
            retried=again,
            retried_in=f"job-{len(stage.attempts) + 2}" if again else None,
            **more,
        )
        if made.retried:
            stage.job(name, word=draw(st.sampled_from(("passed", "failed"))))
    if draw(st.booleans()):
        stage.before(draw(st.sampled_from(JOBS)), "failed", "passed", "flaky")
    if draw(st.booleans()):
        stage.issue("d/test_0.py::test_0", tracked=draw(st.booleans()))
    return stage


@settings(max_examples=40, deadline=None)
@given(stages(), st.randoms(use_true_random=False))
def test_nothing_is_lost_and_no_order_matters(stage: Stage, chance: object) -> None:
    failed = stage.failed()
    causes = stage.scan(failed)
    seen = [one for cause in causes for one in cause.occurrences]
    there = {str(one.attempt.job_id) for one in seen}
    assert there == {str(item.attempt.job_id) for item in failed}
    named = {
        (str(item.attempt.job_id), test.test_id)
        for item in failed
        if item.report
        for test in item.report.tests.failed
    }
    assert {(str(one.attempt.job_id), one.test_id) for one in seen} >= named
    assert len({cause.cause_id for cause in causes}) == len(causes)
    shuffled = list(failed)
    chance.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis hides its type
    assert stage.scan(shuffled) == causes


@settings(max_examples=40, deadline=None)
@given(stages())
def test_a_verdict_is_always_one_of_five_with_a_probability(stage: Stage) -> None:
    for cause in stage.scan():
        found = cause.verdict
        assert found.category in CATEGORIES
        assert 0 < found.confidence <= 1
        assert found.reason
        assert found.category != "KNOWN_TRACKED" or (cause.match and cause.match.issue)
        assert cause.text
        assert cause.jobs
