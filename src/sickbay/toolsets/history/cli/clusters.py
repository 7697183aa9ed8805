"""``sickbay history clusters``: causes over time."""

from __future__ import annotations

from sickbay.ci.history.clusters import TrendWord  # noqa: TC001 - the choices
from sickbay.clients.printer import AtDesk, Format, shown
from sickbay.toolsets.history.render.clusters import clusters_page


async def clusters(  # noqa: PLR0913 - one for each option
    *,
    test: str | None = None,
    trend: TrendWord | None = None,
    pipeline: str | None = None,
    branch: str | None = None,
    time_range: str = "14d",
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> None:
    """Show what keeps failing, since when, and whether it gets worse.

    Args:
        test: Only failures of this test.
        trend: Only causes that go so.
        pipeline: Another pipeline than the usual one.
        branch: The trunk by default, * is any.
        time_range: Such as 7d, 24h or A:B.
        format: How to print.
        desk: The history.
    """
    found = await desk.result(
        "clusters",
        test_nodeid=test,
        trend=trend,
        pipeline=pipeline,
        branch=branch,
        time_range=time_range,
    )
    shown(found, clusters_page(found), format, desk)
