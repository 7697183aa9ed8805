"""Since which build a test behaves differently."""

from __future__ import annotations

import json
import os
from itertools import combinations, groupby
from math import comb, exp, log
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.history.changepoint import change_point, rate
from sickbay.ci.history.stretches import (
    BY_CHANCE,
    Counts,
    evidence,
    in_rows,
    split,
    stretches,
)
from tests.ci.history.told import LETTERS, told

if TYPE_CHECKING:
    from collections.abc import Collection

TIMELINE = (
    Path(os.environ.get("SICKBAY_DATA", "../shared/data"))
    / "pytest-release-history"
    / "jinja2.timeline.json"
)

lines = st.text(st.sampled_from(".F~"), min_size=2, max_size=40)
gappy = st.text(st.sampled_from(".F~-i"), min_size=2, max_size=40)


@pytest.mark.parametrize(
    ("line", "before", "after", "rising"),
    [
        pytest.param("....FFF", "103", "104", True, id="broke"),
        pytest.param("FFF....", "102", "103", False, id="fixed"),
        pytest.param(".....FFFFF.....", "109", "110", False, id="broke and fixed"),
        pytest.param(
            "........FFFFFFFF........FFFF", "123", "124", True, id="broke again"
        ),
        pytest.param("....--i.FF--FF", "107", "108", True, id="gaps elsewhere"),
        pytest.param(".F", "100", "101", True, id="two builds"),
    ],
)
def test_newest_change_is_found(
    line: str,
    before: str,
    after: str,
    rising: bool,  # noqa: FBT001 - a column of the table
) -> None:
    change = change_point(told(line))
    assert change is not None
    assert (change.before.number, change.after.number) == (before, after)
    assert change.rising is rising
    good, bad = (before, after) if rising else (after, before)
    assert (change.last_good.number, change.first_bad.number) == (good, bad)


@pytest.mark.parametrize("line", ["", "F", "---", "-.-ii"])
def test_one_observed_build_cannot_change(line: str) -> None:
    assert change_point(told(line)) is None


def test_builds_that_did_not_run_it_may_have_brought_the_change() -> None:
    change = change_point(told("." * 29 + "-i-" + "F" * 29))
    assert change is not None
    assert [build.number for build in change.candidates] == ["129", "130", "131", "132"]
    assert change.candidates == change.credible


def test_flakes_before_the_change_widen_the_range() -> None:
    sure, unsure = (
        change_point(told(line)) for line in ("." * 20 + "FFF", "." * 17 + "F.FFFF")
    )
    assert sure is not None
    assert unsure is not None
    assert len(unsure.credible) > len(sure.credible)
    assert unsure.credible_mass >= 0.9


def test_evidence_is_the_beta_binomial() -> None:
    for failures, passes in ((0, 0), (0, 3), (2, 1), (4, 4)):
        runs = failures + passes
        jeffreys = comb(2 * failures, failures) * comb(2 * passes, passes) / 4**runs
        exact = jeffreys / comb(runs, failures)
        assert exp(evidence(failures, passes)) == pytest.approx(exact)


def test_no_cut_inside_equal_outcomes_is_ever_best() -> None:
    """Only borders of equal outcomes are tried; here every place is."""
    for line in (
        "..FF.F..",
        "F~F~..FF",
        "......FF",
        "FF..FF.~",
        "~~~~....",
        "~~FFFF~~",
    ):
        counts = Counts([LETTERS[letter] for letter in line])
        price = log(len(counts)) + log(2)
        worth = _worth(counts, stretches(counts), price)
        every = max(
            _worth(counts, [0, *cuts], price)
            for number in range(4)
            for cuts in _choices(range(1, len(counts)), number)
        )
        assert worth == pytest.approx(every)


def _choices(places: range, number: int) -> list[list[int]]:
    if not number:
        return [[]]
    return [
        [first, *rest]
        for first in places
        for rest in _choices(range(first + 1, places.stop), number - 1)
    ]


def _worth(counts: Counts, starts: list[int], price: float) -> float:
    ends = [*starts[1:], len(counts)]
    worth = (
        counts.evidence(start, end) for start, end in zip(starts, ends, strict=True)
    )
    return sum(worth) - price * (len(starts) - 1)


