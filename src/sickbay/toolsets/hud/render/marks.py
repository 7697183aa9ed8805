"""What a grid shows in a cell: a mark for one job, or for many jobs of a group."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sickbay.ci.grid import tells
from sickbay.ci.groups import GROUPS, group_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sickbay.ci.models import Grid, Job, Row

Mark = Literal[
    "fail",
    "pending",
    "soft",
    "flaky",
    "ok",
    "cancelled",
    "skipped",
    "unknown",
    "absent",
]
"""``soft`` is the failure of a job that says nothing about its commit."""

MARKS: tuple[Mark, ...] = (
    *("fail", "pending", "soft", "flaky", "ok", "cancelled", "skipped", "unknown"),
    "absent",
)
"""The one that stands for a group comes first."""

MEANINGS: dict[Mark, str] = {
    "fail": "failed",
    "pending": "not finished",
    "soft": "failed, does not block",
    "flaky": "passed on another attempt",
    "ok": "passed",
    "cancelled": "cancelled",
    "skipped": "skipped",
    "unknown": "no known outcome",
    "absent": "did not run",
}

_ROUGHLY: dict[str, Mark] = {
    "ok": "ok",
    "flaky": "flaky",
    "cancelled": "cancelled",
    "skipped": "skipped",
    "neutral": "skipped",
}


@dataclass(frozen=True, slots=True)
class Strip:
    """A job, or a group of them, over the commits of a grid, the newest first."""

    label: str
    marks: tuple[Mark, ...]

    @property
    def failures(self) -> int:
        """On how many commits it failed and that counts."""
        return self.marks.count("fail")

    @property
    def quiet(self) -> bool:
        """Whether nothing failed, if only softly."""
        return not {"fail", "soft"} & set(self.marks)


def mark(job: Job | None) -> Mark:
    """The mark of a job on one commit."""
    if job is None:
        return "absent"
    if job.failed:
        return "fail" if tells(job.name) else "soft"
    return "pending" if job.unfinished else _ROUGHLY.get(job.state, "unknown")


def worst(marks: Iterable[Mark]) -> Mark:
    """The mark that stands for several."""
    found = set(marks)
    return next((mark for mark in MARKS if mark in found), "absent")


def group_strips(grid: Grid) -> tuple[Strip, ...]:
    """A strip for each group of jobs that the grid has, in the order of the groups."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    for name in grid.job_names:
        members[group_of(name)].append(name)
    return tuple(
        Strip(group, tuple(worst(_marks(row, members[group])) for row in grid.rows))
        for group in sorted(members, key=_rank)
    )


def job_strips(grid: Grid) -> tuple[Strip, ...]:
    """A strip for each job, those of a group side by side."""
    names = sorted(grid.job_names, key=lambda name: (_rank(group_of(name)), name))
    return tuple(
        Strip(name, tuple(mark(row.jobs.get(name)) for row in grid.rows))
        for name in names
    )


def used(strips: Sequence[Strip]) -> tuple[Mark, ...]:
    """The marks that are in any of them."""
    found = {mark for strip in strips for mark in strip.marks}
    return tuple(mark for mark in MARKS if mark in found)


def _marks(row: Row, names: Iterable[str]) -> Iterable[Mark]:
    return (mark(row.jobs.get(name)) for name in names)


def _rank(group: str) -> tuple[int, str]:
    return (GROUPS.index(group) if group in GROUPS else len(GROUPS), group)
