"""Builds that are not kept yet: read from their CI before a question is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.ci.services import BuildsWanted, Depth
from sickbay.core.errors import SickbayError
from sickbay.core.results import Skipped

if TYPE_CHECKING:
    from sickbay.ci.history.models import Line
    from sickbay.core.tool import Call
    from sickbay.toolsets.history.source import HistorySource

LOGS = 20
"""Of a build that are read."""

BUILDS = "builds that are not kept yet"


async def fetched(
    source: HistorySource, call: Call, line: Line, job: str | None
) -> tuple[Skipped, ...]:
    """Read the builds of a line that are missing, and say what could not be read.

    What was read completely is not looked for again for a minute: every page of an
    answer asks.

    Args:
        source: Has the history, and the CI.
        call: The running call.
        line: Which builds.
        job: Pattern of the names of jobs whose logs are read.
    """
    from sickbay.history.ingest.fill import fill  # noqa: PLC0415 - brings pyarrow

    key = ("fetched", line, job)
    if key in source.recent or not source.settings.fetch_budget_s:
        return ()
    try:
        origin = await source.origin(line.pipeline) if line.pipeline else None
        if origin is None:
            return ()
        done = await fill(
            source.history,
            origin,
            _wanted(line),
            Depth(job=job, logs=LOGS),
            call=call,
            now=source.now,
            budget_s=source.settings.fetch_budget_s,
        )
    except SickbayError as exc:
        return (Skipped(BUILDS, str(exc)),)
    if done.why is not None:
        return (*done.skipped, Skipped(BUILDS, f"{done.why}: ask again"))
    if not done.skipped:
        source.recent[key] = True
    return done.skipped


def _wanted(line: Line) -> BuildsWanted:
    return BuildsWanted(
        pipeline=line.pipeline,
        branch=line.branch,
        since=line.since,
        until=line.until,
        message=line.message,
        most=line.most,
    )
