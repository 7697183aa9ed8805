from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.history.comparison import Comparison, Side, compared


def timed(seconds: float, *, runs: int = 20, spread: float = 0.05) -> Side:
    return Side(builds=runs, timed=runs, log_mean=math.log(seconds), log_sd=spread)


def only(found: Comparison) -> str | None:
    """The kind of the one difference, if there is one."""
    assert len(found.differences) <= 1
    return found.differences[0].kind if found.differences else None


@pytest.mark.parametrize(
    ("base", "new", "kind"),
    [
        pytest.param(
            Side(builds=30), Side(builds=10, failed=10), "newly_failing", id="broke"
        ),
        pytest.param(Side(builds=30, failed=29), Side(builds=10), "fixed", id="mended"),
        pytest.param(
            Side(builds=60),
            Side(builds=60, flaky=15, failed=5),
            "flakier",
            id="flakier",
        ),
        pytest.param(
            Side(builds=60, flaky=25),
            Side(builds=60, flaky=1),
            "steadier",
            id="steadier",
        ),
        pytest.param(timed(2.0), timed(4.0), "slower", id="slower"),
        pytest.param(timed(4.0), timed(2.0), "faster", id="faster"),
        pytest.param(timed(0.02), timed(0.06), None, id="too short to time"),
        pytest.param(timed(2.0), timed(2.2), None, id="hardly slower"),
        pytest.param(timed(0.2), timed(0.4), None, id="few seconds"),
        pytest.param(timed(2.0, spread=3), timed(4.0, spread=3), None, id="scatter"),
        pytest.param(timed(2.0, runs=3), timed(9.0, runs=3), None, id="too few times"),
        pytest.param(
            Side(builds=30, flaky=2), Side(builds=30, flaky=3), None, id="same"
        ),
        pytest.param(
            Side(builds=9, infra=3), Side(builds=9, infra=9), None, id="infra"
        ),
    ],
)
def test_a_test_fares_differently(base: Side, new: Side, kind: str | None) -> None:
    assert only(compared({"t": base}, {"t": new})) == kind


def test_a_change_of_all_builds_is_significant_with_its_probability() -> None:
    found = compared({"t": Side(builds=30)}, {"t": Side(builds=10, failed=10)})
    (one,) = found.differences
    assert one.significant
    assert one.probability == pytest.approx(1.0, abs=1e-6)
    assert (one.base_rate, one.new_rate) == (0.0, 1.0)
    assert one.why == "failed in 0 of 30 builds, then in 10 of 10"


def test_two_builds_show_the_change_and_that_they_cannot_tell_a_flake() -> None:
    found = compared({"t": Side(builds=1)}, {"t": Side(builds=1, failed=1)})
    (one,) = found.differences
    assert one.kind == "newly_failing"
    assert (one.q_value, one.significant) == (None, False)
    assert one.probability == pytest.approx(5 / 6)
    assert "cannot tell" in found.notes[0]


def test_tests_on_one_side_only_are_listed_and_unseen_ones_counted() -> None:
    base = {"old": Side(builds=4, failed=1), "lost": Side(builds=3)}
    new = {"young": Side(builds=4), "lost": Side(builds=0, infra=3)}
    found = compared(base, new)
    assert [(one.test_id, one.kind) for one in found.differences] == [
        ("young", "only_new"),
        ("old", "only_base"),
    ]
    assert (found.tests, found.only_base, found.only_new, found.unseen) == (0, 1, 1, 1)


def test_the_worst_stands_first() -> None:
    base = {name: Side(builds=40) for name in "abc"} | {"d": Side(builds=40, failed=40)}
    new = {
        "a": Side(builds=40, flaky=20),
        "b": Side(builds=40, failed=40),
        "c": Side(builds=40, failed=21),
        "d": Side(builds=40),
    }
    names = [one.test_id for one in compared(base, new).differences]
    assert names == ["b", "c", "a", "d"]


def test_of_many_flakes_that_stay_the_same_hardly_one_is_called_different() -> None:
    rng = random.Random(3)  # noqa: S311 - it has to be the same every time

    def side(rate: float) -> Side:
        return Side(builds=50, flaky=sum(rng.random() < rate for _ in range(50)))

    rates = {f"t{number}": rng.random() * 0.3 for number in range(500)}
    base, new = ({name: side(rate) for name, rate in rates.items()} for _ in range(2))
    assert len(compared(base, new).differences) <= 2


def test_a_change_is_found_among_many_tests_that_stay_the_same() -> None:
    base = {f"t{number}": Side(builds=50, flaky=number % 3) for number in range(500)}
    new = base | {"t7": Side(builds=50, flaky=18)}
    assert [one.test_id for one in compared(base, new).differences] == ["t7"]


sides = st.integers(0, 30).flatmap(
    lambda builds: st.integers(0, builds).flatmap(
        lambda failed: st.builds(
            Side,
            builds=st.just(builds),
            failed=st.just(failed),
            flaky=st.integers(0, builds - failed),
            timed=st.integers(0, 9),
            log_mean=st.none() | st.floats(-5, 9),
            log_sd=st.none() | st.floats(0, 2),
        )
    )
)
tables = st.dictionaries(st.sampled_from("abcdef"), sides)

_OPPOSITE = {
    "newly_failing": "fixed",
    "flakier": "steadier",
    "slower": "faster",
    "only_new": "only_base",
}
_OPPOSITE |= {other: one for one, other in _OPPOSITE.items()}


@given(tables, tables)
def test_the_other_way_round_everything_is_the_opposite(
    base: dict[str, Side], new: dict[str, Side]
) -> None:
    there = {one.test_id: one for one in compared(base, new).differences}
    back = {one.test_id: one for one in compared(new, base).differences}
    assert there.keys() == back.keys()
    for name, one in there.items():
        assert back[name].kind == _OPPOSITE[one.kind]
        assert back[name].q_value == pytest.approx(one.q_value)
        assert one.probability is None or 0 <= one.probability <= 1
        assert one.q_value is not None or not one.significant
