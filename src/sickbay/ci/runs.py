"""Runs: failures of one job in a row, when they say nothing or all something else."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sickbay.ci.evidence import History
    from sickbay.ci.lanes import Kind
    from sickbay.ci.sightings import Sighting

_MANY = 3
"""Commits in a row on which a job fails, each time of something else."""

_Shown = dict[int, list["Sighting"]]
"""What one job shows on the commits at these places."""


def gathered(
    groups: Iterable[Sequence[Sighting]], history: History
) -> list[list[Sighting]]:
    """The same groups of failures, but for some that tell nothing alone.

    A job that fails many times in a row, once without a word, did so for the reason
    that it gave before. One that fails each time with other words has one cause, too.
    Each group is from the newest to the oldest.
    """
    home = {id(item): key for key, group in enumerate(groups) for item in group}
    seen = [item for group in groups for item in group]
    size = _sizes(seen, home)
    for lane, shown in _by_lane(seen).items():
        for run in _runs(history.kinds(lane), shown):
            _settle(run, home, size)
    found: defaultdict[int, list[Sighting]] = defaultdict(list)
    for item in seen:
        found[home[id(item)]].append(item)
    for group in found.values():
        group.sort(key=lambda item: (item.place, item.lane, item.job.name))
    return list(found.values())


def _settle(run: _Shown, home: dict[int, int], size: dict[int, int]) -> None:
    """Find a home for what tells nothing alone."""
    firm: list[Sighting]
    loose: list[Sighting]
    firm, loose = [], []
    for item in (item for seen in run.values() for item in seen if item.job.failed):
        alone = not item.sign.telling or size[home[id(item)]] == 1
        (loose if alone else firm).append(item)
    if firm:
        main = _most(home[id(item)] for item in firm)
        known = {item.place for item in firm if home[id(item)] == main}
        for item in loose:
            if not item.sign.telling and item.place not in known:
                home[id(item)] = main
    elif len({item.place for item in loose}) >= _MANY:
        main = min(home[id(item)] for item in loose)
        home.update((id(item), main) for item in loose)


def _sizes(seen: Iterable[Sighting], home: dict[int, int]) -> dict[int, int]:
    """On how many commits or in how many jobs each group is seen."""
    spots: defaultdict[int, set[tuple[int, str]]] = defaultdict(set)
    for item in seen:
        spots[home[id(item)]].add((item.place, item.lane))
    return {key: len(found) for key, found in spots.items()}


def _by_lane(seen: Iterable[Sighting]) -> dict[str, _Shown]:
    lanes: defaultdict[str, _Shown] = defaultdict(dict)
    for item in seen:
        lanes[item.lane].setdefault(item.place, []).append(item)
    return lanes


def _runs(kinds: Sequence[Kind], shown: _Shown) -> Iterator[_Shown]:
    """What a job shows, cut wherever it passed."""
    run: _Shown = {}
    for place, kind in enumerate(kinds):
        if kind == "ok":
            if run:
                yield run
            run = {}
        elif place in shown:
            run[place] = shown[place]
    if run:
        yield run


def _most(keys: Iterable[int]) -> int:
    counted: defaultdict[int, int] = defaultdict(int)
    for key in keys:
        counted[key] += 1
    return min(counted, key=lambda key: (-counted[key], key))
