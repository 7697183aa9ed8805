from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.history.beta import cdf, greater, interval, quantile
from sickbay.ci.history.significance import (
    Sample,
    adjusted,
    best_fisher,
    fisher,
    welch,
)

counts = st.tuples(st.integers(0, 40), st.integers(0, 40))


@pytest.mark.parametrize(
    ("x", "a", "b", "expected"),
    [
        pytest.param(0.3, 1, 1, 0.3, id="uniform"),
        pytest.param(0.25, 0.5, 0.5, 2 / math.pi * math.asin(0.5), id="arcsine"),
        pytest.param(0.4, 2, 3, 1 - 0.6**4 - 4 * 0.4 * 0.6**3, id="binomial sum"),
        pytest.param(0.9, 300, 1, 0.9**300, id="a power"),
        pytest.param(0.5, 5000, 5000, 0.5, id="large and even"),
        pytest.param(0.0, 2, 3, 0.0, id="below all"),
        pytest.param(1.0, 2, 3, 1.0, id="above all"),
    ],
)
def test_the_distribution_is_the_textbooks(
    x: float, a: float, b: float, expected: float
) -> None:
    assert cdf(x, a, b) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(counts, st.floats(0.01, 0.99))
def test_a_quantile_turns_the_distribution_round(
    seen: tuple[int, int], share: float
) -> None:
    a, b = seen[0] + 0.5, seen[1] + 0.5
    assert cdf(quantile(share, a, b), a, b) == pytest.approx(share, abs=1e-6)


@given(counts)
def test_an_interval_lies_in_order_and_holds_the_middle(seen: tuple[int, int]) -> None:
    low, high = interval(*seen)
    assert 0 <= low < quantile(0.5, seen[0] + 0.5, seen[1] + 0.5) < high <= 1


@given(counts, counts)
def test_one_rate_is_above_the_other_or_below_it(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    assert greater(one, other) + greater(other, one) == pytest.approx(1, abs=1e-9)
    assert greater(one, one) == pytest.approx(0.5, abs=1e-9)


def test_the_probability_that_a_rate_is_above_another_is_that_of_drawn_rates() -> None:
    rng = random.Random(7)  # noqa: S311 - it has to be the same every time
    draws = [rng.betavariate(8, 14) > rng.betavariate(5, 16) for _ in range(40_000)]
    assert greater((7, 13), (4, 15)) == pytest.approx(sum(draws) / 40_000, abs=0.01)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        pytest.param((3, 4, 1, 4), 34 / 70, id="tea with milk"),
        pytest.param((0, 1, 1, 1), 1.0, id="one build a side"),
        pytest.param((0, 5, 5, 5), 2 / 252, id="apart"),
        pytest.param((0, 9, 0, 9), 1.0, id="no failure"),
    ],
)
def test_fishers_test_is_the_textbooks(
    table: tuple[int, int, int, int], expected: float
) -> None:
    assert fisher(table) == pytest.approx(expected)


@given(counts, counts)
def test_no_table_is_clearer_than_the_clearest_of_its_margins(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    table = (one[0], sum(one), other[0], sum(other))
    assert best_fisher(table) <= fisher(table) * (1 + 1e-6)


def test_welchs_test_is_that_of_a_table_of_t() -> None:
    # t = 2.228 with 10 degrees of freedom is 5 % two-sided.
    one = Sample(size=6, mean=0.0, deviation=1.0)
    other = Sample(size=6, mean=2.228 * math.sqrt(2 / 6), deviation=1.0)
    assert welch(one, other) == pytest.approx(0.05, abs=1e-4)


@given(st.dictionaries(st.text(max_size=3), st.none() | st.floats(0, 1)))
def test_q_values_keep_the_order_and_never_fall_below_p(
    values: dict[str, float | None],
) -> None:
    found = adjusted(values)
    assert found.keys() == values.keys()
    known = sorted((p, found[name]) for name, p in values.items() if p is not None)
    assert all(q is not None and q >= p for p, q in known)
    assert [q for _, q in known] == sorted(q for _, q in known if q is not None)
    assert all(found[name] is None for name, p in values.items() if p is None)


def test_q_values_are_those_of_the_paper() -> None:
    found = adjusted({"a": 0.01, "b": 0.02, "c": 0.03, "d": 0.9, "e": None})
    assert found == pytest.approx(
        {"a": 0.04, "b": 0.04, "c": 0.04, "d": 0.9, "e": None}
    )
