"""The tool that says which commit broke a test."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from sickbay.core.gaps import Gaps
from sickbay.core.tool import Call, Identifier, tool
from sickbay.toolsets.history.analysis.verdict import DIGITS
from sickbay.toolsets.history.models.culprit import CulpritReport
from sickbay.toolsets.history.models.window import Branch, Pipeline, build_fact
from sickbay.toolsets.history.render.place import commit_url
from sickbay.toolsets.history.source import HistorySource
from sickbay.toolsets.history.tools.case import (
    JobPattern,
    Lookback,
    TestId,
    case_of,
    line_of_test,
    pattern,
)
from sickbay.toolsets.history.tools.commits import commits_between
from sickbay.toolsets.history.tools.fetching import fetched
from sickbay.toolsets.history.tools.recent import kept
from sickbay.toolsets.history.tools.search import Search, search

if TYPE_CHECKING:
    from sickbay.toolsets.history.analysis.scope import Scope
    from sickbay.toolsets.history.tools.case import Case
    from sickbay.toolsets.history.tools.commits import Commits

TIMEOUT_S = 180.0

_NAMELESS = "Nobody said which commits these builds are of: none can be suspected."
_UNBUILT = (
    "Only commits that were built are known, and not what they change: set "
    "SICKBAY_HISTORY__REPO to the repository, or SICKBAY_HISTORY__REPO_PATH to a "
    "checkout."
)


@tool(
    title="The culprit",
    items="suspects",
    untrusted=("test_id", "last_good", "first_bad", "next_probe", "suspects", "notes"),
    timeout_s=TIMEOUT_S,
    open_world=True,
)
async def culprit(  # noqa: PLR0913 - each narrows what is looked at
    source: HistorySource,
    call: Call,
    *,
    test_nodeid: TestId,
    branch: Branch = None,
    pipeline: Pipeline = None,
    lookback_builds: Lookback = 100,
    job_filter: JobPattern = None,
    good: Annotated[str | None, Identifier(), "build that passed, if known"] = None,
    bad: Annotated[str | None, Identifier(), "build that failed, if known"] = None,
) -> CulpritReport:
    """Which commit broke a test that may also fail by chance, and what to test next.

    Gives `suspects` (commit, author, pull_request, probability, whether it is in the
    90 % credible set, reasons from its changed files), `no_culprit` (it is a flake),
    `credible_mass`, `chance` (how often it fails by chance), `commits` between
    `last_good` and `first_bad` by `commits_from`, `proven` (99 %), `next_probe`,
    `advice`, `classification`, `test_id`, `notes`.
    """
    line = await line_of_test(source, pipeline, branch, most=lookback_builds)
    job = pattern(job_filter)
    gaps = Gaps()
    gaps.skipped.extend(await fetched(source, call, line, job))

    async def made() -> CulpritReport:
        case = await case_of(source, call, test_nodeid, line, job)
        where = await search(source, call, case, good, bad)
        report = await _report(source, call, where, gaps)
        seen = len(case.observations)
        return replace(report, coverage=gaps.coverage(seen, seen))

    question = (test_nodeid, line, job, good, bad, tuple(gaps.skipped))
    return await kept(source, ("culprit", *question), made)


async def _report(
    source: HistorySource, call: Call, where: Search, gaps: Gaps
) -> CulpritReport:
    case, scope = where.case, where.scope
    report = CulpritReport(
        test_id=case.test_id,
        classification=case.assessment.classification,
        notes=where.notes,
    )
    if scope is None:
        return report
    report = replace(
        report,
        last_good=build_fact(scope.last_good),
        first_bad=build_fact(scope.first_bad),
    )
    if not (scope.builds[0].sha and scope.builds[-1].sha):
        return replace(report, notes=(*report.notes, _NAMELESS))
    found = await commits_between(source, case, scope.builds, gaps)
    if not found.commits:
        same = "Both builds are of one commit: no commit can have broken it."
        return replace(report, notes=(*report.notes, same), no_culprit=1.0)
    judged: CulpritReport = await call.thread(_judged, report, where, scope, found)
    return judged


def _judged(
    report: CulpritReport, where: Search, scope: Scope, commits: Commits
) -> CulpritReport:
    from sickbay.ci.history.culprit import culprit as blamed  # noqa: PLC0415 - see _where
    from sickbay.ci.history.planner import planned  # noqa: PLC0415 - same
    from sickbay.ci.history.priors import Change, Clues, weighed  # noqa: PLC0415 - same
    from sickbay.toolsets.history.analysis import suspects  # noqa: PLC0415 - same

    case, listed = where.case, commits.commits
    changes = [
        Change(
            sha=one.sha,
            title=one.title,
            message=one.message,
            files=one.files if one.sha in commits.known else None,
        )
        for one in listed
    ]
    clues = Clues(test_id=case.test_id, frames=suspects.frames_of(_texts(case, scope)))
    weights = weighed(changes, clues)
    found = blamed(
        [one.sha for one in listed],
        scope.trials({one.sha: at for at, one in enumerate(listed)}),
        flakes=scope.flakes,
        weights=[one.weight for one in weights],
        flake_prior=where.flake_prior,
        false_pass=scope.false_pass,
    )
    plan = planned(found)
    place = case.place
    return replace(
        report,
        commits=len(listed),
        commits_from=commits.origin,
        no_culprit=round(found.no_culprit, DIGITS),
        credible_mass=round(found.claimed, DIGITS),
        chance=suspects.chance_row(found),
        proven=plan.done,
        next_probe=suspects.probe_row(plan, listed),
        advice=plan.advice,
        notes=(*report.notes, *found.notes, *_blind(commits)),
        suspects=suspects.suspect_rows(
            found,
            listed,
            weights,
            {build.sha: build for build in scope.builds},
            {one.sha: commit_url(one.sha, place.repo, place.web) for one in listed},
        ),
    )


def _blind(commits: Commits) -> tuple[str, ...]:
    return (_UNBUILT,) if commits.origin == "builds" else ()


def _texts(case: Case, scope: Scope) -> list[str]:
    """What logs say of the failures that the culprit made."""
    bad = {one.build.build_id for one in (*scope.inside, *scope.after)}
    return [
        f"{one.excerpt or ''}\n{one.text}"
        for one in case.sightings
        if one.build.build_id in bad
    ]
