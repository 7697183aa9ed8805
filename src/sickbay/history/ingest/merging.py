"""Merging: a build that is kept, and what was read of it now."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sickbay.ci.states import FAILED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.ci.records import BuildRecord, JobRecord


def merged(old: BuildRecord, new: BuildRecord) -> BuildRecord:
    """The build with the jobs of both; what was read now wins.

    A job whose results were read before and not now keeps them, unless it ended
    differently since.

    Args:
        old: As it is kept.
        new: As it was read now, or a part of it.
    """
    now = {job.job_id: job for job in new.jobs}
    stays = {
        job.job_id: job
        for job in old.jobs
        if job.job_id not in now or _knows_more(job, now[job.job_id])
    }
    jobs = [
        *(stays.get(job.job_id, job) for job in new.jobs),
        *(job for job_id, job in stays.items() if job_id not in now),
    ]
    alone = len(jobs) > len(now)
    return replace(
        new,
        title=new.title or old.title,
        author=new.author or old.author,
        url=new.url or old.url,
        created_at=min(old.created_at, new.created_at),
        committed_at=new.committed_at or old.committed_at,
        state=_state(jobs) if alone else new.state,
        jobs=tuple(_counted(jobs) if alone else jobs),
        results=(
            *(row for row in new.results if row.job_id not in stays),
            *(row for row in old.results if row.job_id in stays),
        ),
        causes=(
            *(row for row in new.causes if row.job_id not in stays),
            *(row for row in old.causes if row.job_id in stays),
        ),
        missing=tuple(dict.fromkeys((*new.missing, *old.missing)))
        if alone
        else new.missing,
    )


def _knows_more(old: JobRecord, new: JobRecord) -> bool:
    unread = new.listing == "none" and old.listing != "none"
    return unread and old.state == new.state


def _counted(jobs: Iterable[JobRecord]) -> Iterable[JobRecord]:
    """The jobs, with the last attempt of each known as that."""

    def place(job: JobRecord) -> tuple[str, int]:
        return job.variant, -1 if job.shard is None else job.shard

    for _, group in groupby(sorted(jobs, key=place), place):
        attempts = sorted(group, key=lambda job: job.attempt)
        yield from (
            replace(job, last=job.attempt == attempts[-1].attempt) for job in attempts
        )


def _state(jobs: Iterable[JobRecord]) -> str:
    bad = any(job.state in FAILED for job in _counted(jobs) if job.last)
    return "failed" if bad else "passed"
