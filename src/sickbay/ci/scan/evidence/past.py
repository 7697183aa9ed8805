"""What earlier builds say of the jobs."""

from __future__ import annotations

from statistics import median_low
from typing import TYPE_CHECKING

from sickbay.ci.scan import weights
from sickbay.ci.scan.case import Claim, some_of
from sickbay.render.words import amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.ci.scan.case import Case
    from sickbay.ci.scan.courses import Course


def past(case: Case) -> Iterator[Claim]:
    """A break in the run of passes, an unbroken streak of failures, or now and then.

    The jobs of a case count by their share: they are one piece of evidence together.
    Where a machine failed, the past of the jobs says nothing of it.
    """
    if case.machine:
        return
    total = len(case.courses)
    yield from _streaks([item for item in case.courses if item.streak], total)
    passing = [item for item in case.courses if not item.streak]
    yield from _spotty([item for item in passing if item.isolated], total)
    yield from _clean([item for item in passing if not item.isolated], total)


def _clean(courses: Sequence[Course], total: int) -> Iterator[Claim]:
    if not courses:
        return
    share, who = len(courses) / total, some_of(len(courses), total)
    builds = median_low(item.builds for item in courses)
    weight = weights.PASSED_BEFORE * builds / (builds + weights.PASSED_BEFORE_HALF)
    text = f"{who} passed in {_each(builds)} before"
    yield Claim("NEW_REGRESSION", share * weight, text)


def _streaks(courses: Sequence[Course], total: int) -> Iterator[Claim]:
    if not courses:
        return
    share, who = len(courses) / total, some_of(len(courses), total)
    longest = max(courses, key=lambda item: (not item.always, len(item.streak)))
    count = len(longest.streak)
    if longest.always:
        text = f"{who} failed in {_each(count)} before that was looked at"
        yield Claim("NEW_REGRESSION", share * weights.ALWAYS_FAILED, text)
        return
    weight = min(weights.STREAK_MOST, weights.STREAK_EACH * count)
    text = f"{who} failed in each build since {longest.streak[-1].number}"
    yield Claim("NEW_REGRESSION", share * weight, f"{text}, and passed before")


def _spotty(courses: Sequence[Course], total: int) -> Iterator[Claim]:
    if not courses:
        return
    share, who = len(courses) / total, some_of(len(courses), total)
    worst = max(courses, key=lambda item: item.isolated)
    more = weights.ISOLATED_EACH * (worst.isolated - 1)
    weight = share * min(weights.ISOLATED_MOST, weights.ISOLATED_FIRST + more)
    times = "once" if worst.isolated == 1 else f"{worst.isolated} times"
    text = f"{who} failed {times} in {amount(worst.builds, 'build')}, and passed again"
    yield Claim("FLAKY_SUSPECTED", weight, text)


def _each(builds: int) -> str:
    return "the build" if builds == 1 else f"all {builds} builds"
