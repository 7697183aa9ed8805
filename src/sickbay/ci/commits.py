"""Commits of a grid as builds: what a history keeps of them, and what a scan takes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec.structs import asdict

from sickbay.ci.builds import Attempt, Build
from sickbay.ci.grid import status
from sickbay.ci.names import folded, parsed, without_fleet
from sickbay.ci.recording import job_records
from sickbay.ci.records import BuildRecord
from sickbay.ci.scan.families import canonical
from sickbay.ci.signs import is_empty, sign
from sickbay.core.results import Coverage
from sickbay.logs.report import (
    Cause,
    Counts,
    FailedTest,
    Report,
    Tests,
    Verdict,
)
from sickbay.logs.signature import of_cause

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.ci.models import Job, Row

SETTLED = timedelta(days=1)
"""After which a job that still has no result gets none."""

SHORT = 10
"""Digits by which people call a commit."""

_SAYS = Verdict("unknown", 0.0, "only the line that the CI points at was read")


def is_over(row: Row, now: datetime) -> bool:
    """Whether nothing of a commit is to come any more."""
    began = _began(row)
    if began is None:
        return False
    settled = began < now - SETTLED
    return settled or not any(job.unfinished for job in row.jobs.values())


def build_of(row: Row, repo: str) -> Build:
    """A commit as a scan takes it: its jobs, each with the attempt that counts."""
    commit = row.commit
    owner, _, name = repo.partition("/")
    return Build(
        organization=owner,
        pipeline=name,
        number=0,
        url=commit.url or "",
        sha=commit.sha,
        message=commit.message,
        created_at=_began(row),
        finished_at=_ended(row.jobs.values()),
        attempts=tuple(_attempt(job) for job in row.jobs.values()),
    )


def record_of(row: Row, repo: str, *, branch: str, url: str) -> BuildRecord | None:
    """What a history keeps of a commit; None where nobody knows when it was.

    Args:
        row: The commit, and its jobs.
        repo: The repository.
        branch: That it is on.
        url: Where people look at it.
    """
    commit, began = row.commit, _began(row)
    if began is None:
        return None
    return BuildRecord(
        build_id=f"hud:{repo}/{commit.sha}",
        source="hud",
        pipeline=repo,
        number=commit.sha[:SHORT],
        branch=branch,
        sha=commit.sha,
        title=commit.title,
        author=commit.author or None,
        state=status(row),
        url=url,
        pull_request=commit.pr,
        created_at=began,
        committed_at=commit.time,
        finished_at=_ended(row.jobs.values()),
        jobs=job_records(build_of(row, repo)),
    )


def pointed(attempt: Job) -> Report | None:
    """What the CI itself says of a failed job, where its log was not read.

    That is the line that it points at, and the test that this names.
    """
    line = next((text for text in attempt.lines if not is_empty(text)), None)
    if line is None:
        return None
    at = attempt.line_numbers[0] if attempt.line_numbers else 0
    cause = Cause(1, at, at, line, None, attempt.captures, 0.5)
    named = [test for test in sign(attempt).tests if "::" in test]
    failed = tuple(
        FailedTest(
            test_id=canonical(test),
            framework="pytest",
            outcome="failed",
            message=line,
            exception=None,
            line=at,
            signature=of_cause(cause),
        )
        for test in named
    )
    return Report(
        source=attempt.log or attempt.name,
        bytes=0,
        lines=0,
        ci="github-actions",
        verdict=_SAYS,
        causes=(cause,),
        rule_match=None,
        tests=Tests(
            sessions=len(failed), counts=Counts(failed=len(failed)), failed=failed
        ),
        coverage=Coverage(),
    )


def _attempt(job: Job) -> Attempt:
    name = parsed(job.name)
    told = asdict(job)
    told["runner"] = None  # a label of many machines: it names no host
    return Attempt(
        **told,
        step_key=without_fleet(folded(job.name)),
        shard=name.shard,
        shards=name.shards,
        queue=job.runner or name.runner,
    )


def _began(row: Row) -> datetime | None:
    started = [job.started_at for job in row.jobs.values() if job.started_at]
    return row.commit.time or min(started, default=None)


def _ended(jobs: Iterable[Job]) -> datetime | None:
    """When the last job was over, of those whose time is known."""
    ends = (
        job.started_at + timedelta(seconds=job.duration_s)
        for job in jobs
        if job.started_at and job.duration_s is not None
    )
    return max(ends, default=None)
