"""Jobs that failed alike, counted: by job, by day, by commit."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import UTC
from typing import TYPE_CHECKING

from sickbay.ci.names import folded
from sickbay.render.words import brief
from sickbay.toolsets.hud.analysis.number import number
from sickbay.toolsets.hud.models.failures import (
    DayCount,
    FailureGroup,
    JobCount,
    Occurrence,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sickbay.ci.models import Job

SHAS = 5
"""Commits of a group that are named."""

ALIKE = 0.75
"""Share of its words that a line has to have in common with what was looked for."""

_WORD = re.compile(r"\w*[^\W\d_]\w*")


def seen(jobs: Iterable[Job]) -> tuple[datetime | None, datetime | None]:
    """When it was seen first and last; None where no job says when it ran."""
    times = sorted(job.started_at for job in jobs if job.started_at)
    return (times[0], times[-1]) if times else (None, None)


def is_of(job: Job, repo: str) -> bool:
    """Whether a job is the repository's: a search finds those of all of them."""
    return not job.url or f"/{repo}/" in job.url


def is_like(job: Job, failure: str) -> bool:
    """Whether it failed with such a line: a search finds any that share a word."""
    from sickbay.ci.signs import sign, tests_of  # noqa: PLC0415 - brings the engine

    words = set(_WORD.findall(failure.lower()))
    if not (words and job.lines):
        return True
    named, tests = tests_of(failure), sign(job).tests
    if named and tests:
        return named == tests
    said = "\n".join(job.lines).lower()
    return sum(word in said for word in words) >= ALIKE * len(words)


def groups(jobs: Iterable[Job], *, alike: bool = True) -> tuple[FailureGroup, ...]:
    """One group for all shards of a job, the one with most failures first."""
    found: defaultdict[str, list[Job]] = defaultdict(list)
    for job in sorted(jobs, key=_newest_first):
        found[folded(job.name)].append(job)
    made = [_group(name, some, alike=alike) for name, some in found.items()]
    return tuple(sorted(made, key=lambda group: (-group.count, group.job)))


def occurrence(job: Job) -> Occurrence:
    """One job in a row."""
    return Occurrence(
        job_id=number(job.job_id),
        job=job.name,
        sha=job.sha,
        branch=job.branch,
        time=job.started_at,
        state=job.state,
        line=brief(job.lines[0]) if job.lines else None,
        log=job.log,
    )


def newest(jobs: Iterable[Job]) -> list[Job]:
    """The jobs, those that ran last first; those that do not say when, last."""
    return sorted(jobs, key=_newest_first)


def by_day(jobs: Iterable[Job]) -> tuple[DayCount, ...]:
    """How many there were on each day, in UTC; days without any are left out."""
    days = Counter(
        job.started_at.astimezone(UTC).date() for job in jobs if job.started_at
    )
    return tuple(DayCount(day=day, count=days[day]) for day in sorted(days))


def by_job(counts: Mapping[str, int]) -> tuple[JobCount, ...]:
    """The jobs with their counts, most first."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(JobCount(job=name, count=count) for name, count in ranked)


def _group(name: str, jobs: Sequence[Job], *, alike: bool) -> FailureGroup:
    """One group; its jobs come the newest first."""
    first, last = seen(jobs)
    latest = jobs[0]
    shas = tuple(dict.fromkeys(job.sha for job in jobs if job.sha))
    branches = sorted({job.branch for job in jobs if job.branch})
    return FailureGroup(
        job=name,
        alike=alike,
        count=len(jobs),
        commits=len(shas),
        shas=shas[:SHAS],
        branches=tuple(branches[:SHAS]),
        first_seen=first,
        last_seen=last,
        job_id=number(latest.job_id),
        line=brief(latest.lines[0]) if latest.lines else None,
        log=latest.log,
    )


def _newest_first(job: Job) -> float:
    return -job.started_at.timestamp() if job.started_at else 0.0
