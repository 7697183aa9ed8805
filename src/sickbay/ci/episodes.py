"""Episodes: when something was broken, and when it only failed now and then.

A hidden Markov model of two states. Healthy, a failure shows at some low rate, fitted;
broken, it shows (nearly) always. Each change of state has its price, so that a rare
failure stays a flake, and one that comes and goes at a high rate does too. Commits on
which nothing ran say nothing and change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_FLAKES = (0.005, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85)
"""Rates at which something healthy may fail, beside that at which it does."""
_RARE, _BENT = 7.5, 0.7
"""Price of a rate: what fails often is seldom healthy."""
_BROKEN = 0.99
_OUTAGE = (0.99, 0.6, 0.3)
"""Rates at which something broken fails; machines fail some of the jobs only."""
_CLEARLY = 1.1
"""Broken things fail so much more often than healthy ones, at least."""
_BREAKS, _MENDS = log(150), log(20)
"""Price of a change: one commit in so many breaks this, or mends it once broken."""
_REVERTED, _REVERTS = log(8), log(3)
"""The same of a commit that was reverted later, and of one that reverts another."""


@dataclass(frozen=True, slots=True)
class Point:
    """What one commit says, or some that only passed.

    Attributes:
        bad: Jobs that show the failure.
        good: Jobs that could have shown it and passed.
        place: Of the oldest of them in the grid.
        breaks: A commit since the last point was reverted later.
        mends: A commit since the last point reverts another.
    """

    bad: int
    good: int
    place: int
    breaks: bool = False
    mends: bool = False


class Fit(NamedTuple):
    """The likeliest course of things.

    Attributes:
        score: Logarithm of how likely it is.
        ill: For every point whether things were broken there.
    """

    score: float
    ill: list[bool]


def fitted(
    points: Sequence[Point],
    *,
    outage: bool = False,
    dearer: float = 0.0,
) -> Fit:
    """When things were broken.

    Args:
        points: What the commits say, the oldest first.
        outage: Broken machines may let some jobs through.
        dearer: Added to the price of being broken, where many are looked at.
    """
    rates = {_rate(points), *_FLAKES}
    paths = (
        _path(points, rate, hit, dearer)
        for rate in sorted(rates)
        for hit in (_OUTAGE if outage else (_BROKEN,))
        if hit > rate * _CLEARLY
    )
    return max(paths, key=lambda fit: fit.score)


def _rate(points: Sequence[Point]) -> float:
    """At which it fails on the whole, as far as that may be healthy."""
    bad, good = sum(point.bad for point in points), sum(point.good for point in points)
    return min(max(bad / (bad + good), _FLAKES[0]), _FLAKES[-1])


def _path(points: Sequence[Point], flake: float, hit: float, dearer: float) -> Fit:
    """The likeliest course of things for these rates."""
    healthy, ill = (log(flake), log(1 - flake)), (log(hit), log(1 - hit))
    well = -_RARE * flake**_BENT
    bad = well - dearer
    came: list[tuple[bool, bool]] = []
    for index, point in enumerate(points):
        breaking = well - (_REVERTED if point.breaks else _BREAKS) - dearer
        mending = bad - (_REVERTS if point.mends else _MENDS) - dearer
        if index:
            came.append((mending > well, bad >= breaking))
            well, bad = max(well, mending), max(bad, breaking)
        well += point.bad * healthy[0] + point.good * healthy[1]
        bad += point.bad * ill[0] + point.good * ill[1]
    states = [bad > well]
    for healthy_from_ill, ill_from_ill in reversed(came):
        states.append(ill_from_ill if states[-1] else healthy_from_ill)
    return Fit(max(well, bad), states[::-1])
