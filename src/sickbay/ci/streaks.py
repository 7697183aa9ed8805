"""Streaks: which jobs fail now, since when, and which commits may have broken them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.ci.lanes import lanes
from sickbay.ci.signs import sign

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sickbay.ci.lanes import Kind, Lane
    from sickbay.ci.models import Commit, Grid, Job, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """A job that failed each time since it last passed.

    Attributes:
        job: Its name, without shard where shards were folded.
        length: On how many commits it failed.
        last_bad: The newest commit on which it failed.
        first_bad: The oldest.
        last_good: The commit on which it passed before; None if not seen to.
        clipped: The commits end, or some are missing, before it passed: it may have
            failed for longer.
        suspects: Commits that may have broken it, the newest first: those after
            ``last_good`` up to ``first_bad``, whether it ran on them or not.
        pending: Commits between the two bad ones on which it is not finished.
        absent: Commits between them on which it did not run, or says nothing.
        latest: The job as it failed on the newest commit.
        signs: What its failures say, the most frequent first.
    """

    job: str
    length: int
    last_bad: Commit
    first_bad: Commit
    last_good: Commit | None
    clipped: bool
    suspects: tuple[Commit, ...]
    pending: int
    absent: int
    latest: Job
    signs: tuple[str, ...]


def streaks(
    grid: Grid,
    *,
    fold: bool = False,
    names: Collection[str] | None = None,
    min_length: int = 1,
) -> tuple[Streak, ...]:
    """Jobs that failed the last time they ran to an end, the longest streak first.

    Args:
        grid: Commits and their jobs.
        fold: Take all shards of a job as one.
        names: Only these jobs, by their full names.
        min_length: Leave out jobs that failed on fewer commits than this.
    """
    wanted = grid.job_names if names is None else sorted(names)
    found = (_streak(lane, grid) for lane in lanes(wanted, fold=fold))
    long = [streak for streak in found if streak and streak.length >= min_length]
    return tuple(sorted(long, key=lambda streak: (-streak.length, streak.job)))


def _streak(lane: Lane, grid: Grid) -> Streak | None:
    rows = grid.rows
    kinds = list(_until_passed(lane, rows))
    bad = [at for at, kind in enumerate(kinds) if kind == "fail"]
    if not bad:
        return None
    first, last = bad[-1], bad[0]
    good = len(kinds) - 1 if kinds[-1] == "ok" else None
    inside = Counter(kinds[last:first])
    failed = [job for at in bad for job in lane.jobs(rows[at].jobs) if job.failed]
    return Streak(
        job=lane.name,
        length=len(bad),
        last_bad=rows[last].commit,
        first_bad=rows[first].commit,
        last_good=None if good is None else rows[good].commit,
        clipped=grid.unseen(first, good),
        suspects=_commits(rows[first:good]),
        pending=inside["pending"],
        absent=inside["absent"],
        latest=failed[0],
        signs=tuple(text for text, _ in Counter(map(_says, failed)).most_common()),
    )


def _until_passed(lane: Lane, rows: Sequence[Row]) -> Iterator[Kind]:
    for row in rows:
        kind = lane.kind(row.jobs)
        yield kind
        if kind == "ok":
            return


def _commits(rows: Sequence[Row]) -> tuple[Commit, ...]:
    return tuple(row.commit for row in rows)


def _says(job: Job) -> str:
    return sign(job).text
