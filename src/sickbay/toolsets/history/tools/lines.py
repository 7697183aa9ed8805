"""The line of builds that a caller means."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sickbay.ci.history.models import Line
from sickbay.core.errors import NotFound
from sickbay.core.timerange import time_range as stretch
from sickbay.toolsets.history.models.window import ANY_BRANCH

if TYPE_CHECKING:
    from datetime import datetime

    from sickbay.ci.history.models import BuildPoint
    from sickbay.toolsets.history.source import HistorySource

NO_BUILDS = "the history has no builds yet"
EMPTY = (
    "run `sickbay ingest buildkite --since 14d`, `sickbay ingest hud --since 7d` or "
    "`sickbay ingest junit 'reports/**/*.xml'`"
)
"""What fills a history."""

FORTNIGHT = timedelta(days=14)
MOST_BUILDS = 500
"""In a window of time."""


def minute(source: HistorySource) -> datetime:
    """The time, the same for the pages of one answer, so that they agree."""
    return source.now().replace(second=0, microsecond=0)


async def meant_pipeline(source: HistorySource, named: str | None) -> str:
    """The pipeline of that name; else the usual one, or that of the newest build.

    Raises:
        NotFound: There are no builds at all.
    """
    if pipeline := named or source.settings.pipeline:
        return pipeline
    newest = await source.reading.builds(Line(most=1))
    if not newest:
        raise NotFound(NO_BUILDS, hint=EMPTY)
    return newest[-1].pipeline


def meant_branch(source: HistorySource, named: str | None) -> str | None:
    """The branch of that name, the trunk without one; None is any."""
    return None if named == ANY_BRANCH else named or source.settings.branch


async def meant_line(
    source: HistorySource,
    pipeline: str | None,
    branch: str | None,
    time_range: str,
    *,
    most: int = MOST_BUILDS,
) -> Line:
    """Builds of a pipeline and a branch in a stretch of time.

    Raises:
        BadRequest: The stretch is none.
        NotFound: There are no builds at all.
    """
    meant = stretch(time_range, now=minute(source))
    return Line(
        pipeline=await meant_pipeline(source, pipeline),
        branch=meant_branch(source, branch),
        since=meant.start,
        until=meant.stop,
        most=most,
    )


async def elsewhere(source: HistorySource, line: Line) -> tuple[str, ...]:
    """A sentence on where there are builds, for a line that has none."""
    ever = replace(line, since=None, until=None, most=1)
    wider = (
        ("in this time", ever),
        (f"of branch {line.branch}", replace(ever, branch=None)),
        (f"of {line.pipeline}", Line(most=1)),
    )
    for missing, other in wider:
        if found := await source.reading.builds(other):
            timely = _timely(found[-1]) if other is ever else ""
            return (f"There are no builds {missing}; {_newest(found[-1])}{timely}.",)
    return (f"The history has no builds yet: {EMPTY}.",)


def _newest(build: BuildPoint) -> str:
    branch = f", branch {build.branch}" if build.branch else ""
    at = f", of {build.created_at:%Y-%m-%d}" if build.created_at else ""
    return f"the newest is {build.number} of {build.pipeline}{branch}{at}"


def _timely(build: BuildPoint) -> str:
    if build.created_at is None:
        return ""
    first, last = build.created_at - FORTNIGHT, build.created_at + timedelta(days=1)
    return f": ask for the time range {first:%Y-%m-%d}..{last:%Y-%m-%d}"
