"""Crowds: machines on which more jobs failed than chance would have it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING

from sickbay.ci.scan.families import family, host_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sickbay.ci.builds import Attempt, Build
    from sickbay.ci.scan.models import Occurrence

_LEAST = 3
_UNLIKELY = 0.01
_FAMILIES = 2
_EVERYWHERE = 3
"""Hosts on which a failure is nobody's in particular."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Failures that crowd on one machine.

    Attributes:
        failed: Jobs that failed there, of ``ran``.
        all_failed: Jobs that failed on any machine, of ``all_ran``.
        chance: The probability of so many there by chance.
        hosts: How many machines were looked at.
    """

    host: str
    failed: int
    ran: int
    all_failed: int
    all_ran: int
    chance: float
    hosts: int


def crowds(build: Build, groups: Sequence[Sequence[Occurrence]]) -> Mapping[str, Crowd]:
    """The machines that look sick by where jobs failed.

    Only unrelated failures count: at least three, of jobs of more than one family. One
    that hits machines all over is not theirs.
    """
    ran = Counter(host for _, host in set(_places(build)))
    spread = {
        str(seen.attempt.job_id)
        for group in groups
        if len(_hosts(group)) >= _EVERYWHERE
        for seen in group
    }
    failed: dict[tuple[str, str], str] = {}
    for group in groups:
        for seen in group:
            host = host_of(seen.attempt)
            if host and str(seen.attempt.job_id) not in spread:
                failed[str(seen.job.attempts[0].job_id), host] = family(seen.job.name)
    return {found.host: found for found in _unlikely(ran, failed)}


def _unlikely(
    ran: Mapping[str, int], failed: Mapping[tuple[str, str], str]
) -> Iterator[Crowd]:
    on = Counter(host for _, host in failed)
    for host, count in on.items():
        families = {name for (_, where), name in failed.items() if where == host}
        if count < _LEAST or len(families) < _FAMILIES:
            continue
        of = max(ran.get(host, 0), count)
        total = max(sum(ran.values()), len(failed), of)
        chance = by_chance(count, of=of, failed=len(failed), total=total)
        if chance < _UNLIKELY:
            yield Crowd(host, count, of, len(failed), total, chance, len(ran))


def by_chance(count: int, *, of: int, failed: int, total: int) -> float:
    """The probability that so many of a host's jobs failed, or more, by chance.

    Args:
        count: How many failed there.
        of: How many ran there.
        failed: How many failed in all.
        total: How many ran in all.
    """
    ways = sum(
        comb(of, bad) * comb(total - of, failed - bad)
        for bad in range(count, min(of, failed) + 1)
    )
    return ways / comb(total, failed)


def _hosts(group: Collection[Occurrence]) -> set[str]:
    return {host for seen in group if (host := host_of(seen.attempt))}


def _places(build: Build) -> Iterator[tuple[str, str]]:
    """Every job with each machine that it ran on to an end."""
    for job in build.jobs:
        for attempt in job.attempts:
            host = host_of(attempt)
            if host and _ended(attempt):
                yield str(job.attempts[0].job_id), host


def _ended(attempt: Attempt) -> bool:
    return attempt.passed or attempt.failed
