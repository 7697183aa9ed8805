"""Significance: whether two sides differ by more than chance, for many at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import exp, lgamma
from typing import TYPE_CHECKING

from sickbay.ci.history.beta import cdf

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALIKE = 1 + 1e-7
"""Two tables as unlikely as each other differ by rounding only."""

Table = tuple[int, int, int, int]
"""Failures and builds of one side, and of the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What is known of some numbers.

    Attributes:
        deviation: Their standard deviation, not zero.
    """

    size: int
    mean: float
    deviation: float

    @property
    def variance(self) -> float:
        """Of their mean."""
        return self.deviation**2 / self.size


@lru_cache(maxsize=65536)
def fisher(table: Table) -> float:
    """Two-sided p-value of Fisher's exact test of two rates being the same."""
    failed, builds, others, other_builds = table
    total = failed + others
    least, most = max(0, total - other_builds), min(total, builds)
    whole = _choose(builds + other_builds, total)
    chances = [
        exp(_choose(builds, k) + _choose(other_builds, total - k) - whole)
        for k in range(least, most + 1)
    ]
    seen = chances[failed - least] * _ALIKE
    return min(1.0, sum(chance for chance in chances if chance <= seen))


@lru_cache(maxsize=65536)
def best_fisher(table: Table) -> float:
    """The least p-value that so many failures in all could have come to."""
    failed, builds, others, other_builds = table
    total = failed + others
    ends = {min(total, builds), max(0, total - other_builds)}
    return min(fisher((k, builds, total - k, other_builds)) for k in ends)


def welch(one: Sample, other: Sample) -> float:
    """Two-sided p-value of Welch's test (1947) of two means being the same."""
    whole = one.variance + other.variance
    freedom = whole**2 / sum(
        sample.variance**2 / (sample.size - 1) for sample in (one, other)
    )
    square = (one.mean - other.mean) ** 2 / whole
    return cdf(freedom / (freedom + square), freedom / 2, 0.5)


def adjusted(values: Mapping[str, float | None]) -> dict[str, float | None]:
    """The p-values that there are as q-values (Benjamini and Hochberg, 1995)."""
    known = sorted((p, name) for name, p in values.items() if p is not None)
    found: dict[str, float | None] = dict.fromkeys(values)
    least = 1.0
    for rank in range(len(known), 0, -1):
        p, name = known[rank - 1]
        found[name] = least = min(least, p * (len(known) / rank))
    return found


def _choose(of: int, some: int) -> float:
    """Logarithm of the number of ways."""
    return lgamma(of + 1) - lgamma(some + 1) - lgamma(of - some + 1)
