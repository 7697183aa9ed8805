"""What fails on a branch, and since when, in the few words that an answer has."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, get_args

from sickbay.ci.course import Verdict
from sickbay.toolsets.hud.analysis.commits import (
    LINE,
    clipped,
    commit_name,
    number,
)
from sickbay.toolsets.hud.models.trunk import CauseRow, StreakRow, TrunkStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.causes import Cause
    from sickbay.ci.models import Commit
    from sickbay.ci.streaks import Streak
    from sickbay.ci.trunk import Trunk
    from sickbay.core.results import Coverage
    from sickbay.toolsets.hud.models.trunk import CommitName

SUSPECTS = 3
JOBS = 4
TESTS = 3


def streak_row(streak: Streak) -> StreakRow:
    """One streak."""
    latest = streak.latest
    suspects = () if streak.clipped else streak.suspects
    return StreakRow(
        job=streak.job,
        length=streak.length,
        first_bad=commit_name(streak.first_bad),
        last_good=_named(streak.last_good),
        clipped=streak.clipped,
        suspects=_suspects(suspects),
        suspect_count=len(suspects),
        last_bad_sha=streak.last_bad.sha,
        pending=streak.pending,
        absent=streak.absent,
        job_id=number(latest),
        log=latest.log,
        line=clipped(latest.lines[0], LINE) if latest.lines else None,
        signatures=len(streak.signs),
    )


def trunk_status(found: Trunk, coverage: Coverage) -> TrunkStatus:
    """What a branch comes to."""
    counted = Counter(cause.verdict for cause in found.causes)
    return TrunkStatus(
        health=found.health,
        reason=found.reason,
        since=_named(found.since),
        lasts_s=found.lasts.total_seconds() if found.lasts is not None else None,
        clipped=found.clipped,
        newest=_named(found.newest),
        complete=_named(found.complete),
        unfinished=found.unfinished,
        verdicts={verdict: counted[verdict] for verdict in get_args(Verdict)},
        causes=tuple(map(cause_row, found.causes)),
        coverage=coverage,
    )


def cause_row(cause: Cause) -> CauseRow:
    """One cause."""
    suspects = () if cause.clipped else cause.suspects
    return CauseRow(
        line=clipped(cause.text, LINE),
        verdict=cause.verdict,
        category=cause.category,
        why=cause.why,
        blocking=cause.blocking,
        jobs=cause.jobs[:JOBS],
        job_count=len(cause.jobs),
        job_id=number(cause.example),
        log=cause.example.log,
        failures=cause.count,
        retried=cause.retried,
        tests=tuple(clipped(test, LINE) for test in cause.tests[:TESTS]),
        test_count=len(cause.tests),
        first_bad=commit_name(cause.first_bad),
        last_bad_sha=cause.last_bad.sha,
        last_good_sha=cause.last_good.sha if cause.last_good else None,
        clipped=cause.clipped,
        episodes=cause.episodes,
        culprit=_named(cause.culprit),
        culprit_why=cause.culprit_why or None,
        suspects=() if cause.culprit else _suspects(suspects),
        suspect_count=len(suspects),
        fix=_named(cause.fix),
        fix_why=cause.fix_why or None,
    )


def _named(commit: Commit | None) -> CommitName | None:
    return commit_name(commit) if commit else None


def _suspects(commits: Sequence[Commit]) -> tuple[CommitName, ...]:
    """The oldest of them: the nearest to the last commit that passed."""
    return tuple(map(commit_name, commits[-SUSPECTS:]))
