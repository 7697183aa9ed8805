"""What only the failing log says, on a page and as markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.signature import likeness
from sickbay.render.markdown import fence, prose, span
from sickbay.render.plain import Paint, clipped, printable, wrapped
from sickbay.render.words import amount, share
from sickbay.toolsets.logs.render.page import MAX_WIDTH, MIN_WIDTH
from sickbay.toolsets.logs.render.words import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.diff import Diff
    from sickbay.logs.hunks import DiffLine, Hunk

HUNKS = 4
GAP = 3
LINES = 16
SIGNS = {"same": " ", "new": "+", "changed": "~", "more": "*"}
LEGEND = "+ new, ~ changed, * more often than before; lines of the failing log"
NOTHING = "Nothing: once what always varies is masked, both logs say the same."


def diff_text(found: Diff, *, colour: bool = False, width: int = 80) -> str:
    """The difference as a page of text, the most telling stretches first.

    Args:
        found: What to show.
        colour: Whether the reader is a terminal that shows colour.
        width: Columns of the terminal; no line is wider.
    """
    paint = Paint(colour)
    width = min(max(width, MIN_WIDTH), MAX_WIDTH)
    shown, rest = _chosen(found)
    blocks = [list(_heading(found, shown, paint, width))]
    blocks += [list(_hunk(hunk, paint, width)) for hunk in shown]
    blocks.append([paint(row, "dim") for row in wrapped(_rest(found, rest), width)])
    return "\n\n".join("\n".join(rows) for rows in blocks if rows) + "\n"


def diff_markdown(found: Diff) -> str:
    """The difference as markdown, ready for an issue."""
    shown, rest = _chosen(found)
    blocks = [f"### What {span(found.failed)} says, and {span(found.passed)} does not"]
    blocks += [] if shown else [NOTHING]
    for hunk in shown:
        rows = "\n".join(
            "..." if line is None else f"{SIGNS[line.status]} {line.text}"
            for line in _shortened(hunk.lines)
        )
        blocks.append(f"**{lines_of(hunk)}** ({share(hunk.score)})\n\n{fence(rows)}")
    blocks.append(prose(_rest(found, rest)))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _chosen(found: Diff) -> tuple[Sequence[Hunk], Sequence[Hunk]]:
    """The stretches to show, and the others."""
    telling = [hunk for hunk in found.hunks if hunk.kind != "noise"]
    shown = (telling or found.hunks)[:HUNKS]
    return shown, [hunk for hunk in found.hunks if hunk not in shown]


def _heading(
    found: Diff, shown: Sequence[Hunk], paint: Paint, width: int
) -> Iterator[str]:
    title = f"What {found.failed} says, and {found.passed} does not"
    yield from (paint(row, "bold") for row in wrapped(printable(title), width))
    for row in wrapped(LEGEND if shown else NOTHING, width):
        yield paint(row, "dim")


def _hunk(hunk: Hunk, paint: Paint, width: int) -> Iterator[str]:
    score = f"  {share(hunk.score)}"
    yield f"{paint(lines_of(hunk), 'cyan')}{paint(score, 'dim')}"
    gutter = len(str(hunk.lines[-1].number)) if hunk.lines else 1
    for line in _shortened(hunk.lines):
        if line is None:
            yield paint(f"  {'...':>{gutter}}", "dim")
            continue
        label = paint(f"  {line.number:>{gutter}}", "dim")
        words = clipped(printable(line.text), width - gutter - 5)
        style = ["red"] if line.status == "new" else []
        style = ["dim"] if line.status == "same" else style
        yield f"{label} {SIGNS[line.status]} {paint(words, *style)}".rstrip()


def _shortened(lines: Sequence[DiffLine]) -> Iterator[DiffLine | None]:
    """The lines that say most, in log order; ``None`` where a gap is."""
    if len(lines) > LINES:
        by_telling = sorted(lines, key=_telling, reverse=True)[:LINES]
        lines = sorted(by_telling, key=lambda line: line.number)
    before = lines[0].number - 1 if lines else 0
    for line in lines:
        if line.number > before + GAP:
            yield None
        yield line
        before = line.number


def _telling(line: DiffLine) -> tuple[float, bool]:
    new = line.status == "new"
    return (likeness(line.text) if line.status != "same" else 0.0), new


def _rest(found: Diff, rest: Sequence[Hunk]) -> str:
    new = amount(found.new_lines, "line")
    said = [f"In all, {new} of {found.coverage.of:,} with nothing like them before."]
    if rest:
        places = ", ".join(lines_of(hunk) for hunk in rest[:HUNKS])
        more = f" and {len(rest) - HUNKS:,} more places" if len(rest) > HUNKS else ""
        said.append(f"Less telling: {places}{more}.")
    said += [
        f"Not compared: {part.what} ({part.why})." for part in found.coverage.skipped
    ]
    return printable(" ".join(said))
