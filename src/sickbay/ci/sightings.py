"""Sightings: every failure in a grid, and which of them say the same."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.ci.names import folded
from sickbay.ci.signs import sign
from sickbay.logs.cluster import near

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sickbay.ci.models import Grid, Job
    from sickbay.ci.signs import Sign

_Key = tuple[str, str]
_LINE = "line"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One failure.

    Attributes:
        place: Of the commit in the grid, 0 for the newest.
        lane: Name of the job without shard.
    """

    place: int
    lane: str
    job: Job
    sign: Sign


def sightings(grid: Grid) -> Iterator[Sighting]:
    """Every job that failed, or passed only when it was tried again."""
    for place, row in enumerate(grid.rows):
        for name, job in row.jobs.items():
            if job.failed or job.state == "flaky":
                yield Sighting(place, folded(name), job, sign(job))


def alike(seen: Iterable[Sighting]) -> list[list[Sighting]]:
    """The failures in groups that say the same, each from the newest to the oldest.

    What says nothing is alike only within one job.
    """
    keyed = [(item, _keys(item)) for item in seen]
    distinct = {keys for _, keys in keyed}
    lines = {text for keys in distinct for kind, text in keys if kind == _LINE}
    close = (
        ((_LINE, a), (_LINE, b)) for (_, a), (_, b) in near(("", t) for t in lines)
    )
    roots = _joined([*distinct, *close])
    groups: defaultdict[_Key, list[Sighting]] = defaultdict(list)
    for item, keys in keyed:
        groups[roots[keys[0]]].append(item)
    for group in groups.values():
        group.sort(key=lambda item: (item.place, item.lane, item.job.name))
    return [groups[key] for key in sorted(groups)]


def _keys(item: Sighting) -> tuple[_Key, ...]:
    said = item.sign
    if not said.telling:
        return (("job", item.lane),)
    named = (("special", said.special), (_LINE, said.message))
    return tuple(key for key in named if key[1])


def _joined(sets: Iterable[Sequence[_Key]]) -> dict[_Key, _Key]:
    """For every key the least of those that it is joined to."""
    root: dict[_Key, _Key] = {}

    def found(key: _Key) -> _Key:
        while root.setdefault(key, key) != key:
            key = root[key]
        return key

    for keys in sets:
        low, *others = sorted({found(key) for key in keys})
        for other in others:
            root[other] = low
    return {key: found(key) for key in list(root)}
