"""``sickbay history slow``: tests that became slower."""

from __future__ import annotations

from sickbay.clients.printer import AtDesk, Format, shown
from sickbay.toolsets.history.render.slow import slow_page


async def slow(  # noqa: PLR0913 - one for each option
    *,
    least_ratio: float = 1.2,
    pipeline: str | None = None,
    branch: str | None = None,
    time_range: str = "30d",
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> None:
    """Show tests that take longer since some build, the most expensive first.

    Args:
        least_ratio: Of the times after and before.
        pipeline: Another pipeline than the usual one.
        branch: The trunk by default, * is any.
        time_range: Such as 7d, 24h or A:B.
        format: How to print.
        desk: The history.
    """
    found = await desk.result(
        "slow_tests",
        least_ratio=least_ratio,
        pipeline=pipeline,
        branch=branch,
        time_range=time_range,
    )
    shown(found, slow_page(found), format, desk)
