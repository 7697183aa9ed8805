"""Splits: where a row of numbers falls into two, whatever the noise in it."""

from __future__ import annotations

from functools import cached_property
from math import comb, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from sickbay.ci.history.beta import cdf

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_OUTLIER = 3.0
"""Deviations from the median that a number counts as at most."""
_NORMAL = 1.4826
"""Standard deviation to median absolute deviation, where noise is normal."""
_SMALLEST = 0.01
"""Deviation of a row at least: what is rounded scatters by as much."""
_ENOUGH = 10
"""Shuffles that do as well as the row settle how often they do."""
_ROUNDS = (100, 1_900)
"""Shuffles at first, and where these do not settle it."""


class Row:
    """A row of numbers that may fall into two.

    Args:
        values: Logarithms of what was measured, the oldest first.
        least: Numbers on either side.
    """

    def __init__(self, values: Sequence[float], *, least: int) -> None:
        self._values = np.asarray(values, dtype=float)
        self._least = least
        self._pulled = _pulled_in(self._values)
        self._gains = _gains(self._pulled[None, :], least)[0]

    @property
    def place(self) -> int:
        """Where the second part begins: its mean differs most, outliers pulled in."""
        return self._least + int(self._gains.argmax())

    @cached_property
    def p_value(self) -> float:
        """How often a shuffle of the row falls apart as well as it does.

        A permutation test of the greatest t of all places holds for any noise whose
        order does not matter. It is over when enough shuffles did as well (Besag and
        Clifford, "Sequential Monte Carlo p-values", 1991). Where none did, Student's t
        says how much less likely it may be, as one of so many places, but not less than
        that shuffle is that only exchanges numbers within the parts.
        """
        best = float(self._gains.max()) * (1 - 1e-9)
        chance = np.random.default_rng(len(self._pulled))
        reached = tried = 0
        for rounds in _ROUNDS:
            rows = np.tile(self._pulled, (rounds, 1))
            gains = _gains(chance.permuted(rows, axis=1), self._least).max(axis=1)
            places = np.flatnonzero(gains >= best)
            if reached + len(places) >= _ENOUGH:
                return _ENOUGH / (tried + int(places[_ENOUGH - reached - 1]) + 1)
            reached, tried = reached + len(places), tried + rounds
        shown = (reached + 1) / (tried + 1)
        return shown if reached else min(shown, self._tail())

    def _tail(self) -> float:
        """The p-value beyond what shuffles show."""
        size = len(self._pulled)
        rest = 1 - float(self._gains.max() / (self._pulled**2).sum())
        student = cdf(rest, (size - 2) / 2, 0.5)
        return max(len(self._gains) * student, 2 / comb(size, self.place))

    def span(self, mass: float) -> tuple[int, int]:
        """The first and last place that may be the real one, with this probability.

        Of the posterior for two normal means and one variance, with flat priors.
        """
        size = len(self._pulled)
        places = np.arange(self._least, size - self._least + 1)
        rest = (self._pulled**2).sum() - self._gains
        rest = np.maximum(rest, size * _SMALLEST**2)
        logs = -(size - 2) / 2 * np.log(rest)
        logs -= np.log(places * (size - places)) / 2
        chances = np.exp(logs - logs.max())
        chances /= chances.sum()
        order = np.argsort(-chances, kind="stable")
        held = int(np.searchsorted(chances[order].cumsum(), mass)) + 1
        likely = [*places[order[:held]].tolist(), self.place]
        return min(likely), max(likely)

    def shift(self, mass: float) -> tuple[float, float]:
        """The interval of the second part's shift (Hodges and Lehmann, 1963)."""
        one, other = self._values[: self.place], self._values[self.place :]
        shifts = np.sort(np.subtract.outer(other, one), axis=None)
        pairs = len(shifts)
        spread = sqrt(pairs * (len(self._values) + 1) / 12)
        z = NormalDist().inv_cdf((1 + mass) / 2)
        cut = max(0, int(pairs / 2 - z * spread))
        return float(shifts[cut]), float(shifts[pairs - 1 - cut])


def _pulled_in(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """In deviations from the median, outliers pulled in, and centred."""
    away = values - np.median(values)
    scale = max(_NORMAL * float(np.median(np.abs(away))), _SMALLEST)
    pulled = np.clip(away / scale, -_OUTLIER, _OUTLIER)
    centred: NDArray[np.float64] = pulled - pulled.mean()
    return centred


def _gains(rows: NDArray[np.float64], least: int) -> NDArray[np.float64]:
    """How much of its squares each place of each row explains."""
    size = rows.shape[1]
    places = np.arange(least, size - least + 1)
    sums = rows.cumsum(axis=1)[:, places - 1]
    gains: NDArray[np.float64] = sums**2 * size / (places * (size - places))
    return gains
