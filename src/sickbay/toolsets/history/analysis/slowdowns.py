"""Tests that became slower, as the answer shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.ci.history.significance import adjusted
from sickbay.toolsets.history.models.durations import SlowTest
from sickbay.toolsets.history.models.window import build_fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.history.durations import Slowdown

FALSE_SHARE = 0.05
"""Of what is found, at most, on average."""


def slow_test(one: Slowdown) -> SlowTest:
    """One test, rounded to what its times tell."""
    return SlowTest(
        test_id=one.test_id,
        variant=one.variant,
        before_s=round(one.before_s, 3),
        after_s=round(one.after_s, 3),
        ratio=round(one.ratio, 2),
        ratio_low=round(one.ratio_low, 2),
        ratio_high=round(one.ratio_high, 2),
        since=build_fact(one.first),
        earliest=build_fact(one.earliest),
        latest=build_fact(one.latest),
        cost_s=round(one.cost_s, 3),
        p_value=one.p_value,
    )


def clear(found: Sequence[Slowdown], *, of: int) -> list[Slowdown]:
    """Those that are no mere chance among so many tests.

    Args:
        found: What each test alone seems to show.
        of: Tests that were looked at.
    """
    rest = dict.fromkeys(map(str, range(len(found), of)), 1.0)
    values = {str(place): one.p_value for place, one in enumerate(found)}
    shares = adjusted({**values, **rest})
    return [
        one
        for place, one in enumerate(found)
        if (shares[str(place)] or 0.0) <= FALSE_SHARE
    ]
