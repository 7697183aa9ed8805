"""Stretches of builds in which a test behaves the same, and where one ends."""

from __future__ import annotations

from itertools import accumulate, pairwise
from math import comb, exp, lgamma, log, pi
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.history.models import Outcome

CREDIT = log(2)
"""What a change must win, beyond the choice of its place, to cut a stretch off."""

BY_CHANCE = 0.01
"""Failures that come so close together no oftener by chance come in rows."""

_HALF = 0.5
_COUNTS: dict[Outcome, tuple[int, int]] = {
    "pass": (0, 1),
    "fail": (1, 0),
    "flaky": (1, 1),
}
_EACH: dict[Outcome, tuple[bool, ...]] = {
    "pass": (False,),
    "fail": (True,),
    "flaky": (True, False),
}


class Counts:
    """Failures and passes of observed builds, summed up from the first one on.

    A build counts once: runs of the same build share whatever else went wrong there.
    One that is flaky counts as one failure and one pass.
    """

    __slots__ = ("_failures", "_passes", "outcomes")

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        counts = [_COUNTS[outcome] for outcome in outcomes]
        self.outcomes = tuple(outcomes)
        self._failures = (0, *accumulate(count[0] for count in counts))
        self._passes = (0, *accumulate(count[1] for count in counts))

    def __len__(self) -> int:
        return len(self.outcomes)

    def of(self, start: int, end: int) -> tuple[int, int]:
        """Failures and passes from one place up to, but not with, another."""
        return (
            self._failures[end] - self._failures[start],
            self._passes[end] - self._passes[start],
        )

    def evidence(self, start: int, end: int) -> float:
        """Log probability of a stretch at one rate that nobody knows."""
        return evidence(*self.of(start, end))


class Split(NamedTuple):
    """The newest change: where it lies, and how well it explains the outcomes.

    Attributes:
        start: The window begins here: after the change before it.
        at: The most probable place: the first build after the change.
        posterior: Of ``start + 1`` up to the last build, given that there is a change.
        log_bayes_factor: Of any change in the window against none.
    """

    start: int
    at: int
    posterior: tuple[float, ...]
    log_bayes_factor: float

    @property
    def none(self) -> float:
        """Probability that there is no change, as likely beforehand as one."""
        return 1 / (1 + exp(min(self.log_bayes_factor, 700)))


def evidence(failures: int, passes: int, a: float = _HALF, b: float = _HALF) -> float:
    """Log probability of outcomes in their order, the rate integrated out.

    The Beta-Bernoulli marginal; without ``a`` and ``b``, Jeffreys' prior.
    """
    seen = lgamma(failures + a) + lgamma(passes + b) - lgamma(failures + passes + a + b)
    if a == b == _HALF:
        return seen - log(pi)
    return seen - lgamma(a) - lgamma(b) + lgamma(a + b)


def split(counts: Counts, since: int | None = None) -> Split | None:
    """The newest change, or the most probable place of one; None below two builds.

    Args:
        counts: Of the observed builds.
        since: Where to begin; by default with the stretch before the newest.
    """
    if len(counts) < 2:  # noqa: PLR2004 - there is no place between
        return None
    starts = stretches(counts)
    start = starts[-2] if len(starts) > 1 else 0
    start = start if since is None else since
    end = len(counts)
    none = counts.evidence(start, end)
    gains = [
        counts.evidence(start, at) + counts.evidence(at, end) - none
        for at in range(start + 1, end)
    ]
    best = max(gains)
    weights = [exp(gain - best) for gain in gains]
    total = sum(weights)
    return Split(
        start=start,
        at=start + 1 + gains.index(best),
        posterior=tuple(weight / total for weight in weights),
        log_bayes_factor=best + log(total / len(weights)),
    )


def stretches(counts: Counts) -> list[int]:
    """Where the stretches begin that explain the outcomes best, the oldest first.

    Optimal partitioning (Jackson et al., "An algorithm for optimal partitioning of
    data on an interval", 2005) with the evidence of each stretch as its worth. The
    evidence is convex in the passes, and in the failures, of a stretch, so that no
    best cut lies among equal outcomes: only their borders are tried.
    """
    price = log(len(counts)) + CREDIT
    borders = [0, *_borders(counts.outcomes), len(counts)]
    worth, came = [0.0], [0]
    for at in range(1, len(borders)):
        options = [
            worth[since] + counts.evidence(borders[since], borders[at])
            for since in range(at)
        ]
        best = max(options)
        worth.append(best - price)
        came.append(options.index(best))
    starts = []
    at = len(borders) - 1
    while at:
        at = came[at]
        starts.append(borders[at])
    return starts[::-1]


class Relapse(NamedTuple):
    """The newest failures of a test that was broken before: where each row begins."""

    failed: int
    passed: int
    again: int


def relapse(counts: Counts) -> Relapse | None:
    """The newest three rows of outcomes, if they are failures, passes, and failures.

    None where what it failed before may be chance: a test that is broken and mended
    again and again fails in rows, a flake does not.
    """
    outcomes = counts.outcomes
    again = _run(outcomes, len(outcomes), "fail")
    passed = _run(outcomes, again, "pass")
    failed = _run(outcomes, passed, "fail")
    there = failed < passed < again < len(outcomes)
    if not there or not in_rows(outcomes[:again]):
        return None
    return Relapse(failed, passed, again)


def _run(outcomes: Sequence[Outcome], end: int, outcome: Outcome) -> int:
    """Where the run of one outcome begins that ends at a place."""
    while end and outcomes[end - 1] == outcome:
        end -= 1
    return end


def in_rows(outcomes: Sequence[Outcome]) -> bool:
    """Whether failures follow each other more often than those of a flake would.

    The runs test (Wald & Wolfowitz, "On a test whether two samples are from the same
    population", 1940), exact and one-sided.
    """
    failed = [bad for one in outcomes for bad in _EACH[one]]
    bad, good = sum(failed), len(failed) - sum(failed)
    if not bad or not good:
        return False
    most = 1 + sum(a != b for a, b in pairwise(failed))
    ways = sum(_ways(runs, bad, good) for runs in range(2, most + 1))
    return ways < BY_CHANCE * comb(bad + good, bad)


def _ways(runs: int, bad: int, good: int) -> int:
    """In how many orders failures and passes make so many runs."""
    half, odd = divmod(runs, 2)
    if not odd:
        return 2 * comb(bad - 1, half - 1) * comb(good - 1, half - 1)
    return comb(bad - 1, half) * comb(good - 1, half - 1) + comb(
        bad - 1, half - 1
    ) * comb(good - 1, half)


def _borders(outcomes: Sequence[Outcome]) -> list[int]:
    return [
        at
        for at in range(1, len(outcomes))
        if outcomes[at] != outcomes[at - 1] or outcomes[at] == "flaky"
    ]
