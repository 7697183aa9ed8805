"""The tool about causes over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from sickbay.ci.history.clusters import TrendWord, clustered
from sickbay.core.results import Coverage
from sickbay.core.tool import Call, tool
from sickbay.toolsets.history.analysis.clusters import cluster_row, trends
from sickbay.toolsets.history.models.clusters import Clusters
from sickbay.toolsets.history.models.window import Branch, Pipeline, TimeRange
from sickbay.toolsets.history.source import HistorySource
from sickbay.toolsets.history.tools.lines import elsewhere, meant_line, minute
from sickbay.toolsets.history.tools.recent import kept

if TYPE_CHECKING:
    from sickbay.ci.history.models import Line

RANGE = "14d"


@tool(title="Causes over time", items="clusters", untrusted=("clusters", "notes"))
async def clusters(  # noqa: PLR0913 - each narrows what is grouped
    source: HistorySource,
    call: Call,
    *,
    test_nodeid: Annotated[str | None, "only failures of this test"] = None,
    trend: Annotated[TrendWord | None, "only those"] = None,
    pipeline: Pipeline = None,
    branch: Branch = None,
    time_range: TimeRange = RANGE,
) -> Clusters:
    """Group all failures of many builds by cause: what keeps failing, and since when.

    Gives `clusters`, the largest first, what is gone last: text, category,
    first_seen, last_seen, failures, builds, jobs, tests, trend with builds a day,
    excerpt, log (for logs_ tools); `counts` by trend, how many `failures`; `notes`.
    """

    async def made() -> Clusters:
        line = await meant_line(source, pipeline, branch, time_range)
        return await _clustered(source, call, line, test_nodeid, trend)

    asked = ("clusters", test_nodeid, trend, pipeline, branch, time_range)
    return await kept(source, asked, made)


async def _clustered(
    source: HistorySource,
    call: Call,
    line: Line,
    test_id: str | None,
    trend: TrendWord | None,
) -> Clusters:
    builds = await source.reading.builds(line)
    sightings = await source.reading.sightings(line, test_id)
    found = await call.thread(
        lambda: clustered(sightings, now=minute(source), builds=builds)
    )
    found = sorted(found, key=lambda one: one.trend.word == "gone")
    return Clusters(
        counts=trends(found),
        failures=len(sightings),
        clusters=tuple(
            cluster_row(one) for one in found if trend in {None, one.trend.word}
        ),
        notes=() if builds else await elsewhere(source, line),
        coverage=Coverage(len(builds), len(builds)),
    )
