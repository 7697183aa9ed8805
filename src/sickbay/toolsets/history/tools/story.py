"""The tool that tells the history of one test."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from sickbay.core.gaps import Gaps
from sickbay.core.tool import Call, tool
from sickbay.toolsets.history.analysis.story import Quotes, story_rows
from sickbay.toolsets.history.analysis.verdict import outcome_counts, verdict_row
from sickbay.toolsets.history.models.story import TestHistory
from sickbay.toolsets.history.models.window import Branch, Pipeline
from sickbay.toolsets.history.render.summary import summary
from sickbay.toolsets.history.source import HistorySource
from sickbay.toolsets.history.tools.case import (
    JobPattern,
    Lookback,
    TestId,
    case_of,
    line_of_test,
    pattern,
)
from sickbay.toolsets.history.tools.fetching import fetched
from sickbay.toolsets.history.tools.recent import kept

if TYPE_CHECKING:
    from sickbay.core.results import Skipped
    from sickbay.toolsets.history.tools.case import Case

TIMEOUT_S = 180.0


@tool(
    name="test_history",
    title="A test's history",
    items="timeline",
    untrusted=("test_id", "timeline", "assessment", "summary", "images"),
    timeout_s=TIMEOUT_S,
    open_world=True,
)
async def story(  # noqa: PLR0913 - the predecessor's, and two of ours
    source: HistorySource,
    call: Call,
    *,
    test_nodeid: TestId,
    branch: Branch = None,
    pipeline: Pipeline = None,
    build_query: Annotated[str | None, "RE2, of build titles"] = None,
    lookback_builds: Lookback = 50,
    job_filter: JobPattern = None,
    include_logs: Annotated[bool, "log_excerpt of failures"] = True,
    picture: Annotated[bool, "also as an image"] = False,
    fetch: Annotated[bool, "read builds that are missing"] = True,
) -> TestHistory:
    """Is a test broken or flaky, since which build: its outcome in each.

    Gives `assessment` (classification REGRESSION, FLAKE_ONSET, PERSISTENT_FAIL,
    SPORADIC, FIXED, STABLE, INSUFFICIENT_DATA; confidence, level, notes,
    transition_build, last_good, first_bad, credible_range, rates, flake, signatures),
    `summary` in markdown, `counts`, `test_id`, `images`, and `timeline`, newest first:
    test_status (pass, fail, flaky, infra, absent), why, jobs with status,
    fingerprint_normalized, log. Next: history_culprit.
    """
    line = await line_of_test(
        source, pipeline, branch, most=lookback_builds, message=build_query
    )
    job = pattern(job_filter)
    skipped = await fetched(source, call, line, job) if fetch else ()

    async def made() -> TestHistory:
        case = await case_of(source, call, test_nodeid, line, job)
        told: TestHistory = await call.thread(
            _told, case, include_logs, picture, skipped
        )
        return told

    question = (test_nodeid, line, job, include_logs, picture, skipped)
    return await kept(source, ("test_history", *question), made)


def _told(
    case: Case,
    include_logs: bool,  # noqa: FBT001 - a thread takes no names
    picture: bool,  # noqa: FBT001 - same
    skipped: tuple[Skipped, ...],
) -> TestHistory:
    gaps = Gaps()
    gaps.skipped.extend(skipped)
    quotes = Quotes(case.sightings, wanted=include_logs)
    rows = story_rows(reversed(case.observations), quotes, gaps)
    told = TestHistory(
        test_id=case.test_id,
        assessment=verdict_row(case.assessment),
        summary=summary(case.test_id, case.assessment, case.place),
        counts=outcome_counts(case.assessment),
        timeline=rows,
        coverage=gaps.coverage(len(rows), len(rows)),
    )
    return _with_picture(told) if picture else told


def _with_picture(told: TestHistory) -> TestHistory:
    from sickbay.toolsets.history.render.picture import image  # noqa: PLC0415 - may not be there

    return replace(told, images=(image(told),))
