"""Since which build a test behaves differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sickbay.ci.history.beta import interval
from sickbay.ci.history.kinds import PROBABLE, chances
from sickbay.ci.history.models import ChangePoint, Rate
from sickbay.ci.history.stretches import Counts, relapse, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.history.models import BuildPoint, Observation
    from sickbay.ci.history.stretches import Split

MASS = 0.9
"""Of every credible interval and range."""


class Window(NamedTuple):
    """The observed builds: where they are, their counts, and the newest change."""

    places: tuple[int, ...]
    counts: Counts
    split: Split | None

    @property
    def start(self) -> int:
        """From which of the observed builds on it is looked at: the change before."""
        return self.split.start if self.split else 0


def window(observations: Sequence[Observation]) -> Window:
    """What of the observations counts, and where it changes."""
    places = tuple(at for at, one in enumerate(observations) if one.observed)
    counts = Counts([observations[at].outcome for at in places])
    return Window(places, counts, split(counts, _mended(counts)))


def _mended(counts: Counts) -> int | None:
    """Since when it passed before it broke anew, where both are probable.

    Some passes may be luck while it is broken, some failures chance since it is not.
    """
    rows = relapse(counts)
    if rows is None:
        return None
    mended = chances(counts, rows.failed, rows.again).changed["FIXED"]
    broken = chances(counts, rows.passed).changed["REGRESSION"]
    return rows.passed if min(mended, broken) >= PROBABLE else None


def change_point(
    observations: Sequence[Observation], seen: Window | None = None
) -> ChangePoint | None:
    """The newest change in how often a test fails; None below two observed builds.

    Two stretches, each at a rate of its own: the evidence of both under Beta(1/2, 1/2)
    is compared for every place between observed builds, all of them as likely
    beforehand, and with that of no change (Barry & Hartigan, "Product Partition Models
    for Change Point Problems", 1992, for a single change). Where there were changes
    before, only the last two stretches are looked at.

    Builds that were not observed say nothing; the change may have come with them.

    Args:
        observations: In the order of commits.
        seen: The window of the same observations, where it is at hand.
    """
    seen = seen or window(observations)
    found, places, counts = seen.split, seen.places, seen.counts
    if found is None:
        return None
    builds = [one.build for one in observations]
    before = rate(*counts.of(found.start, found.at))
    after = rate(*counts.of(found.at, len(counts)))
    low, high, mass = _credible(found)
    return ChangePoint(
        probability=1 - found.none,
        log_bayes_factor=found.log_bayes_factor,
        before=builds[places[found.at - 1]],
        after=builds[places[found.at]],
        rising=(after.value or 0) >= (before.value or 0),
        rate_before=before,
        rate_after=after,
        none=found.none,
        posterior=_posterior(found, [builds[at] for at in places]),
        candidates=tuple(builds[places[found.at - 1] + 1 : places[found.at] + 1]),
        credible=tuple(builds[places[low - 1] + 1 : places[high] + 1]),
        credible_mass=mass,
    )


def rate(happened: int, others: int) -> Rate:
    """A share with its credible interval, under Beta(1/2, 1/2)."""
    times = happened + others
    low, high = interval(happened, others, mass=MASS)
    value = happened / times if times else None
    return Rate(happened=happened, times=times, value=value, low=low, high=high)


def _posterior(
    found: Split, builds: Sequence[BuildPoint]
) -> tuple[tuple[str, float], ...]:
    """For each observed build, the probability that the change lies right before."""
    there = 1 - found.none
    return tuple(
        (build.build_id, there * share)
        for build, share in zip(builds[found.start + 1 :], found.posterior, strict=True)
    )


def _credible(found: Split) -> tuple[int, int, float]:
    """The shortest run of places around the best with the mass: first, last, mass."""
    shares = found.posterior
    first = found.start + 1
    middle = found.at - first
    best = (0, len(shares) - 1, 1.0)
    low, held = 0, 0.0
    for high, share in enumerate(shares):
        held += share
        while low < min(middle, high) and held - shares[low] >= MASS:
            held -= shares[low]
            low += 1
        if high >= middle and held >= MASS and high - low < best[1] - best[0]:
            best = (low, high, min(1.0, held))
    return first + best[0], first + best[1], best[2]
