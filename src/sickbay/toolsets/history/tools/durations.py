"""The tool about tests that became slower."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Le

from sickbay.ci.history.durations import slowed
from sickbay.core.gaps import Gaps
from sickbay.core.tool import Call, tool
from sickbay.toolsets.history.analysis.slowdowns import clear, slow_test
from sickbay.toolsets.history.models.durations import SlowTests
from sickbay.toolsets.history.models.window import Branch, Pipeline, TimeRange
from sickbay.toolsets.history.source import HistorySource
from sickbay.toolsets.history.tools.lines import elsewhere, meant_line
from sickbay.toolsets.history.tools.recent import kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.history.durations import Slowdown
    from sickbay.ci.history.models import Durations

RANGE = "30d"
RATIO = 1.2

FEWEST = 6
"""Builds; among fewer no change can be told."""

MOST = 3_000
"""Tests that are looked at: those whose times vary most."""


@tool(
    title="Slow tests",
    items="slow_tests",
    untrusted=("slow_tests", "notes"),
    timeout_s=120,
)
async def slow_tests(  # noqa: PLR0913 - each narrows what is looked at
    source: HistorySource,
    call: Call,
    *,
    least_ratio: Annotated[float, Ge(1), Le(100), "of times after and before"] = RATIO,
    pipeline: Pipeline = None,
    branch: Branch = None,
    time_range: TimeRange = RANGE,
) -> SlowTests:
    """Find tests that take longer since some build: for good, outliers do not count.

    Gives `slow_tests`, the most expensive first: before_s, after_s, ratio with its
    interval, since which build (from earliest to latest, 90 %), and cost_s, the time
    lost in each build, also of all together; `notes`. Tests that nobody timed are
    unknown.
    """

    async def made() -> SlowTests:
        line = await meant_line(source, pipeline, branch, time_range)
        series = await source.reading.durations(line, MOST)
        found = await call.thread(_slowed, series, least_ratio, call)
        if series or await source.reading.builds(replace(line, most=1)):
            return _answer(series, found)
        return SlowTests(notes=await elsewhere(source, line))

    asked = ("slow_tests", least_ratio, pipeline, branch, time_range)
    return await kept(source, asked, made)


def _slowed(
    series: Sequence[Durations], least_ratio: float, call: Call
) -> Sequence[Slowdown]:
    found = []
    for number, one in enumerate(series):
        call.check()
        call.progress(number + 1, len(series))
        change = slowed(one, ratio=least_ratio)
        if change is not None:
            found.append(change)
    judged = sum(len(one.seconds) >= FEWEST for one in series)
    return clear(found, of=judged)


def _answer(series: Sequence[Durations], found: Sequence[Slowdown]) -> SlowTests:
    slower = sorted((one for one in found if one.slower), key=_cost, reverse=True)
    faster = len(found) - len(slower)
    gaps = Gaps()
    if len(series) >= MOST:
        gaps.note("tests whose times vary less", f"only {MOST:,} are looked at")
    return SlowTests(
        cost_s=round(sum(one.cost_s for one in slower), 3),
        slow_tests=tuple(map(slow_test, slower)),
        notes=(f"{faster:,} tests became faster",) if faster else (),
        coverage=gaps.coverage(len(series), None if gaps.skipped else len(series)),
    )


def _cost(one: Slowdown) -> tuple[float, str]:
    return one.cost_s, one.test_id