@given(lines)
def test_probabilities_sum_to_one(line: str) -> None:
    change = change_point(told(line))
    assert change is not None
    assert sum(share for _, share in change.posterior) + change.none == pytest.approx(1)
    assert change.probability == pytest.approx(1 - change.none)
    assert 0.9 - 1e-9 <= change.credible_mass <= 1
    assert set(change.candidates) <= set(change.credible)


@given(gappy, st.integers(0, 40), st.sampled_from("-i"))
def test_a_build_that_tells_nothing_changes_nothing_but_the_range(
    line: str, at: int, letter: str
) -> None:
    seen = told(line)
    at = min(at, len(seen))
    extra = told("." * 99 + letter)[-1:]
    change, other = change_point(seen), change_point((*seen[:at], *extra, *seen[at:]))
    assert (change is None) == (other is None)
    if change is None or other is None:
        return
    for name in ("log_bayes_factor", "posterior", "before", "after", "rate_after"):
        assert getattr(change, name) == getattr(other, name)
    assert set(change.candidates) <= set(other.candidates)
    assert set(other.candidates) - set(change.candidates) <= {extra[0].build}


@given(st.integers(6, 30), st.integers(6, 30))
def test_the_mirrored_past_changes_at_the_mirrored_place(good: int, bad: int) -> None:
    line = "." * good + "F" * bad
    one, other = change_point(told(line)), change_point(told(line[::-1]))
    assert one is not None
    assert other is not None
    assert one.log_bayes_factor == pytest.approx(other.log_bayes_factor)
    assert one.rising
    assert not other.rising
    assert other.rate_before == one.rate_after


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("." * 16 + "F" * 8 + "." * 7, True, id="one row"),
        pytest.param("F.." * 12, False, id="alone"),
        pytest.param("." * 30 + "FF" + "." * 10, False, id="two may be chance"),
        pytest.param("~" * 20, False, id="passed and failed each time"),
    ],
)
def test_rows_are_told_from_chance(line: str, expected: bool) -> None:  # noqa: FBT001 - a case
    assert in_rows([LETTERS[letter] for letter in line]) == expected


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("FFFFFFF.......", id="two rows"),
        pytest.param("FFF.......FFFF", id="three"),
        pytest.param("FFF...FFFF....", id="four"),
        pytest.param("FFF..FF...FF..", id="six"),
    ],
)
def test_rows_are_as_rare_as_counting_all_orders_says(line: str) -> None:
    def rows(bad: Collection[int]) -> int:
        return len(list(groupby(at in bad for at in range(len(line)))))

    here = [at for at, letter in enumerate(line) if letter == "F"]
    orders = list(combinations(range(len(line)), len(here)))
    alike = sum(rows(order) <= rows(here) for order in orders)
    outcomes = [LETTERS[letter] for letter in line]
    assert in_rows(outcomes) == (alike < BY_CHANCE * len(orders))


@given(st.text(st.sampled_from(".F~"), min_size=1, max_size=60))
def test_stretches_cover_the_past_and_differ(line: str) -> None:
    counts = Counts([LETTERS[letter] for letter in line])
    starts = stretches(counts)
    assert starts == sorted(set(starts))
    assert starts[0] == 0
    found = split(counts)
    if found and len(starts) > 1:
        assert found.start == starts[-2]


def test_rate_of_nothing_is_unknown() -> None:
    nothing = rate(0, 0)
    assert nothing.value is None
    assert nothing.low < 0.01
    assert nothing.high > 0.99


def test_jinja_transitions_are_found_where_they_are() -> None:
    """122 tests changed once; one changed twice, and either place will do."""
    if not TIMELINE.exists():
        pytest.skip(f"there is no {TIMELINE}: set SICKBAY_DATA")
    told_by = json.loads(TIMELINE.read_text())
    changed = 0
    for statuses in told_by["status"].values():
        words = [statuses.get(version) for version in told_by["order"]]
        line = "".join("-" if word is None else ".F"[word != "pass"] for word in words)
        seen = line.replace("-", "")
        flips = [at for at in range(1, len(seen)) if seen[at] != seen[at - 1]]
        change = change_point(told(line))
        if flips:
            changed += 1
            assert change is not None
            places = [at for at, letter in enumerate(line) if letter != "-"]
            real = {str(100 + places[flip]) for flip in flips}
            assert change.after.number in real, line
    assert changed == 123
