"""The grid as a terminal shows it: commits by groups of jobs, or jobs by commits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.render.plain import clipped, columns, printable
from sickbay.render.words import amount
from sickbay.toolsets.hud.render.marks import (
    MEANINGS,
    group_strips,
    job_strips,
    used,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sickbay.ci.models import Commit, Grid
    from sickbay.render.plain import Paint
    from sickbay.toolsets.hud.render.marks import Mark, Strip

MIN_WIDTH = 40
MIN_TITLE = 16
LABEL = 12
NAME = 80
CELL = 2
"""Columns of a cell, the blank before it included."""

_UNICODE: dict[Mark, str] = {
    "fail": "✗",
    "pending": "?",
    "soft": "x",
    "flaky": "≈",
    "ok": "✓",
    "cancelled": "⊘",
    "skipped": "-",
    "unknown": "!",
    "absent": "·",
}
_ASCII: dict[Mark, str] = {
    "fail": "X",
    "pending": "?",
    "soft": "x",
    "flaky": "F",
    "ok": "O",
    "cancelled": "C",
    "skipped": "S",
    "unknown": "U",
    "absent": "~",
}
_FLAGS = {
    "R": "reverted by a bot",
    "M": "merged without waiting for its checks",
    "W": "merged although some had failed",
}
_COLOURS: dict[Mark, tuple[str, ...]] = {
    "fail": ("bold", "red"),
    "pending": ("cyan",),
    "soft": ("yellow",),
    "flaky": ("yellow",),
    "ok": ("green",),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """How the grid may be drawn.

    Args:
        paint: Colours, or none.
        width: Columns of the terminal; no row is wider.
        plain: ASCII only, with the letters that HUD uses.
    """

    paint: Paint
    width: int = 100
    plain: bool = False

    def cell(self, mark: Mark) -> str:
        """One cell."""
        glyph = (_ASCII if self.plain else _UNICODE)[mark]
        return self.paint(glyph, *_COLOURS.get(mark, ("dim",)))

    def text(self, words: str, width: int) -> str:
        """Words in so many columns: cut, or filled up with blanks."""
        shown = clipped(printable(words), width) if width > 0 else ""
        if self.plain:
            shown = shown.replace("…", "~").encode("ascii", "replace").decode()
        return shown + " " * (width - columns(shown))


def by_group(grid: Grid, sheet: Sheet) -> str:
    """A row for each commit, a column for each group of jobs."""
    return "\n".join(_groups(grid, sheet))


def by_job(grid: Grid, sheet: Sheet) -> str:
    """A row for each job that failed, a column for each commit, the newest first."""
    return "\n".join(_jobs(grid, sheet))


def _groups(grid: Grid, sheet: Sheet) -> Iterator[str]:
    left = _left_width(grid)
    room = max(sheet.width, MIN_WIDTH) - left - 1
    shown, hidden = _fitting(group_strips(grid), (room - MIN_TITLE) // CELL)
    title = room - CELL * len(shown)
    yield from _header(shown, left + 1 + title, sheet)
    for at, row in enumerate(grid.rows):
        cells = "".join(" " + sheet.cell(strip.marks[at]) for strip in shown)
        yield f"{_left(row.commit, sheet)} {sheet.text(row.commit.title, title)}{cells}"
    yield from _legend(shown, sheet, [row.commit for row in grid.rows])
    if hidden:
        yield sheet.paint(_not_shown(hidden, "group"), "dim")


def _jobs(grid: Grid, sheet: Sheet) -> Iterator[str]:
    strips = job_strips(grid)
    loud = sorted(
        (strip for strip in strips if not strip.quiet), key=lambda s: -s.failures
    )
    longest = max((columns(printable(strip.label)) for strip in loud), default=0)
    width = max(sheet.width, MIN_WIDTH)
    name = min(longest, NAME, max(width // 2, width - len(grid.rows) - 1))
    count = min(len(grid.rows), width - name - 1)
    if loud:
        head = f"newest of {amount(count, 'commit')} first"
        yield sheet.paint(f"{' ' * name} {sheet.text(head, count)}".rstrip(), "dim")
    for strip in loud:
        cells = "".join(map(sheet.cell, strip.marks[:count]))
        yield f"{sheet.text(_shortened(strip.label, name), name)} {cells}"
    if loud:
        yield from _legend(loud, sheet)
    if quiet := len(strips) - len(loud):
        yield sheet.paint(f"{amount(quiet, 'job')} without a failure", "dim")


def _shortened(name: str, width: int) -> str:
    """The workflow and the configuration: what is between them tells the least."""
    name = printable(name)
    if columns(name) <= width or not name.isascii():
        return name
    head = width // 3
    return f"{name[:head]}…{name[head + 1 - width :]}"


def _fitting(
    strips: Sequence[Strip], room: int
) -> tuple[Sequence[Strip], Sequence[Strip]]:
    """As many strips as there is room for: those without failures go first."""
    by_need = sorted(strips, key=lambda strip: (strip.quiet, -strip.failures))
    kept = set(by_need[: max(room, 1)])
    return (
        [strip for strip in strips if strip in kept],
        [strip for strip in strips if strip not in kept],
    )


def _header(strips: Sequence[Strip], left: int, sheet: Sheet) -> Iterator[str]:
    """The names of the columns, written from top to bottom."""
    labels = [sheet.text(strip.label, LABEL).rstrip() for strip in strips]
    height = max(map(len, labels), default=0)
    for at in range(height):
        letters = "".join(" " + label.rjust(height)[at] for label in labels)
        yield sheet.paint((" " * left + letters).rstrip(), "dim")


def _left_width(grid: Grid) -> int:
    return max((len(_left_text(row.commit)) for row in grid.rows), default=0)


def _left(commit: Commit, sheet: Sheet) -> str:
    colour = "yellow" if _flag(commit) != " " else "dim"
    return sheet.paint(_left_text(commit), colour)


def _left_text(commit: Commit) -> str:
    time = commit.time.strftime("%m-%d %H:%M") if commit.time else "-" * 11
    return f"{time} {commit.sha[:7]} {_flag(commit)}"


def _flag(commit: Commit) -> str:
    """What is special about a commit; see ``_FLAGS``."""
    if commit.autoreverted:
        return "R"
    if commit.forced_with_failures:
        return "W"
    return "M" if commit.forced else " "


def _legend(
    strips: Sequence[Strip], sheet: Sheet, commits: Iterable[Commit] = ()
) -> Iterator[str]:
    row, taken = "", 0
    for mark in used(strips):
        words = f" {MEANINGS[mark]}   "
        if row and taken + 1 + len(words.rstrip()) > sheet.width:
            yield row.rstrip()
            row, taken = "", 0
        row += sheet.cell(mark) + words
        taken += 1 + len(words)
    yield row.rstrip()
    if flags := {_flag(commit) for commit in commits} & set(_FLAGS):
        yield sheet.paint("; ".join(f"{f} {_FLAGS[f]}" for f in sorted(flags)), "dim")


def _not_shown(strips: Sequence[Strip], noun: str) -> str:
    failing = sum(not strip.quiet for strip in strips)
    more = f", {failing} of them with failures" if failing else ", none with failures"
    return f"no room for {amount(len(strips), noun)}{more}"
