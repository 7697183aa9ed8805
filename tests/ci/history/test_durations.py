from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.history.durations import slowed
from sickbay.ci.history.models import BuildPoint, Durations


def series(*seconds: float) -> Durations:
    builds = tuple(BuildPoint(build_id=str(at)) for at in range(len(seconds)))
    return Durations(test_id="t", variant="v", builds=builds, seconds=seconds)


def drawn(
    chance: np.random.Generator, size: int, *, spread: float, outliers: float = 0.0
) -> np.ndarray:
    """Times around ten seconds, some of which took five times as long."""
    times = 10 * np.exp(chance.normal(0, spread, size))
    times[chance.random(size) < outliers] *= 5
    return times


def test_a_test_that_takes_twice_as_long_is_found_with_its_build() -> None:
    times = drawn(np.random.default_rng(1), 40, spread=0.05, outliers=0.05)
    times[25:] *= 2
    found = slowed(series(*times))
    assert found is not None
    assert found.slower
    assert (found.last.build_id, found.first.build_id) == ("24", "25")
    assert (found.builds_before, found.builds_after) == (25, 15)
    assert found.ratio == pytest.approx(2, rel=0.1)
    assert found.ratio_low <= found.ratio <= found.ratio_high
    assert found.cost_s == pytest.approx(10, rel=0.2)
    assert found.p_value <= 0.005


def test_a_test_that_became_faster_is_found_too() -> None:
    times = drawn(np.random.default_rng(1), 30, spread=0.1)
    times[10:] /= 3
    found = slowed(series(*times))
    assert found is not None
    assert not found.slower
    assert found.cost_s < 0
    assert found.first.build_id == "10"


def test_three_slow_builds_at_the_end_suffice_where_times_scatter_little() -> None:
    times = drawn(np.random.default_rng(4), 50, spread=0.05)
    times[-3:] *= 1.5
    found = slowed(series(*times))
    assert found is not None
    assert found.builds_after == 3


@pytest.mark.parametrize(
    "times",
    [
        pytest.param([10.0] * 40, id="nothing changes"),
        pytest.param([], id="no build"),
        pytest.param([1.0, 9.0], id="two builds"),
        pytest.param([10.0] * 30 + [60.0] * 2, id="two slow builds"),
        pytest.param([10.0] * 15 + [90.0] + [10.0] * 15, id="one outlier"),
        pytest.param([0.01] * 20 + [0.05] * 20, id="too short"),
        pytest.param([10.0] * 20 + [11.0] * 20, id="by a tenth"),
        pytest.param([0.3] * 20 + [0.6] * 20, id="by few seconds"),
        pytest.param([0.0] * 40, id="no time at all"),
        pytest.param([10.0, 30.0] * 20, id="two pools of machines"),
        pytest.param([10.0] * 4 + [20.0] * 3, id="so few builds that chance may do it"),
    ],
)
def test_what_is_no_lasting_change_is_not_found(times: list[float]) -> None:
    assert slowed(series(*times)) is None


@pytest.mark.parametrize(
    ("slow", "most"),
    [
        pytest.param(20, 1e-9, id="half of the builds"),
        pytest.param(3, 1e-3, id="the last three"),
    ],
)
def test_a_clear_change_stays_clear_among_thousands_of_tests(
    slow: int, most: float
) -> None:
    times = drawn(np.random.default_rng(4), 40, spread=0.05)
    times[-slow:] *= 2
    found = slowed(series(*times))
    assert found is not None
    assert found.p_value <= most


def test_what_counts_as_a_change_can_be_chosen() -> None:
    times = series(*[0.03] * 20, *[0.04] * 20)
    assert slowed(times) is None
    assert slowed(times, least_s=0, by_s=0) is not None


@pytest.mark.parametrize(
    ("spread", "outliers"),
    [
        pytest.param(0.1, 0.0, id="calm"),
        pytest.param(0.5, 0.0, id="scattered"),
        pytest.param(0.3, 0.1, id="with outliers"),
    ],
)
def test_noise_alone_is_called_a_change_once_in_a_hundred(
    spread: float, outliers: float
) -> None:
    chance = np.random.default_rng(11)
    rows = [drawn(chance, 40, spread=spread, outliers=outliers) for _ in range(800)]
    found = [slowed(series(*row), least_s=0, ratio=1, by_s=0) for row in rows]
    assert sum(one is not None for one in found) <= 8


def test_the_range_of_builds_holds_the_real_one_nine_times_in_ten() -> None:
    chance = np.random.default_rng(13)
    held = found = 0
    for _ in range(200):
        times = drawn(chance, 40, spread=0.2, outliers=0.03)
        times[22:] *= 2
        one = slowed(series(*times))
        if one is not None:
            found += 1
            held += int(one.earliest.build_id) <= 22 <= int(one.latest.build_id)
    assert found >= 180
    assert held >= 0.87 * found


@given(st.lists(st.floats(0, 1e6, allow_nan=False), max_size=40))
def test_any_times_give_an_answer_that_holds_together(times: list[float]) -> None:
    found = slowed(series(*times))
    if found is not None:
        assert 0 < found.ratio_low <= found.ratio <= found.ratio_high
        assert int(found.earliest.build_id) <= int(found.first.build_id)
        assert int(found.first.build_id) <= int(found.latest.build_id)
        assert int(found.last.build_id) + 1 == int(found.first.build_id)
        assert math.isfinite(found.ratio_high)
        assert abs(found.cost_s) >= 0.5
