"""Courses: how a job went in the builds before this one, and what that speaks for."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, log
from typing import TYPE_CHECKING

from sickbay.ci.scan import weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.ci.scan.models import PastBuild

Place = tuple[str, int | None]

_RUNS = {"passed": (0, 1), "flaky": (1, 1), "failed": (1, 0), "soft_failed": (1, 0)}
"""How often it failed and passed in a build; any other ending says nothing."""


@dataclass(frozen=True, slots=True)
class Course:
    """What earlier builds say of one job that fails now.

    Attributes:
        builds: In how many of them it ran to an end.
        streak: The builds right before this one in which it failed, the newest first.
        isolated: How often it failed and passed again, on a retry or in a later build.
        leaning: The log odds that it is broken since one of the builds, rather than
            fails now and then; 0 if nothing is known.
    """

    builds: int
    streak: tuple[PastBuild, ...]
    isolated: int
    leaning: float

    @property
    def always(self) -> bool:
        """Whether it failed in all of them."""
        return len(self.streak) == self.builds

    @property
    def since(self) -> PastBuild | None:
        """The first build of the streak; None if it may have begun before."""
        return self.streak[-1] if self.streak and not self.always else None


def course(place: Place, past: Sequence[PastBuild]) -> Course:
    """How a job went.

    Args:
        place: The job's, the same in all builds.
        past: Earlier builds in any order.
    """
    ended = list(_ended(place, past))
    runs = [run for _, run in ended]
    failing = next((at for at, (_, passed) in enumerate(runs) if passed), len(runs))
    rest = runs[failing:]
    isolated = sum(
        failed and (passed or rest[at - 1][1])
        for at, (failed, passed) in enumerate(rest)
    )
    streak = tuple(build for build, _ in ended[:failing])
    return Course(len(ended), streak, isolated, leaning(runs))


def leaning(runs: Sequence[tuple[int, int]]) -> float:
    """The log odds of "broken since a build" against "fails now and then".

    A job that is broken failed at the rate of any job until it broke, and has failed
    since; when that was is not known, and all builds are tried. A flaky one has failed
    all along at one rate, which is not known either. Both are integrated out.

    Args:
        runs: How often it failed and passed in earlier builds, the newest first; it
            fails in the present one.
    """
    broken = sum(
        _age(age, len(runs)) * _rate(weights.ANY_JOB, runs[age:]) * _slips(runs[:age])
        for age in range(len(runs) + 1)
    )
    flaky = _rate(weights.FLAKY_JOB, [*runs, (1, 0)])
    return log(broken) - log(flaky / _rate(weights.FLAKY_JOB, [(1, 0)]))


def _age(age: int, builds: int) -> float:
    """The probability that it broke so many builds ago, or before all of them."""
    longer = weights.HALF_LIFE / (weights.HALF_LIFE + age)
    if age == builds:
        return longer
    return longer - weights.HALF_LIFE / (weights.HALF_LIFE + age + 1)


def _slips(runs: Sequence[tuple[int, int]]) -> float:
    """The probability that something broken passes so often."""
    return weights.BROKEN_PASSES_ONCE ** sum(passed for _, passed in runs)


def _rate(prior: tuple[float, float], runs: Sequence[tuple[int, int]]) -> float:
    """The probability of these runs at one unknown rate of failures."""
    failed = prior[0] + sum(run[0] for run in runs)
    passed = prior[1] + sum(run[1] for run in runs)
    return exp(_beta(failed, passed) - _beta(*prior))


def _beta(one: float, other: float) -> float:
    return lgamma(one) + lgamma(other) - lgamma(one + other)


def _ended(
    place: Place, past: Sequence[PastBuild]
) -> Iterator[tuple[PastBuild, tuple[int, int]]]:
    for build in sorted(past, key=lambda item: -item.number):
        run = _RUNS.get(build.endings.get(place, ""))
        if run:
            yield build, run
