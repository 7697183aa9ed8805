"""HUD's jobs and commits as ours."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from sickbay.ci.attempts import representative
from sickbay.ci.handles import handle
from sickbay.ci.models import Commit, Job, Row
from sickbay.ci.states import github_state
from sickbay.core import moments

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sickbay.ci.states import State
    from sickbay.clients.hud import wire

_GOING_ON = frozenset({"pending", "queued", ""})
"""What HUD calls the conclusion of a job that has none yet."""

_NEVER = datetime.fromtimestamp(0, UTC)
T = TypeVar("T")


def in_utc(moment: datetime | None) -> datetime | None:
    """A moment with its zone, None for the beginning of the epoch: not yet."""
    found = moments.in_utc(moment)
    return None if found == _NEVER else found


def commit(found: wire.Commit) -> Commit:
    """A commit as ours."""
    message = found.commit_message_body or ""
    return Commit(
        sha=found.sha,
        title=found.commit_title or message.partition("\n")[0],
        message=message,
        author=found.author or "",
        time=in_utc(found.time),
        url=found.commit_url or None,
        pr=found.pr_num or None,
        diff=found.diff_num or None,
        forced=bool(found.is_forced_merge),
        forced_with_failures=bool(found.is_forced_merge_with_failures),
        autoreverted=bool(found.is_autoreverted),
    )


def row(
    found: wire.Commit, names: Sequence[str | None], *, repo: str, usual: str
) -> Row:
    """A row of the grid: each of its jobs has the name that the page has for its place.

    A cell without a name has no meaning; one that says nothing is a job that did not
    run. Cells of the same name are runs of the same job.
    """
    ran = [
        job(cell, name=name, sha=found.sha, repo=repo, usual=usual)
        for name, cell in zip(names, found.jobs or (), strict=False)
        if name is not None
        and cell is not None
        and (cell.id is not None or cell.conclusion or cell.status)
    ]
    jobs = {one.name: one for one in ran}
    if len(jobs) < len(ran):
        jobs = _represented(ran)
    return Row(commit=commit(found), jobs=jobs)


def _represented(runs: Iterable[Job]) -> dict[str, Job]:
    by_name: defaultdict[str, list[Job]] = defaultdict(list)
    for run in runs:
        by_name[run.name].append(run)
    return {name: representative(several) for name, several in by_name.items()}


def job(found: wire.Cell, *, name: str, sha: str, repo: str, usual: str) -> Job:
    """A job as ours."""
    state, conclusion = _outcome(
        found.conclusion, found.status, bool(found.failed_previous_run)
    )
    return Job(
        name=name,
        sha=sha,
        state=state,
        job_id=found.id,
        run_id=found.workflow_id or _run_id(_run_url(found.html_url or "")),
        conclusion=conclusion,
        status=found.status,
        attempt=found.run_attempt,
        url=found.html_url,
        log=None if found.id is None else handle(found.id, repo=repo, usual=usual),
        started_at=in_utc(found.time),
        duration_s=found.duration_s,
        queue_s=found.queue_time_s,
        runner=found.runner_name or None,
        author=found.author_email or None,
        branch=found.branch or None,
        origin="push" if found.run_origin is None else found.run_origin.strip() or None,
        annotation=found.failure_annotation or None,
        lines=_present(found.failure_lines),
        line_numbers=_present(found.failure_line_numbers),
        captures=_present(found.failure_captures),
        context=_present(found.failure_context),
    )


def named(
    found: Iterable[wire.Job], *, repo: str, usual: str, sha: str = ""
) -> tuple[Job, ...]:
    """Jobs that say their names themselves.

    Args:
        found: The jobs.
        repo: Of those that do not say it.
        usual: The one that a short handle of a log means.
        sha: The commit of those that do not say it.
    """
    return tuple(
        job(
            one,
            name=name_of(one),
            sha=one.sha or sha,
            repo=one.repo or repo,
            usual=usual,
        )
        for one in found
    )


def name_of(found: wire.Job) -> str:
    """The full name of a job: ``workflow / job``."""
    parts = (found.workflow_name, found.job_name)
    return found.name or " / ".join(part for part in parts if part)


@lru_cache(maxsize=512)
def _outcome(
    conclusion: str | None,
    status: str | None,
    failed_before: bool,  # noqa: FBT001 - a key of the cache
) -> tuple[State, str | None]:
    """The state, and the CI's word where there is one."""
    state = github_state(conclusion, status, failed_before=failed_before)
    return state, None if (conclusion or "") in _GOING_ON else conclusion


def _run_url(url: str) -> str:
    """The page of the run, which many jobs share."""
    return url.rpartition("/job/")[0] or url


@lru_cache(maxsize=512)
def _run_id(url: str) -> int | None:
    """The run that a job's page is below: ``.../actions/runs/1``."""
    digits = url.partition("/runs/")[2].partition("/")[0]
    return int(digits) if digits.isascii() and digits.isdecimal() else None


def _present(found: list[T | None] | None) -> tuple[T, ...]:
    return tuple([item for item in found if item is not None]) if found else ()
