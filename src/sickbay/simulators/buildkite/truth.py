"""The truth about a build: what was planted in it, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sickbay.simulators.buildkite.suites import SUITES, ways_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sickbay.simulators.buildkite.jobs import Job, Trouble

Category = Literal[
    "NEW_REGRESSION", "FLAKY_SUSPECTED", "INFRA_SUSPECTED", "KNOWN_TRACKED"
]
CATEGORIES: Mapping[Trouble, Category] = {
    "regression": "NEW_REGRESSION",
    "known_issue": "KNOWN_TRACKED",
    "flaky": "FLAKY_SUSPECTED",
    "sick_agent": "INFRA_SUSPECTED",
    "out_of_memory": "INFRA_SUSPECTED",
    "agent_lost": "INFRA_SUSPECTED",
    "outage": "INFRA_SUSPECTED",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Something that went wrong in a build.

    Attributes:
        key: Of the reason; the same in other builds that have it.
        job_ids: The attempts that failed of it, retried ones included.
        jobs: Their names, each once.
        tests: That failed, as the logs call them.
        text: What the logs say, first line.
        owner: Whose it is.
        issue: The number of the open issue about it.
    """

    key: str
    trouble: Trouble
    category: Category
    job_ids: tuple[str, ...]
    jobs: tuple[str, ...]
    tests: tuple[str, ...]
    text: str
    owner: str | None = None
    issue: int | None = None


def planted(
    jobs: Iterable[Job], issues: Mapping[str, int], culprits: Mapping[str, str]
) -> tuple[Planted, ...]:
    """What went wrong with these jobs.

    Args:
        jobs: Of one build.
        issues: Numbers of issues, by key.
        culprits: Who broke it, by key.
    """
    hit: dict[str, list[Job]] = {}
    for job in jobs:
        if job.failed and job.blow:
            hit.setdefault(job.blow.key, []).append(job)
    return tuple(_one(key, found, issues, culprits) for key, found in hit.items())


def _one(
    key: str, jobs: list[Job], issues: Mapping[str, int], culprits: Mapping[str, str]
) -> Planted:
    blows = [job.blow for job in jobs if job.blow]
    trouble = blows[0].trouble
    ways = [
        ways_of(job.step.suite).get(blow.way)
        for job, blow in zip(jobs, blows, strict=True)
    ]
    shown = [way for way in ways if way]
    owners = SUITES[jobs[0].step.suite].owners if jobs[0].step.suite else ()
    own = trouble in {"regression", "known_issue", "flaky"}
    return Planted(
        key=key,
        trouble=trouble,
        category=CATEGORIES[trouble],
        job_ids=tuple(job.job_id for job in jobs),
        jobs=tuple(dict.fromkeys(job.name for job in jobs)),
        tests=tuple(dict.fromkeys(test for way in shown for test in way.tests)),
        text=shown[0].said(blows[0].seed) if shown else "",
        owner=next(iter(owners), culprits.get(key)) if own else None,
        issue=issues.get(key),
    )
