"""What earlier builds say of the jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.ci.scan import weights
from sickbay.ci.scan.case import Claim, some_of
from sickbay.render.words import amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.ci.scan.case import Case
    from sickbay.ci.scan.courses import Course


def past(case: Case) -> Iterator[Claim]:
    """Broken since a build, or failing now and then: what explains the past better.

    The jobs of a case are one piece of evidence together. Where a machine failed, the
    past of the jobs says nothing of it.
    """
    courses = case.courses
    if case.machine or not courses:
        return
    leaning = sum(item.leaning for item in courses) / len(courses)
    weight = min(weights.PAST_MOST, weights.PAST * abs(leaning))
    if leaning > 0:
        yield Claim("NEW_REGRESSION", weight, _broken(courses))
    else:
        yield Claim("FLAKY_SUSPECTED", weight, _now_and_then(courses))


def _broken(courses: Sequence[Course]) -> str:
    failing = [item for item in courses if item.streak]
    if not failing:
        builds = min(item.builds for item in courses)
        who = some_of(len(courses), len(courses))
        return f"{who} passed in {_each(builds)} before"
    who = some_of(len(failing), len(courses))
    longest = max(failing, key=lambda item: (not item.always, len(item.streak)))
    if longest.since is None:
        return f"{who} failed in {_each(longest.builds)} before that was looked at"
    return f"{who} failed in each build since {longest.since.number}, and passed before"


def _now_and_then(courses: Sequence[Course]) -> str:
    worst = max(courses, key=lambda item: (item.isolated, len(item.streak)))
    failed = worst.isolated + len(worst.streak)
    times = "once" if failed == 1 else f"{failed} times"
    return f"its job failed {times} in {amount(worst.builds, 'build')} before"


def _each(builds: int) -> str:
    return "the build" if builds == 1 else f"all {builds} builds"
