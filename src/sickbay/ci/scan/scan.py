"""A scan: from the failed jobs of a build to the causes behind them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from sickbay.ci.scan.case import Case, Scene
from sickbay.ci.scan.crowds import crowds
from sickbay.ci.scan.families import canonical, spellings
from sickbay.ci.scan.groups import grouped
from sickbay.ci.scan.issues import best_match
from sickbay.ci.scan.models import CATEGORIES, Cause
from sickbay.ci.scan.occurrences import occurrences, text_of
from sickbay.ci.scan.verdicts import verdict
from sickbay.logs.signature import fingerprint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sickbay.ci.builds import Build
    from sickbay.ci.scan.models import FailedJob, Issue, Match, Occurrence, PastBuild

_LONGEST = 1000
_SILENT = "failed without a message"


def scan(
    build: Build,
    failed: Sequence[FailedJob],
    *,
    past: Sequence[PastBuild] | None,
    issues: Sequence[Issue] | None,
    now: datetime,
) -> tuple[Cause, ...]:
    """The causes of a build's failures, those that ask for most first; no owners yet.

    Args:
        build: With all its jobs: how many passed where says much of those that failed.
        failed: Its failed attempts, with what their logs say.
        past: Builds before it; None if they are not to be had.
        issues: Of the tracker; None if they are not to be had.
        now: The time, for issues that were closed not long ago.
    """
    ordered = _ordered(build, failed)
    seen = _spelled([one for item in ordered for one in occurrences(item)])
    groups = grouped(seen, ordered)
    scene = Scene(
        build=build,
        failed={str(item.attempt.job_id): item for item in ordered},
        past=past,
        crowds=crowds(build, groups),
        tracked=issues is not None,
    )
    causes = [
        _cause(Case(scene=scene, occurrences=group, match=_match(group, issues, now)))
        for group in groups
    ]
    return tuple(sorted(causes, key=_pressing))


def _ordered(build: Build, failed: Sequence[FailedJob]) -> list[FailedJob]:
    """In the order of the build, whatever order they were read in."""
    places = {str(item.job_id): at for at, item in enumerate(build.attempts)}
    return sorted(
        failed,
        key=lambda item: (
            places.get(str(item.attempt.job_id), len(places)),
            str(item.attempt.job_id),
        ),
    )


def _spelled(found: Sequence[Occurrence]) -> list[Occurrence]:
    """The same test under the same id, from whatever folder the jobs ran it."""
    known = spellings(seen.test_id for seen in found if seen.test_id)
    return [
        replace(seen, test_id=known[canonical(seen.test_id)]) if seen.test_id else seen
        for seen in found
    ]


def _match(
    group: Sequence[Occurrence], issues: Sequence[Issue] | None, now: datetime
) -> Match | None:
    if not issues:
        return None
    return best_match(
        sorted({seen.test_id for seen in group if seen.test_id}),
        texts=list(dict.fromkeys(map(text_of, group))),
        signatures={seen.signature for seen in group},
        job_names=sorted({seen.job.name for seen in group}),
        issues=issues,
        now=now,
    )


def _cause(case: Case) -> Cause:
    main = case.main
    return Cause(
        cause_id=_cause_id(case),
        text=text_of(main)[:_LONGEST] or _SILENT,
        occurrences=case.occurrences,
        verdict=verdict(case),
        match=case.match,
    )


def _cause_id(case: Case) -> str:
    """The same in other builds, which other jobs may show it in."""
    most = Counter(seen.signature for seen in case.occurrences)
    name = min(most, key=lambda one: (-most[one], one))
    return fingerprint("cause", name)


def _pressing(cause: Cause) -> tuple[int, bool, int, int, str]:
    return (
        CATEGORIES.index(cause.verdict.category),
        cause.soft,
        -len(cause.jobs),
        -len(cause.tests),
        cause.cause_id,
    )
