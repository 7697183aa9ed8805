"""What the past of a job says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.scan.courses import course, leaning
from sickbay.ci.scan.models import PastBuild

FAILED, PASSED, BOTH = (1, 0), (0, 1), (1, 1)
PLACE = ("kernels", 1)


def past(*endings: str) -> list[PastBuild]:
    """Builds in which the job ended so, the newest first."""
    return [
        PastBuild(
            number=99 - back,
            url="",
            endings={PLACE: ending} if ending else {},  # type: ignore[dict-item] # words
            hosts={},
        )
        for back, ending in enumerate(endings)
    ]


def test_nothing_known_speaks_for_nothing() -> None:
    assert leaning([]) == pytest.approx(0)
    assert course(PLACE, []).builds == 0


@pytest.mark.parametrize(
    "runs",
    [
        pytest.param([PASSED] * 10, id="passed ten times"),
        pytest.param([FAILED] * 3 + [PASSED] * 7, id="a streak after passes"),
        pytest.param([FAILED] * 10, id="failed ten times"),
    ],
)
def test_a_clear_break_speaks_for_broken(runs: list[tuple[int, int]]) -> None:
    assert leaning(runs) > 1


@pytest.mark.parametrize(
    "runs",
    [
        pytest.param([PASSED, FAILED] * 5, id="every other build"),
        pytest.param([PASSED, PASSED, BOTH, PASSED, FAILED, PASSED], id="now and then"),
        pytest.param([BOTH] * 4, id="passed on retries"),
        pytest.param(
            [FAILED, PASSED, FAILED, PASSED, FAILED, PASSED], id="twice again"
        ),
    ],
)
def test_coming_and_going_speaks_for_flaky(runs: list[tuple[int, int]]) -> None:
    assert leaning(runs) < 0


@given(st.integers(0, 40))
def test_each_more_pass_before_speaks_more_for_broken(builds: int) -> None:
    assert leaning([PASSED] * (builds + 1)) > leaning([PASSED] * builds)


@given(st.lists(st.sampled_from([FAILED, PASSED, BOTH]), max_size=60))
def test_any_past_has_finite_odds(runs: list[tuple[int, int]]) -> None:
    assert abs(leaning(runs)) < 100


def test_only_builds_in_which_it_ran_to_an_end_count() -> None:
    found = course(PLACE, past("blocked", "failed", "canceled", "failed", "", "passed"))
    assert found.builds == 3
    assert [build.number for build in found.streak] == [98, 96]
    assert found.since is not None
    assert found.since.number == 96


def test_the_order_of_builds_does_not_matter() -> None:
    builds = past("failed", "passed", "flaky", "soft_failed", "passed")
    assert course(PLACE, builds[::-1]) == course(PLACE, builds)


def test_a_retry_that_passed_ends_a_streak() -> None:
    found = course(PLACE, past("failed", "flaky", "passed", "failed", "passed"))
    assert len(found.streak) == 1
    assert found.isolated == 2


def test_shards_have_their_own_past() -> None:
    assert course(("kernels", 2), past("failed", "passed")).builds == 0
