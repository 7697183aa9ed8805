"""``sickbay history compare``: which tests fare differently."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from sickbay.ci.history.comparison import DifferenceKind  # noqa: TC001 - the choices
from sickbay.clients.printer import DONE, FOUND, AtDesk, Format, shown
from sickbay.toolsets.history.render.comparison import comparison_page


async def compare(  # noqa: PLR0913 - one for each option
    one: str,
    other: str | None = None,
    /,
    *,
    change: DifferenceKind | None = None,
    pipeline: str | None = None,
    branch: str | None = None,
    check: Annotated[bool, Parameter(negative="")] = False,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> int:
    """Show which tests fare differently in two builds, branches or periods.

    Args:
        one: A build (its number or address), branch:NAME, or a period such as 7d.
        other: The same; by default what was before, or the trunk for a branch.
        change: Only those that changed so.
        pipeline: Another pipeline than the usual one.
        branch: Of periods; the trunk by default, * is any.
        check: Exit 1 when a test surely fails that did not.
        format: How to print.
        desk: The history.
    """
    found = await desk.result(
        "compare",
        one=one,
        other=other,
        change=change,
        pipeline=pipeline,
        branch=branch,
    )
    shown(found, comparison_page(found), format, desk)
    broken = any(
        row["change"] == "newly_failing" and row["significant"]
        for row in found["changes"]
    )
    return FOUND if check and broken else DONE
