"""Durations: since which build a test takes longer, or less long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sickbay.ci.history.models import BuildPoint

LEAST_S = 0.1
"""Tests that take less are not looked at: what is measured is mostly the framework."""
RATIO = 1.2
BY_S = 0.5
"""What changes by less than the ratio or by fewer seconds is no matter."""


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
