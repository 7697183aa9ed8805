"""The trunk: is it red now, since when, of what, and whose is it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sickbay.ci import faults
from sickbay.ci.causes import causes
from sickbay.ci.names import blocks_strict
from sickbay.render.words import amount

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from sickbay.ci.causes import Cause
    from sickbay.ci.models import Commit, Grid, Row
    from sickbay.ci.signs import Sign
    from sickbay.logs.report import Category

Health = Literal["red", "degraded", "green", "unknown"]
"""``degraded`` fails where viable/strict does not care."""

_FAILING = frozenset({"red", "degraded"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """What a branch comes to.

    Attributes:
        reason: What speaks for ``health``, in words.
        since: The oldest commit that shows what makes it so, if it is not green.
        lasts: How long ago that was committed; None if nobody knows.
        clipped: It may be older than the commits that were looked at.
        causes: All causes of failures, the most pressing first.
        newest: The newest commit.
        complete: The newest commit on which all that blocks has ended.
        unfinished: On how many commits newer than that something that blocks has not.
        commits: How many were looked at.
    """

    health: Health
    reason: str
    since: Commit | None
    lasts: timedelta | None
    clipped: bool
    causes: tuple[Cause, ...]
    newest: Commit | None
    complete: Commit | None
    unfinished: int
    commits: int


def trunk(
    grid: Grid,
    now: datetime,
    *,
    fault: Callable[[Sign], Category] = faults.fault,
) -> Trunk:
    """What a branch comes to.

    Args:
        grid: Its commits, the newest first.
        now: To tell how long it lasts.
        fault: Says whose fault a line speaks of.
    """
    found = causes(grid, fault=fault)
    current = [cause for cause in found if cause.current]
    pressing = [cause for cause in current if cause.blocking] or current
    health, reason = _health(grid, pressing)
    first = _first(grid, pressing) if health in _FAILING else None
    open_rows, complete = _until_complete(grid)
    return Trunk(
        health=health,
        reason=reason,
        since=first.first_bad if first else None,
        lasts=_age(first, now),
        clipped=bool(first and first.clipped),
        causes=found,
        newest=grid.rows[0].commit if grid.rows else None,
        complete=complete,
        unfinished=open_rows,
        commits=len(grid.rows),
    )


def _health(grid: Grid, pressing: Sequence[Cause]) -> tuple[Health, str]:
    if not grid.rows:
        return "unknown", "there are no commits"
    if grid.rows[0].commit.sha in grid.gaps:
        return "unknown", "the newest commits could not be had"
    if not any(
        job.passed or job.failed for row in grid.rows for job in row.jobs.values()
    ):
        return "unknown", f"nothing has finished on any of {len(grid.rows)} commits"
    if not pressing:
        return "green", "no failure goes on, and none is new"
    jobs = {job for cause in pressing for job in cause.jobs}
    count = amount(len(pressing), "cause")
    if pressing[0].blocking:
        blocking = sum(map(blocks_strict, jobs))
        verb = "blocks" if blocking == 1 else "block"
        return "red", f"{count} in {amount(blocking, 'job')} that {verb} viable/strict"
    failing = amount(len(jobs), "job")
    return "degraded", f"{count} in {failing}, none of which blocks viable/strict"


def _first(grid: Grid, pressing: Sequence[Cause]) -> Cause | None:
    """The cause that began first."""
    places = {row.commit.sha: place for place, row in enumerate(grid.rows)}
    return max(pressing, key=lambda cause: places[cause.first_bad.sha], default=None)


def _age(first: Cause | None, now: datetime) -> timedelta | None:
    began = first.first_bad.time if first else None
    return now - began if began else None


def _until_complete(grid: Grid) -> tuple[int, Commit | None]:
    """How many of the newest commits have not ended, and the first that has."""
    some_block = any(map(blocks_strict, grid.job_names))
    for place, row in enumerate(grid.rows):
        if _has_ended(row, only_blocking=some_block):
            return place, row.commit
    return len(grid.rows), None


def _has_ended(row: Row, *, only_blocking: bool) -> bool:
    jobs = [
        job
        for name, job in row.jobs.items()
        if not only_blocking or blocks_strict(name)
    ]
    return any(job.passed or job.failed for job in jobs) and not any(
        job.unfinished for job in jobs
    )
