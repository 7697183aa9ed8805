"""The grid as a picture, in PNG."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from sickbay.core.errors import NotFound, Unsupported
from sickbay.render.plain import clipped, printable
from sickbay.toolsets.hud.render.marks import (
    MARKS,
    MEANINGS,
    group_strips,
    job_strips,
    used,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.models import Commit, Grid
    from sickbay.toolsets.hud.render.marks import Mark, Strip

INCHES = 0.2
"""Of a cell."""

MARGIN = 5.0
"""Inches for the names of commits, and of jobs."""

MAX_INCHES = 60.0
DPI = 100
TITLE, NAME = 50, 90
NAMED = 120
"""More columns than this go without their names: nobody could read them."""

_COLOURS: dict[Mark, str] = {
    "fail": "#cf222e",
    "pending": "#d4a72c",
    "soft": "#e8a3a8",
    "flaky": "#8fc97c",
    "ok": "#2da44e",
    "cancelled": "#8c959f",
    "skipped": "#d0d7de",
    "unknown": "#8250df",
    "absent": "#ffffff",
}


def png(grid: Grid, *, title: str, jobs: bool = False) -> bytes:
    """The grid as PNG: a row for each commit, a column for each group of jobs.

    Args:
        grid: What to show.
        title: Stands above it.
        jobs: A column for each job that failed, and not for each group of jobs.

    Raises:
        NotFound: The grid is empty.
        Unsupported: The package that draws is not there.
    """
    strips = group_strips(grid)
    if jobs:
        strips = tuple(strip for strip in job_strips(grid) if not strip.quiet)
    if not strips:
        what = "no job failed" if jobs and grid.job_names else "no jobs"
        raise NotFound(f"there is nothing to draw: {what}", hint="ask for more commits")
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - an extra, and slow
    except ImportError as exc:
        raise Unsupported(
            "pictures need the package matplotlib",
            hint="pip install 'sickbay[plots]'",
        ) from exc
    size = (_inches(len(strips)), _inches(len(grid.rows)))
    figure = Figure(figsize=size, dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    _drawn(axes, strips)
    _named(axes, strips, [row.commit for row in grid.rows])
    axes.set_title(_plain(title))
    _explained(figure, strips)
    out = BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def _inches(cells: int) -> float:
    return min(MARGIN + INCHES * cells, MAX_INCHES)


def _drawn(axes: Any, strips: Sequence[Strip]) -> None:  # noqa: ANN401 - matplotlib's
    from matplotlib.colors import ListedColormap  # noqa: PLC0415 - see png

    colours = ListedColormap([_COLOURS[mark] for mark in MARKS])
    columns = [[MARKS.index(mark) for mark in strip.marks] for strip in strips]
    rows = list(zip(*columns, strict=True))
    axes.pcolormesh(
        rows,
        cmap=colours,
        vmin=-0.5,
        vmax=len(MARKS) - 0.5,
        edgecolors="#f6f8fa",
        linewidth=0.5,
    )
    axes.invert_yaxis()


def _named(axes: Any, strips: Sequence[Strip], commits: Sequence[Commit]) -> None:  # noqa: ANN401 - matplotlib's
    axes.set_yticks([at + 0.5 for at in range(len(commits))])
    axes.set_yticklabels(map(_line, commits), family="monospace", size=7)
    axes.set_xticks([])
    if len(strips) <= NAMED:
        axes.set_xticks([at + 0.5 for at in range(len(strips))])
        names = [_plain(strip.label, NAME) for strip in strips]
        axes.set_xticklabels(names, rotation=90, size=7)


def _explained(figure: Any, strips: Sequence[Strip]) -> None:  # noqa: ANN401 - matplotlib's
    from matplotlib.patches import Patch  # noqa: PLC0415 - see png

    patches = [
        Patch(facecolor=_COLOURS[mark], edgecolor="#8c959f", label=MEANINGS[mark])
        for mark in used(strips)
    ]
    figure.legend(
        handles=patches, loc="outside lower center", ncols=4, fontsize=8, frameon=False
    )


def _line(commit: Commit) -> str:
    time = commit.time.strftime("%m-%d %H:%M ") if commit.time else ""
    return f"{time}{commit.sha[:7]} {_plain(commit.title)}"


def _plain(text: str, longest: int = TITLE) -> str:
    """Without what matplotlib takes for a formula."""
    return clipped(printable(text), longest).replace("$", r"\$")
