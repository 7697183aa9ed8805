"""``sickbay hud trunk``: is the trunk red, since when, of what, with the grid."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - the command line is made of it
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sickbay.clients.printer import (
    DONE,
    FOUND,
    AtDesk,
    Format,
    drawn,
    shown,
    unicode,
    width,
)
from sickbay.render.page import Drawing
from sickbay.render.plain import Paint
from sickbay.toolsets.hud.analysis.branch import place
from sickbay.toolsets.hud.render.trunk import trunk_page

if TYPE_CHECKING:
    from sickbay.ci.models import Grid
    from sickbay.core.desk import Desk
    from sickbay.toolsets.hud.source import Hud

COMMITS = 60
MAX_ROWS = 30
"""Commits that the terminal shows; a picture shows all."""


async def trunk(  # noqa: PLR0913 - one for each option
    branch: str | None = None,
    /,
    *,
    commits: int = COMMITS,
    jobs: Annotated[bool, Parameter(negative="")] = False,
    repo: str | None = None,
    format: Format = "text",  # noqa: A002 - the option's name
    png: Path | None = None,
    check: Annotated[bool, Parameter(negative="")] = False,
    desk: AtDesk,
) -> int:
    """Show whether the trunk is red, since when, of what, and whose it is.

    Args:
        branch: Another branch than the trunk, or the commit to begin at.
        commits: How many to look at, the newest first.
        jobs: Draw each job that failed, and not groups of jobs.
        repo: Another repository, as owner/name.
        format: How to print.
        png: Draw the grid into this file, too.
        check: Exit 1 when the trunk is red.
        desk: The HUD.
    """
    hud: Hud = desk.source
    asked = {"branch": branch, "repo": repo, "commits": commits}
    status = await desk.result("trunk_status", **asked)
    where, named = place(branch, repo, usual=(hud.repo, hud.branch))
    grid, _ = await hud.client.trunk(named, repo=where, commits=commits)
    title = f"{named} of {where}"
    if png is not None:
        drawn(_picture(grid, title, jobs=jobs), png)
    drawing = _drawing(grid, desk, jobs=jobs)
    shown(status, trunk_page(status, title, drawing), format, desk)
    return FOUND if check and status["health"] == "red" else DONE


def _drawing(grid: Grid, desk: Desk, *, jobs: bool) -> Drawing:
    from sickbay.toolsets.hud.render.grid import Sheet, by_group, by_job  # noqa: PLC0415 - brings the groups

    draw = by_job if jobs else by_group
    plain = not unicode()
    part = grid if jobs else _newest(grid)
    left = "" if part is grid else f"\n{_cut(part, grid)}"
    return Drawing(
        coloured=draw(part, Sheet(Paint(desk.colour), width(desk), plain)) + left,
        plain=draw(part, Sheet(Paint(colour=False), width(desk), plain)) + left,
    )


def _cut(part: Grid, grid: Grid) -> str:
    shown, of = len(part.rows), len(grid.rows)
    return f"the newest {shown} of {of} commits are drawn; --png draws all"


def _newest(grid: Grid) -> Grid:
    from dataclasses import replace  # noqa: PLC0415 - see above

    few = grid.rows[:MAX_ROWS]
    return grid if len(few) == len(grid.rows) else replace(grid, rows=few)


def _picture(grid: Grid, title: str, *, jobs: bool) -> bytes:
    from sickbay.toolsets.hud.render.picture import png  # noqa: PLC0415 - may not be there

    return png(grid, title=title, jobs=jobs)
