"""Courses: how a job went in the builds before this one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.ci.scan.models import PastBuild

Place = tuple[str, int | None]

_BAD = frozenset({"failed", "soft_failed"})
_KNOWN = _BAD | {"passed", "flaky"}


@dataclass(frozen=True, slots=True)
class Course:
    """What earlier builds say of one job.

    Attributes:
        builds: In how many of them it ran to an end.
        streak: The builds right before this one in which it failed, the newest first.
        isolated: How often it failed and passed again, on a retry or in a later build.
    """

    builds: int
    streak: tuple[PastBuild, ...]
    isolated: int

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
    failing = 0
    while failing < len(ended) and ended[failing][1] in _BAD:
        failing += 1
    streak = tuple(build for build, _ in ended[:failing])
    rest = [ending for _, ending in ended[failing:]]
    runs = sum(
        ending in _BAD and rest[at - 1] not in _BAD
        for at, ending in enumerate(rest)
        if at
    )
    return Course(len(ended), streak, runs + rest.count("flaky"))


def _ended(place: Place, past: Sequence[PastBuild]) -> Iterator[tuple[PastBuild, str]]:
    for build in sorted(past, key=lambda item: -item.number):
        ending = build.endings.get(place)
        if ending in _KNOWN:
            yield build, ending
