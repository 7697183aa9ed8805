"""A build in short: what it is of, and how its jobs ended."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol

from sickbay.toolsets.buildkite.models.builds import (
    AttemptRow,
    BuildJobRow,
    BuildRow,
)
from sickbay.toolsets.buildkite.models.scan import BuildInfo, JobCounts

if TYPE_CHECKING:
    from sickbay.ci.builds import Attempt, Build, BuildJob
    from sickbay.ci.states import Ending
    from sickbay.toolsets.buildkite.models.builds import Wanted

QUIET: frozenset[Ending] = frozenset({"passed", "skipped", "blocked"})
"""Endings of jobs that nobody has to look at."""

ORDER: tuple[Ending, ...] = (
    "failed",
    "soft_failed",
    "flaky",
    "canceled",
    "broken",
    "unfinished",
    "blocked",
    "skipped",
    "passed",
)
"""In which a build shows its jobs."""


class Pattern(Protocol):
    """A regular expression."""

    def search(self, text: str, /) -> Any:  # noqa: ANN401 - whatever it calls a match
        """Whether it matches anywhere."""


def build_info(build: Build, *, nightly: Pattern) -> BuildInfo:
    """A build without its jobs.

    Args:
        build: Any.
        nightly: What the titles of nightly builds match.
    """
    return BuildInfo(**_facts(build, nightly))


def build_row(build: Build, *, nightly: Pattern) -> BuildRow:
    """A build in a list."""
    return BuildRow(
        **_facts(build, nightly),
        author=build.author,
        creator=build.creator,
        source=build.source,
        pull_request=build.pull_request,
        duration_s=_lasted(build),
    )


def job_counts(build: Build) -> JobCounts:
    """How the jobs of a build ended, attempts joined; each is counted once."""
    ended = Counter(job.ending for job in build.jobs)
    return JobCounts(
        total=ended.total(),
        passed=ended["passed"],
        failed=ended["failed"] + ended["soft_failed"],
        hard=ended["failed"],
        soft=ended["soft_failed"],
        flaky=ended["flaky"],
        blocked=ended["blocked"] + len(waiting_steps(build)),
        broken=ended["broken"],
        canceled=ended["canceled"],
        skipped=ended["skipped"],
        unfinished=ended["unfinished"],
    )


def waiting_steps(build: Build) -> tuple[Attempt, ...]:
    """Steps that wait for a person to let the build go on."""
    return tuple(
        step
        for step in build.attempts
        if step.kind == "manual" and step.state == "action_required"
    )


def job_rows(
    build: Build, wanted: Wanted | None, name: str = ""
) -> tuple[BuildJobRow, ...]:
    """The jobs of a build, those that need a look first.

    Args:
        build: With its attempts.
        wanted: How they ended; None for those that need a look.
        name: A part of their names.
    """
    rows = [_row(job) for job in build.jobs]
    rows += [_step(step) for step in waiting_steps(build)]
    return tuple(
        sorted(
            (row for row in rows if _meant(row, wanted, name.casefold())),
            key=lambda row: ORDER.index(row.ending),
        )
    )


def _meant(row: BuildJobRow, wanted: Wanted | None, name: str) -> bool:
    if name not in row.name.casefold():
        return False
    if wanted is None:
        return row.ending not in QUIET
    return wanted in ("all", row.ending)


def _facts(build: Build, nightly: Pattern) -> dict[str, Any]:
    return {
        "build_number": build.number,
        "build_url": build.url,
        "organization": build.organization,
        "pipeline": build.pipeline,
        "branch": build.branch,
        "commit": build.sha,
        "title": build.title,
        "state": build.state,
        "nightly": bool(nightly.search(build.title)),
        "finished": build.finished,
        "created_at": build.created_at,
        "started_at": build.started_at,
        "finished_at": build.finished_at,
        "why": build.why,
    }


def _lasted(build: Build) -> float | None:
    if build.started_at is None or build.finished_at is None:
        return None
    return (build.finished_at - build.started_at).total_seconds()


def _row(job: BuildJob) -> BuildJobRow:
    last = job.last
    return BuildJobRow(
        name=job.name,
        ending=job.ending,
        job_id=str(last.job_id),
        state=last.conclusion or last.status,
        exit_status=last.exit_status,
        signal=last.signal,
        signal_reason=last.signal_reason,
        step_key=last.step_key,
        shard=last.shard,
        shards=last.shards,
        queue=last.queue,
        host=last.host,
        started_at=last.started_at,
        duration_s=last.duration_s,
        queue_s=last.queue_s,
        url=last.url,
        log=last.log,
        attempts=_attempts(job.attempts),
    )


def _attempts(attempts: tuple[Attempt, ...]) -> tuple[AttemptRow, ...]:
    if len(attempts) == 1:
        return ()
    return tuple(
        AttemptRow(
            job_id=str(item.job_id),
            state=item.conclusion or item.status,
            exit_status=item.exit_status,
            signal_reason=item.signal_reason,
            host=item.host,
            retry_type=item.retry_type,
        )
        for item in attempts
    )


def _step(step: Attempt) -> BuildJobRow:
    return BuildJobRow(
        name=step.name,
        ending="blocked",
        job_id=str(step.job_id),
        state=step.conclusion or step.status,
        kind=step.kind,
        step_key=step.step_key,
        url=step.url,
    )
