"""What counts of failures and passes say of a rate: the Beta distribution."""

from __future__ import annotations

from functools import lru_cache
from math import asin, exp, lgamma, log, log1p, pi, sin, sqrt
from statistics import NormalDist

_STEPS = 100
_EXACT = 1e-9
_EDGE = 1e-3
_MOST_TERMS = 10_000
_TINY = 1e-300
_CLOSE = 1e-14

Counts = tuple[int, int]
"""Failures and passes."""


def log_beta(a: float, b: float) -> float:
    """Logarithm of the Beta function."""
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def interval(
    failures: float, passes: float, *, mass: float = 0.9, prior: float = 0.5
) -> tuple[float, float]:
    """The equal-tailed credible interval of a rate.

    Args:
        failures: Seen.
        passes: Seen.
        mass: That it holds.
        prior: Both parameters of the Beta prior; a half is Jeffreys'.
    """
    tail = (1 - mass) / 2
    a, b = failures + prior, passes + prior
    return quantile(tail, a, b), quantile(1 - tail, a, b)


@lru_cache(maxsize=65536)
def quantile(share: float, a: float, b: float) -> float:
    """Below which a Beta variable is with this probability."""
    low, high, x = 0.0, 1.0, _guess(share, a, b)
    norm = log_beta(a, b)
    for _ in range(_STEPS):
        off = cdf(x, a, b) - share
        if abs(off) <= _EXACT * min(share, 1 - share):
            break
        low, high = (low, x) if off > 0 else (x, high)
        # Newton's step, unless it leaves what is left of the range.
        density = exp((a - 1) * log(x) + (b - 1) * log1p(-x) - norm)
        better = x - off / density if density else -1.0
        better = better if low < better < high else (low + high) / 2
        if better in {x, 0.0, 1.0}:
            break
        x = better
    return x


def _guess(share: float, a: float, b: float) -> float:
    """Where it would be if the arcsine of its root were normal, which it nearly is."""
    z = NormalDist().inv_cdf(share)
    angle = asin(sqrt(a / (a + b))) + z / (2 * sqrt(a + b))
    return sin(min(max(angle, _EDGE), pi / 2 - _EDGE)) ** 2


def cdf(x: float, a: float, b: float) -> float:
    """Probability that a Beta variable is at most ``x`` (DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - cdf(1 - x, b, a)
    front = exp(a * log(x) + b * log1p(-x) - log_beta(a, b)) / a
    return min(1.0, front * _fraction(x, a, b))


@lru_cache(maxsize=65536)
def greater(one: Counts, other: Counts) -> float:
    """Probability that one rate is above another, both uniform before anything is seen.

    The closed form of Cook, "Exact calculation of Beta inequalities" (2005), for whole
    numbers; of the four ways to write it, the one with the fewest terms.
    """
    (a, b), (c, d) = ((x + 1, y + 1) for x, y in (one, other))
    least = min(a, b, c, d)
    if least == a:
        return _above((a, b), (c, d))
    if least == d:
        return _above((d, c), (b, a))
    if least == c:
        return 1 - _above((c, d), (a, b))
    return 1 - _above((b, a), (d, c))


def _above(one: Counts, other: Counts) -> float:
    """P(X > Y) of two Beta variables, as a sum of as many terms as X's first one."""
    (a, b), (c, d) = one, other
    terms = (
        exp(log_beta(c + i, b + d) - log_beta(1 + i, b) - log_beta(c, d)) / (b + i)
        for i in range(a)
    )
    return min(1.0, sum(terms))


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete Beta function, by Lentz's method."""
    front, back = 1.0, _safe(1 - (a + b) * x / (a + 1))
    back = 1 / back
    value = back
    for m in range(1, _MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            back = 1 / _safe(1 + term * back)
            front = _safe(1 + term / front)
            value *= front * back
        if abs(front * back - 1) < _CLOSE:
            break
    return value


def _safe(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
