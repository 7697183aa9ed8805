"""The tool that ranks tests by how flaky they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Le

from sickbay.core.gaps import Gaps
from sickbay.core.tool import Call, tool
from sickbay.toolsets.history.analysis.flaky import lost_minutes, ranked
from sickbay.toolsets.history.models.flaky import FlakyTests
from sickbay.toolsets.history.models.window import Branch, Pipeline, TimeRange
from sickbay.toolsets.history.source import HistorySource
from sickbay.toolsets.history.tools.lines import elsewhere, meant_line
from sickbay.toolsets.history.tools.recent import kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.history.models import Tally

RANGE = "14d"
LEAST = 0.02

MOST = 20_000
"""Tests that are scored: those that failed most."""


@tool(title="Flaky tests", items="flaky", untrusted=("flaky", "notes"), timeout_s=120)
async def flaky_tests(  # noqa: PLR0913 - each narrows what is looked at
    source: HistorySource,
    call: Call,
    *,
    pipeline: Pipeline = None,
    branch: Branch = None,
    time_range: TimeRange = RANGE,
    least_score: Annotated[float, Ge(0), Le(1), "0 to 1"] = LEAST,
) -> FlakyTests:
    """Rank the tests that fail and pass without a reason; those that broke are none.

    Gives `flaky`, by the low end of the score: score with its 90 % interval (low,
    high), rate, split (commits where it passed and failed), flips between builds,
    lost_minutes (also of all together), first_failed_at, last_failed_at, signature,
    variants, why; `failing` counts all that failed; `notes`.
    Next: history_test_history.
    """

    async def made() -> FlakyTests:
        line = await meant_line(source, pipeline, branch, time_range)
        tallies = await source.reading.tallies(line, MOST)
        if not tallies and not await source.reading.builds(replace(line, most=1)):
            return FlakyTests(notes=await elsewhere(source, line))
        answer: FlakyTests = await call.thread(_ranking, tallies, least_score, call)
        return answer

    asked = ("flaky_tests", pipeline, branch, time_range, least_score)
    return await kept(source, asked, made)


def _ranking(tallies: Sequence[Tally], least: float, call: Call) -> FlakyTests:
    from sickbay.ci.history.flakiness import flake_score  # noqa: PLC0415 - brings numpy

    scored = []
    for number, tally in enumerate(tallies):
        call.check()
        call.progress(number + 1, len(tallies))
        scored.append((tally, flake_score(tally)))
    found = ranked(scored, least)
    gaps = Gaps()
    if len(tallies) >= MOST:
        gaps.note("tests that failed less often", f"only {MOST:,} are looked at")
    return FlakyTests(
        failing=len(tallies),
        lost_minutes=lost_minutes(found),
        flaky=found,
        coverage=gaps.coverage(len(tallies), None if gaps.skipped else len(tallies)),
    )
