"""Commits, jobs and grids, as every CI source gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import Struct

from sickbay.ci.states import FAILED, PASSED, UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sickbay.ci.states import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit of a branch.

    Attributes:
        message: The whole of it, title included.
        pr: Number of the pull request that it landed with.
        diff: Name of the internal diff that it landed with, such as ``D12345``.
        forced: Merged without waiting for its checks.
        forced_with_failures: The same although some had failed.
        autoreverted: A bot reverted it.
    """

    sha: str
    title: str = ""
    message: str = ""
    author: str = ""
    time: datetime | None = None
    url: str | None = None
    pr: int | None = None
    diff: str | None = None
    forced: bool = False
    forced_with_failures: bool = False
    autoreverted: bool = False


# A report holds tens of thousands of these; a frozen dataclass takes ten times as long
# to make. They refer to nothing that could refer back to them.
class Job(Struct, frozen=True, kw_only=True, gc=False):
    """One job on one commit: the attempt that stands for it.

    Attributes:
        name: The full one, ``workflow / job``.
        job_id: What its CI calls this attempt.
        run_id: What its CI calls the run of the workflow, or the build.
        conclusion: The CI's own word, None while it runs.
        log: Handle of its log, such as ``hud:12345``.
        lines: What its CI thinks are the lines of its failure, best first.
        line_numbers: Of ``lines``, from 1.
        captures: What is special about ``lines``, such as the id of a test.
        context: Commands that ran before, the nearest first.
        origin: Why it ran: ``push``, ``retry``, ``autorevert``, or the CI's word.
    """

    name: str
    sha: str
    state: State
    job_id: int | str | None = None
    run_id: int | str | None = None
    conclusion: str | None = None
    status: str | None = None
    attempt: int | None = None
    url: str | None = None
    log: str | None = None
    started_at: datetime | None = None
    duration_s: float | None = None
    queue_s: float | None = None
    runner: str | None = None
    author: str | None = None
    branch: str | None = None
    origin: str | None = None
    annotation: str | None = None
    lines: tuple[str, ...] = ()
    line_numbers: tuple[int, ...] = ()
    captures: tuple[str, ...] = ()
    context: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether it ran and did not pass."""
        return self.state in FAILED

    @property
    def passed(self) -> bool:
        """Whether it passed, if only in the end."""
        return self.state in PASSED

    @property
    def unfinished(self) -> bool:
        """Whether nobody knows yet."""
        return self.state in UNFINISHED


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One commit with its jobs by name; a job that is not there did not run."""

    commit: Commit
    jobs: Mapping[str, Job]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Commits of a branch, the newest first, and what became of every job on each.

    Attributes:
        job_names: Every job that any of the rows has, sorted.
        complete: Whether the branch has no commits before the oldest row.
        gaps: Commits of rows that the next newer commits are missing of, which could
            not be had.
    """

    rows: tuple[Row, ...] = ()
    job_names: tuple[str, ...] = ()
    complete: bool = False
    gaps: frozenset[str] = frozenset()

    def unseen(self, newer: int, older: int | None) -> bool:
        """Whether commits are missing between two rows; None is behind the oldest."""
        between = self.rows[newer + 1 : None if older is None else older + 1]
        if any(row.commit.sha in self.gaps for row in between):
            return True
        return older is None and not self.complete
