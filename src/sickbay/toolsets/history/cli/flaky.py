"""``sickbay history flaky``: tests that fail now and then."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from sickbay.clients.printer import DONE, FOUND, AtDesk, Format, shown
from sickbay.toolsets.history.render.flaky import flaky_page


async def flaky(  # noqa: PLR0913 - one for each option
    *,
    pipeline: str | None = None,
    branch: str | None = None,
    time_range: str = "14d",
    least_score: float = 0.02,
    check: Annotated[bool, Parameter(negative="")] = False,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> int:
    """Show tests that fail and pass without a reason, the surest first.

    Args:
        pipeline: Another pipeline than the usual one.
        branch: The trunk by default, * is any.
        time_range: Such as 7d, 24h or A:B.
        least_score: From 0 to 1; tests below it are left out.
        check: Exit 1 when there are any.
        format: How to print.
        desk: The history.
    """
    found = await desk.result(
        "flaky_tests",
        pipeline=pipeline,
        branch=branch,
        time_range=time_range,
        least_score=least_score,
    )
    shown(found, flaky_page(found), format, desk)
    return FOUND if check and found["flaky"] else DONE
