"""Evidence: which commits show a failure, and which could have but did not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from sickbay.ci.episodes import Point, gathered
from sickbay.ci.lanes import lanes
from sickbay.ci.reverts import reverts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sickbay.ci.lanes import Kind, Lane
    from sickbay.ci.models import Grid
    from sickbay.ci.sightings import Sighting

_Lanes = dict[int, set[str]]


class History:
    """A grid read once for all failures in it."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self._kinds: dict[str, list[Kind]] = {}

    @cached_property
    def reverts(self) -> dict[int, int]:
        """For the place of every revert, that of the commit that it takes back."""
        return reverts(self.grid.rows)

    @cached_property
    def reverted(self) -> dict[int, int | None]:
        """For the place of every commit taken back, that of its first revert.

        None where only a mark on the commit tells.
        """
        marked = (
            place for place, row in enumerate(self.grid.rows) if row.commit.autoreverted
        )
        newest_first = sorted(self.reverts.items())
        return {
            **dict.fromkeys(marked),
            **{target: place for place, target in newest_first},
        }

    @cached_property
    def _lanes(self) -> Mapping[str, Lane]:
        return {lane.name: lane for lane in lanes(self.grid.job_names, fold=True)}

    def kinds(self, name: str) -> list[Kind]:
        """What the job says on each commit, the newest first."""
        if name not in self._kinds:
            lane = self._lanes[name]
            self._kinds[name] = [lane.kind(row.jobs) for row in self.grid.rows]
        return self._kinds[name]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the commits say of one failure.

    Attributes:
        bad: For the places of commits that show it, the jobs that do.
        good: For the places of commits, those of its jobs that passed.
        retried: Times that it showed and the job passed when it was tried again.
    """

    bad: _Lanes = field(default_factory=lambda: defaultdict(set))
    good: _Lanes = field(default_factory=lambda: defaultdict(set))
    retried: int = 0

    @property
    def lanes(self) -> set[str]:
        """The jobs that ever show it."""
        return set().union(*self.bad.values())

    def of(self, names: Collection[str]) -> Evidence:
        """What these jobs say alone."""
        wanted = set(names)
        return Evidence(_only(self.bad, wanted), _only(self.good, wanted), self.retried)

    def points(self, history: History) -> list[Point]:
        """The same for the search for episodes, the oldest commit first."""
        places = sorted(self.bad.keys() | self.good.keys(), reverse=True)
        breaks, mends = set(history.reverted), set(history.reverts)
        points, before = [], len(history.grid.rows)
        for place in places:
            since = range(place, before)
            points.append(
                Point(
                    bad=len(self.bad.get(place, ())),
                    good=len(self.good.get(place, ())),
                    rows=(place,),
                    breaks=not breaks.isdisjoint(since),
                    mends=not mends.isdisjoint(since),
                )
            )
            before = place
        return gathered(points)


def evidence(seen: Iterable[Sighting], history: History) -> Evidence:
    """What the commits of a grid say of one failure."""
    found, retried = Evidence(), 0
    for item in seen:
        found.bad[item.place].add(item.lane)
        retried += item.job.passed
    for name in found.lanes:
        for place, kind in enumerate(history.kinds(name)):
            if kind == "ok":
                found.good[place].add(name)
    return Evidence(dict(found.bad), dict(found.good), retried)


def _only(places: _Lanes, wanted: set[str]) -> _Lanes:
    kept = ((place, names & wanted) for place, names in places.items())
    return {place: names for place, names in kept if names}
