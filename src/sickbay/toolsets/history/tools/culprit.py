"""The tool that says which commit broke a test."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from sickbay.core.errors import BadRequest
from sickbay.core.gaps import Gaps
from sickbay.core.tool import Call, Identifier, tool
from sickbay.toolsets.history.analysis.place import commit_url
from sickbay.toolsets.history.analysis.verdict import DIGITS
from sickbay.toolsets.history.models.culprit import CulpritReport
from sickbay.toolsets.history.models.window import Branch, Pipeline, build_fact
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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.history.models import Assessment, Observation
    from sickbay.toolsets.history.analysis.scope import Scope
    from sickbay.toolsets.history.tools.case import Case
    from sickbay.toolsets.history.tools.commits import Commits

TIMEOUT_S = 180.0

FLAKE_PRIOR = (0.01, 0.5)
"""The probability that there was no change, as far as it is believed."""


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
        search = await _search(source, call, case, good, bad)
        report = await _report(source, call, search, gaps)
        seen = len(case.observations)
        return replace(report, coverage=gaps.coverage(seen, seen))

    question = (test_nodeid, line, job, good, bad, tuple(gaps.skipped))
    return await kept(source, ("culprit", *question), made)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Where to look for the culprit.

    Attributes:
        scope: None where there is nothing to look for, as ``notes`` say.
        flake_prior: Probability that no commit is to blame.
    """

    case: Case
    scope: Scope | None
    flake_prior: float = 0.1
    notes: tuple[str, ...] = ()


async def _search(
    source: HistorySource, call: Call, case: Case, good: str | None, bad: str | None
) -> Search:
    if good or bad:
        return await _between(source, case, good, bad)
    found: Search = await call.thread(_where, case)
    return found


async def _between(
    source: HistorySource, case: Case, good: str | None, bad: str | None
) -> Search:
    """From one build that the caller names to the other.

    Raises:
        NotFound: There is no such build.
        BadRequest: They are in the wrong order, or one is none of the test's.
    """
    from sickbay.toolsets.history.analysis.scope import scope_between  # noqa: PLC0415 - as in _where

    line = case.place.line
    ends = []
    for named, usual in ((good, _last_pass), (bad, _last_failure)):
        if named:
            ends.append((await source.reading.build(named, line)).build_id)
        else:
            ends.append(usual(case.observations))
    scope = scope_between(case.observations, ends[0], ends[1])
    if scope is None:
        raise BadRequest(
            "these builds do not enclose anything: good has to be before bad, and both "
            f"among the {len(case.observations)} builds that are looked at",
            hint="ask for more with lookback_builds, or name other builds",
        )
    return Search(case=case, scope=scope)


def _last_pass(observations: Sequence[Observation]) -> str:
    """The pass before the failures that are the newest."""
    failed = False
    for one in reversed(observations):
        failed = failed or one.outcome == "fail"
        if failed and one.outcome == "pass":
            return one.build.build_id
    return ""


def _last_failure(observations: Sequence[Observation]) -> str:
    bad = [one.build.build_id for one in observations if one.outcome == "fail"]
    return bad[-1] if bad else ""


def _where(case: Case) -> Search:
    """Where the test broke by its history; for one that is mended, before that."""
    from sickbay.ci.history.assessment import assessed  # noqa: PLC0415 - brings numpy
    from sickbay.toolsets.history.analysis.scope import scope_of  # noqa: PLC0415 - same

    observations, found = case.observations, case.assessment
    notes: list[str] = []
    if found.classification == "FIXED" and found.transition:
        fixed = found.transition
        at = [one.build for one in observations].index(fixed)
        observations = observations[:at]
        found = assessed(observations)
        notes.append(f"It is fixed since build {fixed.number}: this is who broke it.")
    change = found.change
    if change is None or not change.rising:
        return Search(case=case, scope=None, notes=(*notes, _nothing(found)))
    scope = scope_of(observations, change)
    if scope is None:
        notes.append(
            "It may be broken since before the first build that is known: ask for more "
            "builds with lookback_builds, or ingest older ones."
        )
    elif found.transition is None:
        notes.append("No change convinces: this is the likeliest place of one.")
    least, most = FLAKE_PRIOR
    return Search(
        case=case,
        scope=scope,
        flake_prior=min(max(1 - change.probability, least), most),
        notes=tuple(notes),
    )


def _nothing(found: Assessment) -> str:
    if not found.failed + found.flaky:
        return f"It did not fail in the {found.found} builds where it was seen."
    return "Nothing says that it broke: no commit is looked for."


async def _report(
    source: HistorySource, call: Call, search: Search, gaps: Gaps
) -> CulpritReport:
    case, scope = search.case, search.scope
    report = CulpritReport(
        test_id=case.test_id,
        classification=case.assessment.classification,
        notes=search.notes,
    )
    if scope is None:
        return report
    report = replace(
        report,
        last_good=build_fact(scope.last_good),
        first_bad=build_fact(scope.first_bad),
    )
    found = await commits_between(source, case, scope.builds, gaps)
    if not found.commits:
        same = "Both builds are of one commit: no commit can have broken it."
        return replace(report, notes=(*report.notes, same), no_culprit=1.0)
    judged: CulpritReport = await call.thread(_judged, report, search, scope, found)
    return judged


def _judged(
    report: CulpritReport, search: Search, scope: Scope, commits: Commits
) -> CulpritReport:
    from sickbay.ci.history.culprit import culprit as blamed  # noqa: PLC0415 - see _where
    from sickbay.ci.history.planner import planned  # noqa: PLC0415 - same
    from sickbay.ci.history.priors import Change, Clues, weighed  # noqa: PLC0415 - same
    from sickbay.toolsets.history.analysis import suspects  # noqa: PLC0415 - same

    case, listed = search.case, commits.commits
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
        flake_prior=search.flake_prior,
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
        notes=(*report.notes, *found.notes),
        suspects=suspects.suspect_rows(
            found,
            listed,
            weights,
            {build.sha: build for build in scope.builds},
            {one.sha: commit_url(one.sha, place.repo, place.web) for one in listed},
        ),
    )


def _texts(case: Case, scope: Scope) -> list[str]:
    """What logs say of the failures that the culprit made."""
    bad = {one.build.build_id for one in (*scope.inside, *scope.after)}
    return [
        f"{one.excerpt or ''}\n{one.text}"
        for one in case.sightings
        if one.build.build_id in bad
    ]
