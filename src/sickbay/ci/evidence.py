"""Evidence: which commits show a failure, and which could have but did not."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from sickbay.ci.episodes import Point
from sickbay.ci.lanes import lanes
from sickbay.ci.reverts import reverts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

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
    def reverts(self) -> list[int]:
        """Places of the commits that take others back."""
        return sorted(self._reverts)

    @cached_property
    def reverted(self) -> list[int]:
        """Places of the commits that were taken back, as they or others tell."""
        return sorted(self._marked | set(self._reverts.values()))

    def revert_of(self, place: int) -> int | None:
        """Where the first commit is that takes this one back, if it is here."""
        return max(
            (at for at, target in self._reverts.items() if target == place),
            default=None,
        )

    @cached_property
    def _reverts(self) -> dict[int, int]:
        return reverts(self.grid.rows)

    @cached_property
    def _marked(self) -> set[int]:
        rows = enumerate(self.grid.rows)
        return {place for place, row in rows if row.commit.autoreverted}

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
    """What the commits say of one failure: for their places, the jobs that say so.

    Attributes:
        bad: They show it.
        good: They could have shown it and passed.
        retried: They showed it and passed when they were tried again.
    """

    bad: _Lanes
    good: _Lanes
    retried: _Lanes

    @property
    def lanes(self) -> set[str]:
        """The jobs that ever show it."""
        return set().union(*self.bad.values())

    @property
    def retries(self) -> int:
        """How often it went away when a job was tried again."""
        return sum(map(len, self.retried.values()))

    def of(self, names: Collection[str]) -> Evidence:
        """What these jobs say alone."""
        wanted = set(names)
        return Evidence(
            _only(self.bad, wanted),
            _only(self.good, wanted),
            _only(self.retried, wanted),
        )

    def points(self, history: History) -> list[Point]:
        """The same for the search for episodes, the oldest commit first.

        Commits in a row that only passed are one point.
        """
        places = sorted(self.bad.keys() | self.good.keys(), reverse=True)
        points: list[Point] = []
        before = len(history.grid.rows)
        for shows, run in groupby(places, key=self.bad.__contains__):
            together = list(run)
            for group in [[place] for place in together] if shows else [together]:
                points.append(self._point(group, before, history))
                before = group[-1]
        return points

    def _point(self, places: Sequence[int], before: int, history: History) -> Point:
        return Point(
            bad=sum(len(self.bad.get(place, ())) for place in places),
            good=sum(len(self.good.get(place, ())) for place in places),
            place=places[0],
            breaks=_any_within(history.reverted, places[0], before),
            mends=_any_within(history.reverts, places[0], before),
        )


def evidence(seen: Iterable[Sighting], history: History) -> Evidence:
    """What the commits of a grid say of one failure."""
    bad: defaultdict[int, set[str]] = defaultdict(set)
    firm: set[tuple[int, str]] = set()
    for item in seen:
        bad[item.place].add(item.lane)
        if item.job.failed:
            firm.add((item.place, item.lane))
    retried = {
        place: soft
        for place, lanes in bad.items()
        if (soft := {lane for lane in lanes if (place, lane) not in firm})
    }
    good: defaultdict[int, set[str]] = defaultdict(set)
    for lane in set().union(*bad.values()):
        for place, kind in enumerate(history.kinds(lane)):
            if kind == "ok" or lane in retried.get(place, ()):
                good[place].add(lane)
    return Evidence(dict(bad), dict(good), retried)


def _any_within(places: Sequence[int], newest: int, before: int) -> bool:
    at = bisect_left(places, newest)
    return at < len(places) and places[at] < before


def _only(places: _Lanes, wanted: set[str]) -> _Lanes:
    kept = ((place, names & wanted) for place, names in places.items())
    return {place: names for place, names in kept if names}
