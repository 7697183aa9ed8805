"""Splits: where a row of numbers falls into two, whatever the noise in it."""

from __future__ import annotations

from functools import cached_property, lru_cache
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_OUTLIER = 3.0
"""Deviations from the median that a number counts as at most."""
_NORMAL = 1.4826
"""Standard deviation to median absolute deviation, where noise is normal."""
_SMALLEST = 0.01
"""Deviation of a row at least: what is rounded scatters by as much."""
_FIRST, _ROUNDS = 99, 1999
"""Shuffles at first, and in all where the first do not settle it."""
_SETTLED = 0.1


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

        A permutation test of the greatest t of all places: it holds for any noise whose
        order does not matter.
        """
        best = float(self._gains.max()) * (1 - 1e-9)
        for rounds in (_FIRST, _ROUNDS):
            shuffled = self._pulled[_shuffles(len(self._pulled))[:rounds]]
            gains = _gains(shuffled, self._least).max(axis=1)
            chance = (1 + int((gains >= best).sum())) / (1 + rounds)
            if chance > _SETTLED:
                break
        return chance

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


@lru_cache(maxsize=8)
def _shuffles(size: int) -> NDArray[np.int64]:
    """Orders of so many numbers, the same on every call."""
    orders = np.tile(np.arange(size), (_ROUNDS, 1))
    shuffled: NDArray[np.int64] = np.random.default_rng(size).permuted(orders, axis=1)
    return shuffled
