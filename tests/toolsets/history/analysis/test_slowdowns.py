from __future__ import annotations

from sickbay.ci.history.durations import Slowdown
from sickbay.ci.history.models import BuildPoint
from sickbay.toolsets.history.analysis.slowdowns import clear, slow_test

BUILD = BuildPoint(build_id="ci:7", number="7", url="https://ci.example/7", sha="abc")


def slowdown(p_value: float, name: str = "t") -> Slowdown:
    return Slowdown(
        test_id=name,
        variant="unit",
        before_s=1.23456,
        after_s=3.0,
        ratio=2.43,
        ratio_low=2.2,
        ratio_high=2.6,
        p_value=p_value,
        first=BUILD,
        last=BUILD,
        earliest=BUILD,
        latest=BUILD,
        builds_before=10,
        builds_after=10,
    )


def test_one_test_among_many_needs_more_than_chance() -> None:
    weak = slowdown(0.008)
    assert clear([weak], of=1) == [weak]
    assert clear([weak], of=1000) == []


def test_what_is_clear_stays_beside_what_is_not() -> None:
    sure, weak = slowdown(1e-9), slowdown(0.009, "u")
    assert clear([weak, sure], of=1000) == [sure]


def test_none_of_none_is_none() -> None:
    assert clear([], of=0) == []


def test_a_row_says_since_which_build_and_what_it_costs() -> None:
    row = slow_test(slowdown(0.001))
    assert row.since is not None
    assert (row.since.build_number, row.since.build_url) == ("7", BUILD.url)
    assert (row.before_s, row.cost_s) == (1.235, 1.765)
