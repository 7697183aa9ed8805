"""Builds as they are remembered when a later one is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.ci.scan.models import PastBuild

if TYPE_CHECKING:
    from sickbay.ci.builds import Build
    from sickbay.ci.states import Ending

    Place = tuple[str, int | None]

_WORST: tuple[Ending, ...] = ("failed", "soft_failed", "flaky", "passed")


def past_build(build: Build) -> PastBuild:
    """What is remembered of a build.

    Args:
        build: With its jobs.
    """
    endings: dict[Place, Ending] = {}
    hosts: dict[Place, str] = {}
    for job in build.jobs:
        known = endings.get(job.place)
        if known is None or _rank(job.ending) < _rank(known):
            endings[job.place] = job.ending
        if job.last.host:
            hosts[job.place] = job.last.host
    return PastBuild(
        number=build.number,
        url=build.url,
        sha=build.sha,
        endings=endings,
        hosts=hosts,
    )


def _rank(ending: Ending) -> int:
    """What counts first where two jobs have the same place."""
    return _WORST.index(ending) if ending in _WORST else len(_WORST)
