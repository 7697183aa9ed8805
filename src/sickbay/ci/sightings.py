"""Sightings: every failure in a grid, and which of them say the same."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from sickbay.ci.lanes import lane_name
from sickbay.ci.names import is_rerun_disabled, is_unstable
from sickbay.ci.signs import sign
from sickbay.logs.cluster import near

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sickbay.ci.models import Grid, Job
    from sickbay.ci.signs import Sign

_Key = tuple[str, str]


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
    roots = _joined({keys for _, keys in keyed})
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


def _joined(sets: Collection[tuple[_Key, ...]]) -> dict[_Key, _Key]:
    """For every key the least of those that it is joined to."""
    root: dict[_Key, _Key] = {}

    def found(key: _Key) -> _Key:
        while root.setdefault(key, key) != key:
            key = root[key]
        return key

    lines = {key for keys in sets for key in keys if key[0].startswith("line")}
    for keys in chain(sets, near(lines)):
        low, *others = sorted({found(key) for key in keys})
        for other in others:
            root[other] = low
    return {key: found(key) for key in list(root)}
