"""What follows for the author of a pull request from whose failures its jobs have."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, get_args

from sickbay.ci.inputs import Category
from sickbay.render.words import brief
from sickbay.toolsets.hud.analysis.number import number
from sickbay.toolsets.hud.models.pulls import TriagedJob

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sickbay.ci.decisions import Triaged
    from sickbay.ci.models import Job

_ORDER: tuple[Category, ...] = (
    "new_failure",
    "unknown",
    "awaiting_approval",
    "broken_trunk",
    "unstable",
    "flaky",
)
"""What needs somebody comes first."""

_ADVICE: dict[Category, str] = {
    "new_failure": "{} of this change: hud_explain_job with their job_id",
    "unknown": "{} in jobs that did not run where it began: hud_failure_history",
    "awaiting_approval": "{} before a job began: a maintainer has to approve",
    "broken_trunk": "{} of the trunk: rebase once hud_trunk_status says fixed",
    "unstable": "{} of unstable jobs: they do not block",
    "flaky": "{} by chance: run these jobs again",
}


def row(found: Triaged) -> TriagedJob:
    """One failing job in a row."""
    job = found.job
    return TriagedJob(
        job=job.name,
        job_id=number(job.job_id),
        state=job.state,
        category=found.category,
        step=found.step,
        evidence=brief(found.evidence),
        seen_on=found.like.sha if found.like else None,
        missing=found.missing,
        line=brief(job.lines[0]) if job.lines else None,
        log=job.log,
    )


def ranked(found: Iterable[Triaged]) -> tuple[TriagedJob, ...]:
    """The failing jobs, those that need somebody first."""
    rows = [row(item) for item in found]
    return tuple(sorted(rows, key=lambda one: (_ORDER.index(one.category), one.job)))


def counted(rows: Iterable[TriagedJob]) -> dict[str, int]:
    """How many there are of each category, zeros included."""
    found = Counter(one.category for one in rows)
    return {category: found[category] for category in get_args(Category)}


def states(jobs: Iterable[Job]) -> dict[str, int]:
    """How many jobs there are in each state, most first."""
    return dict(Counter(job.state for job in jobs).most_common())


def advice(rows: Sequence[TriagedJob]) -> tuple[str, ...]:
    """What to do about each kind of failure."""
    counts = counted(rows)
    return tuple(
        _ADVICE[category].format(_failures(counts[category]))
        for category in _ORDER
        if counts[category]
    )


def verdict(rows: Sequence[TriagedJob], jobs: Sequence[Job]) -> str:
    """The whole in one sentence."""
    going = sum(job.state in {"queued", "pending"} for job in jobs)
    more = f"; {going} jobs are not done" if going else ""
    if not jobs:
        return "no job ran on this commit"
    if not rows:
        return f"nothing fails in {len(jobs)} jobs{more}"
    waiting = sum(one.category == "awaiting_approval" for one in rows)
    if waiting == len(rows):
        return f"{waiting} jobs wait for approval{more}"
    own = sum(one.category == "new_failure" for one in rows)
    unclear = sum(one.category == "unknown" for one in rows)
    maybe = f", {unclear} may be" if unclear else ""
    return f"{own} of {_failures(len(rows))} are its own{maybe}{more}"


def _failures(count: int) -> str:
    return f"{count} failure{'' if count == 1 else 's'}"
