"""Commits and jobs of a grid in the few words that an answer has for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.ci.grid import counts, status, tells
from sickbay.toolsets.hud.models.trunk import (
    CommitName,
    CommitRow,
    FailedJob,
    JobRow,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sickbay.ci.models import Commit, Job, Row
    from sickbay.toolsets.hud.analysis.choice import Choice
    from sickbay.toolsets.hud.models.trunk import Kind

TITLE = 100
LINE = 200
FULL_LINE = 500
FAILING = 3


def commit_name(commit: Commit) -> CommitName:
    """Which commit it is."""
    return CommitName(**_named(commit))


def commit_rows(
    rows: Sequence[Row], choice: Choice, *, address: str
) -> Iterator[CommitRow]:
    """The commits; where lines are chosen, those on which a job failed like that.

    Args:
        rows: With the jobs that were chosen by name.
        choice: What else was said of the jobs.
        address: Of the HUD's page of a commit, without the commit.
    """
    for row in rows:
        failed = [job for job in row.jobs.values() if job.failed]
        matching = sorted(filter(choice.by_line, failed), key=_importance)
        if not matching and choice.line is not None:
            continue
        yield CommitRow(
            **_named(row.commit),
            status=status(row),
            counts=_counts(row),
            marks=_marks(row.commit),
            hud_url=f"{address}/{row.commit.sha}",
            failing=tuple(map(failed_job, matching[:FAILING])),
            more_failing=max(len(matching) - FAILING, 0),
        )


def job_rows(
    rows: Sequence[Row], choice: Choice, kinds: Collection[Kind], *, lines: bool
) -> Iterator[JobRow]:
    """The jobs of these commits, those that failed first.

    Args:
        rows: With the jobs that were chosen by name.
        choice: What else was said of the jobs.
        kinds: How they ended; nothing for all.
        lines: Whether to give what is known of a failure.
    """
    for row in rows:
        for job in sorted(row.jobs.values(), key=_importance):
            if (not kinds or _kind(job) in kinds) and choice.by_line(job):
                yield _job_row(job, lines=lines)


def failed_job(job: Job) -> FailedJob:
    """A failed job in a few words."""
    line = clipped(job.lines[0], LINE) if job.lines else None
    return FailedJob(job=job.name, job_id=number(job), line=line)


def number(job: Job) -> int | None:
    """What GitHub calls the job."""
    return job.job_id if isinstance(job.job_id, int) else None


def clipped(text: str, size: int) -> str:
    """The text, or its beginning."""
    return text if len(text) <= size else f"{text[:size]}…"


def _job_row(job: Job, *, lines: bool) -> JobRow:
    return JobRow(
        sha=job.sha,
        job=job.name,
        state=job.state,
        job_id=number(job),
        log=job.log,
        duration_s=job.duration_s,
        lines=tuple(clipped(line, FULL_LINE) for line in job.lines if lines),
        captures=tuple(clipped(part, FULL_LINE) for part in job.captures if lines),
    )


def _named(commit: Commit) -> dict[str, Any]:
    return {
        "sha": commit.sha,
        "title": clipped(commit.title, TITLE),
        "author": commit.author,
        "pr": commit.pr,
        "time": commit.time,
    }


def _counts(row: Row) -> dict[str, int]:
    found = counts(row)
    named = {name: getattr(found, name) for name in found.__slots__}
    return {"total": found.total, **{name: n for name, n in named.items() if n}}


def _marks(commit: Commit) -> tuple[str, ...]:
    names = ("forced", "forced_with_failures", "autoreverted")
    return tuple(name for name in names if getattr(commit, name))


def _importance(job: Job) -> tuple[bool, bool, bool, str]:
    """Failures that count first, then those of which something is known."""
    return (not job.failed, not tells(job.name), not job.lines, job.name)


def _kind(job: Job) -> Kind:
    if job.failed:
        return "failed"
    if job.unfinished:
        return "unfinished"
    return "passed" if job.passed else "idle"
