"""What the machines say: a crowd of failures on one, the same failure on several."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

from sickbay.ci.scan import weights
from sickbay.ci.scan.case import Claim
from sickbay.ci.scan.families import host_of
from sickbay.render.words import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.ci.scan.case import Case
    from sickbay.ci.scan.crowds import Crowd

_SEVERAL = 2
_MANY = 3
_OUTAGES = frozenset({"outage", "setup"})


def hosts(case: Case) -> Iterator[Claim]:
    """A sick machine, an outage, or code that fails wherever it runs."""
    if case.crowd:
        yield _sick(case.crowd)
    yield from _again_there(case)
    # The attempts of one job on several machines are for the retries to tell.
    count = min(len(case.hosts), len(case.jobs))
    if count < _SEVERAL:
        return
    said = case.reading
    if said and said.machine:
        yield from _everywhere(case)
    elif not case.machine:
        weight = weights.MANY_HOSTS if count >= _MANY else weights.SEVERAL_HOSTS
        text = (
            f"the same failure on {count} machines, in {amount(len(case.jobs), 'job')}"
        )
        yield Claim("NEW_REGRESSION", weight, text)


def _sick(crowd: Crowd) -> Claim:
    # As many machines could have looked sick by chance as there are machines.
    surprise = -log(min(1.0, crowd.chance * crowd.hosts))
    weight = min(weights.SICK_HOST_MOST, max(weights.SICK_HOST_LEAST, surprise))
    return Claim(
        "INFRA_SUSPECTED",
        weight,
        f"{crowd.failed} of {crowd.ran} jobs on {crowd.host} failed, of"
        f" {crowd.all_failed} of {crowd.all_ran} in all; by chance: {crowd.chance:.1g}",
        "sick_agent",
    )


def _everywhere(case: Case) -> Iterator[Claim]:
    said = case.reading
    if said is None or len(case.families) < _SEVERAL:
        return
    where = f"{len(case.families)} kinds of jobs on {len(case.hosts)} machines"
    if said.trouble in _OUTAGES:
        what = said.service or said.rule
        yield Claim("INFRA_SUSPECTED", weights.OUTAGE, f"{what}: {where}", "outage")
    elif len(case.hosts) >= _MANY:
        memory = said.trouble == "out_of_memory"
        weight = weights.MEMORY_EVERYWHERE if memory else weights.HARDLY_CODE
        yield Claim("NEW_REGRESSION", weight, f"the same in {where}")


def _again_there(case: Case) -> Iterator[Claim]:
    """The jobs failed on this machine before, and passed on others."""
    if len(case.hosts) != 1:
        return
    here = next(iter(case.hosts))
    bad = good = 0
    for build in case.scene.past or ():
        for job in case.jobs:
            there = build.hosts.get(job.place)
            ending = build.endings.get(job.place)
            bad += there == here and ending in {"failed", "soft_failed"}
            good += there is not None and there != here and ending == "passed"
    if bad >= _SEVERAL and good >= _SEVERAL:
        text = f"failed on {here} {bad} times before, and passed elsewhere {good} times"
        yield Claim("INFRA_SUSPECTED", weights.SICK_HOST_BEFORE, text, "sick_agent")


def other_hosts(case: Case) -> bool:
    """Whether attempts of one of its jobs failed on more than one machine."""
    return any(
        len({host_of(attempt) for attempt in job.failed_attempts} - {None}) > 1
        for job in case.jobs
    )
