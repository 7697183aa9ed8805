"""Grids: many pages into one, and what a row of one comes to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sickbay.ci.models import Grid, Row
from sickbay.ci.names import is_mem_leak, is_rerun_disabled, is_unstable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sickbay.ci.models import Job

Status = Literal["red", "pending", "green", "unknown"]
"""What a commit comes to; ``unknown`` when nothing passed, failed or is to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many jobs of a commit ended how."""

    ok: int = 0
    flaky: int = 0
    fail: int = 0
    timed_out: int = 0
    startup_failure: int = 0
    cancelled: int = 0
    skipped: int = 0
    neutral: int = 0
    action_required: int = 0
    queued: int = 0
    pending: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        """How many jobs there are."""
        return self.passed + self.failed + self.unfinished + self.idle

    @property
    def passed(self) -> int:
        """How many passed, if only in the end."""
        return self.ok + self.flaky

    @property
    def failed(self) -> int:
        """How many ran and did not pass."""
        return self.fail + self.timed_out + self.startup_failure

    @property
    def unfinished(self) -> int:
        """How many nobody knows yet."""
        return self.queued + self.pending + self.action_required

    @property
    def idle(self) -> int:
        """How many say nothing about the commit."""
        return self.cancelled + self.skipped + self.neutral + self.unknown


def joined(parts: Iterable[Grid]) -> Grid:
    """Many pages as one grid.

    Pages may overlap, as they do when commits arrive between two requests; a job that
    two of them know is taken from the one that knows how it ended.

    Args:
        parts: The newest page first.
    """
    rows: dict[str, Row] = {}
    complete, gaps = False, frozenset[str]()
    for part in parts:
        complete |= part.complete
        gaps |= part.gaps
        for row in part.rows:
            known = rows.get(row.commit.sha)
            rows[row.commit.sha] = _merged(known, row) if known else row
    names = {name for row in rows.values() for name in row.jobs}
    return Grid(
        rows=tuple(rows.values()),
        job_names=tuple(sorted(names)),
        complete=complete,
        gaps=gaps,
    )


def counts(row: Row) -> Counts:
    """How many jobs of a commit ended how."""
    return Counts(**Counter[str](job.state for job in row.jobs.values()))


def status(row: Row) -> Status:
    """What a commit comes to.

    Jobs that are known not to tell do not make it red or keep it pending: unstable
    ones, and those that rerun disabled tests or look for memory leaks.
    """
    jobs = [job for name, job in row.jobs.items() if tells(name)]
    if any(job.failed for job in jobs):
        return "red"
    if any(job.unfinished for job in jobs):
        return "pending"
    return "green" if any(job.passed for job in jobs) else "unknown"


def tells(name: str) -> bool:
    """Whether a failure of this job says that the commit is bad."""
    return not (is_unstable(name) or is_rerun_disabled(name) or is_mem_leak(name))


def _merged(one: Row, other: Row) -> Row:
    jobs: Mapping[str, Job] = {
        **other.jobs,
        **{
            name: job
            for name, job in one.jobs.items()
            if name not in other.jobs
            or not job.unfinished
            or other.jobs[name].unfinished
        },
    }
    return Row(commit=one.commit, jobs=jobs)
