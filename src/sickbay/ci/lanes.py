"""Lanes: one job, or all shards of one, over the commits of a grid."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from sickbay.ci.names import folded, is_unstable, parsed
from sickbay.ci.states import FAILED, PASSED, UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sickbay.ci.models import Job

Kind = Literal["fail", "ok", "pending", "absent"]
"""What a cell says about its commit; ``absent`` says nothing: the job did not run, or
was cancelled, skipped, or only some of its shards are there."""

_GONE = 20
"""Commits without a run that say nothing yet of a job."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A job over many commits.

    Attributes:
        name: Of the job, without shard if it has several.
        shards: The full names that belong to it.
    """

    name: str
    shards: tuple[str, ...]

    def jobs(self, row: Mapping[str, Job]) -> list[Job]:
        """Those of its jobs that a commit has."""
        return [row[name] for name in self.shards if name in row]

    def kind(self, row: Mapping[str, Job]) -> Kind:
        """What a commit's jobs say: a failed shard fails all, all must have passed."""
        jobs = self.jobs(row)
        states = {job.state for job in jobs}
        if not states.isdisjoint(FAILED):
            return "fail"
        if not states.isdisjoint(UNFINISHED):
            return "pending"
        if not states or not states <= PASSED:
            return "absent"
        return "ok" if self.name in self.shards or _whole(jobs) else "absent"


def lanes(names: Iterable[str], *, fold: bool) -> tuple[Lane, ...]:
    """The lanes of these jobs by name: one for each, or one for all shards of a job."""
    shards: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        shards[lane_name(name) if fold else name].append(name)
    return tuple(Lane(name, tuple(sorted(shards[name]))) for name in sorted(shards))


def lane_name(name: str) -> str:
    """The name that all shards of a job share; unstable ones are a job of their own."""
    short = folded(name)
    lost = is_unstable(name) and not is_unstable(short)
    return f"{short.removesuffix(')')}, unstable)" if lost else short


def is_gone(kinds: Sequence[Kind]) -> bool:
    """Whether a job does not run any more: not for much longer than ever before."""
    ran = [place for place, kind in enumerate(kinds) if kind != "absent"]
    pauses = [older - newer for newer, older in pairwise(ran)]
    return bool(ran) and ran[0] > max(_GONE, 2 * max(pauses, default=0))


def _whole(jobs: list[Job]) -> bool:
    """Whether no shard is missing; a job may be cut up twice, for two runners."""
    sets: defaultdict[tuple[int, str | None], int] = defaultdict(int)
    for job in jobs:
        name = parsed(job.name)
        sets[name.shards or 0, name.runner] += 1
    return all(found >= expected for (expected, _), found in sets.items())
