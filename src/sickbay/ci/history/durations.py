"""Durations: since which build a test takes longer, or less long."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sickbay.ci.history.models import BuildPoint, Durations
    from sickbay.ci.history.splits import Row

LEAST_S = 0.1
"""Tests that take less are not looked at: what is measured is mostly the framework."""
RATIO = 1.2
BY_S = 0.5
"""What changes by less than the ratio or by fewer seconds is no matter."""

ALPHA = 0.005
"""Share of tests called slower, or faster, for nothing but noise."""

_MASS = 0.9
_SIDE_LEAST = 3
"""Builds on either side: fewer may be a bad day of a machine."""
_SHORTEST = 1e-3
"""Seconds; what is measured as no time has no logarithm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slowdown:
    """A lasting change of how long a test takes.

    Attributes:
        before_s: The median of the builds before, ``after_s`` of those since.
        ratio: After to before; below 1 where it became faster.
        ratio_low: Of its interval of 90 %, to ``ratio_high``.
        p_value: How often mere noise would show as clear a change.
        first: The build from which on it takes longer.
        last: The build before that.
        earliest: Of the builds that ``first`` may really be, to ``latest`` (90 %).
    """

    test_id: str
    variant: str
    before_s: float
    after_s: float
    ratio: float
    ratio_low: float
    ratio_high: float
    p_value: float
    first: BuildPoint
    last: BuildPoint
    earliest: BuildPoint
    latest: BuildPoint
    builds_before: int
    builds_after: int

    @property
    def cost_s(self) -> float:
        """More time per build; below 0 where it became faster."""
        return self.after_s - self.before_s

    @property
    def slower(self) -> bool:
        """Whether it takes longer now."""
        return self.ratio > 1


def slowed(
    series: Durations,
    *,
    least_s: float = LEAST_S,
    ratio: float = RATIO,
    by_s: float = BY_S,
    alpha: float = ALPHA,
) -> Slowdown | None:
    """Since when a test takes longer, or less long; None where it does not.

    A row of logarithms of times is cut where it falls apart best, and shuffles of the
    same times say how often noise would: see ``splits``.

    Args:
        series: Its times, in the order of commits.
        least_s: A test that takes less, before and since, is not looked at.
        ratio: Changes by less are no matter.
        by_s: Nor changes by fewer seconds.
        alpha: Share of false alarms.
    """
    if len(series.seconds) < 2 * _SIDE_LEAST or max(series.seconds) < least_s:
        return None
    # It needs numpy, and tools that never ask for this start faster without.
    from sickbay.ci.history import splits  # noqa: PLC0415 - see above

    logs = [log(max(one, _SHORTEST)) for one in series.seconds]
    row = splits.Row(logs, least=_SIDE_LEAST)
    before_s = median(series.seconds[: row.place])
    after_s = median(series.seconds[row.place :])
    change = _ratio(before_s, after_s)
    if (
        max(before_s, after_s) < least_s
        or abs(after_s - before_s) < by_s
        or max(change, 1 / change) < ratio
        or row.p_value > alpha
    ):
        return None
    return _slowdown(series, row, before_s, after_s)


def _slowdown(series: Durations, row: Row, before_s: float, after_s: float) -> Slowdown:
    earliest, latest = row.span(_MASS)
    low, high = row.shift(_MASS)
    change = _ratio(before_s, after_s)
    return Slowdown(
        test_id=series.test_id,
        variant=series.variant,
        before_s=before_s,
        after_s=after_s,
        ratio=change,
        # The shift is that of pairs, the ratio that of medians: nearly, not quite, one.
        ratio_low=min(exp(low), change),
        ratio_high=max(exp(high), change),
        p_value=row.p_value,
        first=series.builds[row.place],
        last=series.builds[row.place - 1],
        earliest=series.builds[earliest],
        latest=series.builds[latest],
        builds_before=row.place,
        builds_after=len(series.builds) - row.place,
    )


def _ratio(before_s: float, after_s: float) -> float:
    return max(after_s, _SHORTEST) / max(before_s, _SHORTEST)
