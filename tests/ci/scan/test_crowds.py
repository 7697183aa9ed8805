"""Machines on which more failed than chance would have it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.scan.crowds import by_chance, crowds
from sickbay.ci.scan.groups import grouped
from sickbay.ci.scan.occurrences import occurrences
from tests.ci.scan.stage import ASSERTION, Stage, pytest_log


def sick(stage: Stage) -> set[str]:
    """The hosts that look sick."""
    failed = stage.failed()
    seen = [one for item in failed for one in occurrences(item)]
    return set(crowds(stage.build, grouped(seen, failed)))


def failing(stage: Stage, name: str, host: str) -> None:
    """A job that fails of something of its own."""
    test = f"{name.lower()}/test_x.py::test_x"
    words = f"ValueError: {name} gave too many values of {name} to unpack"
    stage.job(f"{name} Test", host=host, log=pytest_log({test: words}))


def test_the_chance_is_that_of_drawing_without_putting_back() -> None:
    # 3 of 4 red among 10 of which 4 are red: C(4,3)*C(6,1)/C(10,4) + 1/C(10,4).
    assert by_chance(3, of=4, failed=4, total=10) == pytest.approx(25 / 210)


@given(st.data())
def test_a_chance_is_a_probability(data: st.DataObject) -> None:
    total = data.draw(st.integers(1, 60))
    of, failed = data.draw(st.integers(1, total)), data.draw(st.integers(1, total))
    count = data.draw(st.integers(0, min(of, failed)))
    assert 0 <= by_chance(count, of=of, failed=failed, total=total) <= 1 + 1e-9


def test_unrelated_failures_on_one_host_make_it_sick() -> None:
    stage = Stage()
    stage.green(60)
    for name in ("Kernels", "Models", "LoRA"):
        failing(stage, name, "gpu-3")
    assert sick(stage) == {"gpu-3"}


def test_two_failures_are_no_crowd() -> None:
    stage = Stage()
    stage.green(60)
    for name in ("Kernels", "Models"):
        failing(stage, name, "gpu-3")
    assert sick(stage) == set()


def test_a_host_that_ran_everything_is_not_sick() -> None:
    stage = Stage()
    stage.green(60, hosts=1)
    for name in ("Kernels", "Models", "LoRA"):
        failing(stage, name, "gpu-0")
    assert sick(stage) == set()


def test_what_fails_everywhere_is_held_against_no_host() -> None:
    stage = Stage()
    stage.green(60)
    log = pytest_log({"ops/test_x.py::test_x": ASSERTION})
    for number, name in enumerate(("Kernels", "Models", "LoRA", "Ops", "Spec")):
        host = "gpu-3" if number < 3 else f"gpu-1{number}"
        stage.job(f"{name} Test", host=host, log=log)
    assert sick(stage) == set()


def test_attempts_of_one_job_are_one_failure_of_a_host() -> None:
    stage = Stage()
    stage.green(60)
    log = pytest_log({"ops/test_x.py::test_x": ASSERTION})
    for number in range(3):
        following = f"job-{62 + number}" if number < 2 else None
        more = {"retried": following is not None, "retried_in": following}
        stage.job("Ops Test", host="gpu-3", log=log, **more)
    assert len(stage.build.jobs) == 61
    assert sick(stage) == set()
