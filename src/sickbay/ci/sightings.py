"""Sightings: every failure in a grid, and which of them say the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from heapq import nsmallest
from itertools import chain
from typing import TYPE_CHECKING

from sickbay.ci.lanes import lane_name
from sickbay.ci.names import is_rerun_disabled, is_unstable
from sickbay.ci.signs import sign
from sickbay.logs.cluster import near

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sickbay.ci.models import Grid, Job
    from sickbay.ci.signs import Sign

_COMPARED = 500
"""Different lines that are compared with each other; a storm has any number."""

_Key = tuple[str, str]
_Pair = tuple[_Key, _Key]


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
    """Every job that failed, or says of what before it passed on another try."""
    for place, row in enumerate(grid.rows):
        for name, job in row.jobs.items():
            if job.failed or (job.state == "flaky" and sign(job).telling):
                yield Sighting(place, lane_name(name), job, sign(job))


def alike(seen: Iterable[Sighting]) -> list[list[Sighting]]:
    """The failures in groups that say the same.

    What says nothing is alike only within one job. Jobs that are known to fail are
    apart from all others, which would seem to fail as often.
    """
    keyed = [(item, _keys(item)) for item in seen]
    roots = _joined(chain({keys for _, keys in keyed}, _close(keyed)))
    groups: defaultdict[_Key, list[Sighting]] = defaultdict(list)
    for item, keys in keyed:
        groups[roots[keys[0]]].append(item)
    return [groups[key] for key in sorted(groups)]


def _keys(item: Sighting) -> tuple[_Key, ...]:
    said, name = item.sign, item.job.name
    if not said.telling:
        return (("job", item.lane),)
    apart = " apart" if is_unstable(name) or is_rerun_disabled(name) else ""
    named = ((f"special{apart}", said.special), (f"line{apart}", said.message))
    return tuple(key for key in named if key[1])


def _close(keyed: Sequence[tuple[Sighting, tuple[_Key, ...]]]) -> Iterator[_Pair]:
    """Lines that say the same in slightly other words, of those seen most."""
    times = Counter(key for _, keys in keyed for key in keys)
    lines = (key for key in times if key[0].startswith("line"))
    return near(nsmallest(_COMPARED, lines, key=lambda key: (-times[key], key)))


def _joined(sets: Iterable[tuple[_Key, ...]]) -> dict[_Key, _Key]:
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
