from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sickbay.ci.compare import compared
from tests.ci.scan.stage import ASSERTION, Stage, pytest_log

if TYPE_CHECKING:
    from sickbay.ci.compare import Change, Comparison

A, B, OTHER = "ops/test_a.py::test_x", "ops/test_a.py::test_y", "ops/test_b.py::test_z"


def compare(new: Stage, base: Stage) -> Comparison:
    return compared(new.scan(), base.scan(), new.build, replace(base.build, number=99))


def names(changes: tuple[Change, ...]) -> list[str]:
    return [change.name for change in changes]


def failing(*tests: str, name: str = "Ops Test", **more: object) -> Stage:
    stage = Stage()
    stage.job(name, log=pytest_log(dict.fromkeys(tests, ASSERTION)), **more)
    return stage


def ended(word: str, name: str = "Ops Test") -> Stage:
    stage = Stage()
    stage.job(name, word=word)
    return stage


def test_a_failure_of_both_builds_is_still_failing() -> None:
    found = compare(failing(A), failing(A))
    assert names(found.still) == [A]
    assert (found.new, found.fixed, found.not_run) == ((), (), ())


def test_what_the_base_ran_and_passed_is_new() -> None:
    found = compare(failing(A), ended("passed"))
    assert names(found.new) == [A]
    assert found.new[0].why is None


def test_what_the_base_did_not_run_may_not_be_new() -> None:
    found = compare(failing(A), Stage())
    assert names(found.new) == [A]
    assert found.new[0].why == "build 99 does not have its job"


def test_a_job_that_passed_fixed_its_tests() -> None:
    assert names(compare(ended("passed"), failing(A, B)).fixed) == [A, B]


@pytest.mark.parametrize(
    ("word", "why"),
    [
        pytest.param("blocked", "waits for a person", id="blocked"),
        pytest.param("broken", "never ran because of another", id="broken"),
        pytest.param("canceled", "was canceled", id="canceled"),
        pytest.param("running", "has not ended", id="running"),
    ],
)
def test_a_job_that_did_not_run_fixed_nothing(word: str, why: str) -> None:
    found = compare(ended(word), failing(A))
    assert found.fixed == ()
    assert why in (found.not_run[0].why or "")


def test_a_job_that_is_gone_fixed_nothing() -> None:
    found = compare(ended("passed", "Models Test"), failing(A))
    assert found.fixed == ()
    assert found.not_run[0].why == "build 100 does not have its job"


def test_a_job_that_died_fixed_nothing() -> None:
    new = Stage()
    new.job("Ops Test", exit_status=-1)
    found = compare(new, failing(A))
    assert names(found.new) == ["Ops Test"]
    assert "failed of something else" in (found.not_run[0].why or "")


def test_a_file_that_ran_fixed_the_tests_that_do_not_fail_in_it() -> None:
    found = compare(failing(B), failing(A, B, OTHER))
    assert names(found.still) == [B]
    assert names(found.fixed) == [A]
    assert names(found.not_run) == [OTHER]


def test_a_test_that_moved_to_another_shard_is_the_same_test() -> None:
    new, base = Stage(), Stage()
    log = pytest_log({A: ASSERTION})
    new.job("Ops Test 1", step_key="ops", shard=0, shards=2, word="passed")
    new.job("Ops Test 2", step_key="ops", shard=1, shards=2, log=log)
    base.job("Ops Test 1", step_key="ops", shard=0, shards=2, log=log)
    base.job("Ops Test 2", step_key="ops", shard=1, shards=2, word="passed")
    found = compare(new, base)
    assert names(found.still) == [A]
    assert (found.new, found.fixed) == ((), ())


def test_shards_that_died_are_told_apart() -> None:
    new, base = Stage(), Stage()
    for stage, dead in ((new, 1), (base, 0)):
        for shard in range(2):
            more = {"exit_status": -1} if shard == dead else {"word": "passed"}
            stage.job(f"Ops Test {shard + 1}", step_key="ops", shard=shard, **more)
    found = compare(new, base)
    assert names(found.new) == ["Ops Test 2"]
    assert names(found.fixed) == ["Ops Test 1"]
    assert found.still == ()


def test_the_same_test_on_other_hardware_is_another_failure() -> None:
    new, base = failing(A, name="Ops Test (B200)"), failing(A, name="Ops Test (H100)")
    new.job("Ops Test (H100)", word="passed")
    base.job("Ops Test (B200)", word="passed")
    found = compare(new, base)
    assert [change.job.name for change in found.new] == ["Ops Test (B200)"]
    assert [change.job.name for change in found.fixed] == ["Ops Test (H100)"]


def test_what_passed_on_a_retry_fails_in_neither_build() -> None:
    new = failing(A, retried=True, retried_in="job-2")
    new.job("Ops Test", word="passed")
    assert compare(new, failing(A)).fixed[0].name == A
    assert compare(failing(A), new).new[0].name == A


def test_an_id_below_tests_is_the_same_test() -> None:
    assert names(compare(failing(f"tests/{A}"), failing(A)).still) == [f"tests/{A}"]
