"""A test over builds as a terminal shows it: a row of signs for each variant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.render.plain import clipped, columns, printable, wrapped
from sickbay.render.words import amount
from sickbay.toolsets.history.render.lanes import (
    MARKS,
    MEANINGS,
    change_at,
    credible_at,
    lanes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.render.plain import Paint
    from sickbay.toolsets.history.models.story import BuildStory, Verdict
    from sickbay.toolsets.history.render.lanes import Lane, Mark

LABEL = 30
GAP = "   "
ROWS = 12
_UNICODE: dict[Mark, str] = {
    "pass": "✓",
    "fail": "✗",
    "flaky": "≈",
    "infra": "!",
    "absent": "·",
}
_ASCII: dict[Mark, str] = {
    "pass": "O",
    "fail": "X",
    "flaky": "F",
    "infra": "!",
    "absent": "~",
}
_COLOURS: dict[Mark, tuple[str, ...]] = {
    "pass": ("green",),
    "fail": ("bold", "red"),
    "flaky": ("yellow",),
    "infra": ("cyan",),
    "absent": ("dim",),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """How the strip may be drawn: colours, columns, and whether only ASCII."""

    paint: Paint
    width: int = 100
    plain: bool = False

    def cell(self, mark: Mark) -> str:
        """One build."""
        glyph = (_ASCII if self.plain else _UNICODE)[mark]
        return self.paint(glyph, *_COLOURS[mark])

    def text(self, words: str, width: int) -> str:
        """Words in so many columns."""
        shown = clipped(printable(words), width)
        if self.plain:
            shown = shown.replace("…", "~").encode("ascii", "replace").decode()
        return shown + " " * (width - columns(shown))


def strip(builds: Sequence[BuildStory], verdict: Verdict, sheet: Sheet) -> str:
    """The strip, the oldest build on the left.

    Args:
        builds: The newest first, as answers have them.
        verdict: Has the place of the change.
        sheet: How it may be drawn.
    """
    return "\n".join(_rows(list(reversed(builds)), verdict, sheet))


def _rows(
    builds: Sequence[BuildStory], verdict: Verdict, sheet: Sheet
) -> Iterator[str]:
    found = lanes(builds)
    longest = max(columns(printable(lane.label)) for lane in found)
    label = min(longest, LABEL, sheet.width // 2)
    room = max(sheet.width - label - 1, 1)
    for lane in found[:ROWS]:
        cells = "".join(map(sheet.cell, lane.marks[-room:]))
        yield f"{sheet.text(lane.label, label)} {cells}"
    if under := _under(builds, verdict)[-room:].rstrip():
        yield f"{' ' * label} {sheet.paint(under, 'bold')}"
    yield from _legend(found, verdict, sheet)
    if (more := len(found) - ROWS) > 0:
        yield sheet.paint(f"no room for {amount(more, 'variant')}", "dim")
    if (older := len(builds) - room) > 0:
        yield sheet.paint(f"no room for {amount(older, 'older build')}", "dim")


def _under(builds: Sequence[BuildStory], verdict: Verdict) -> str:
    """Where the change is: ``^`` at its likeliest place, ``-`` where it may be, too."""
    signs = [" "] * len(builds)
    for maybe in credible_at(builds, verdict):
        signs[maybe] = "-"
    at = change_at(builds, verdict)
    if at is not None:
        signs[at] = "^"
    return "".join(signs)


def _legend(found: Sequence[Lane], verdict: Verdict, sheet: Sheet) -> Iterator[str]:
    used = {mark for lane in found for mark in lane.marks}
    row, taken = "oldest first", len("oldest first")
    for mark in (mark for mark in MARKS if mark in used):
        needed = len(f"   x {MEANINGS[mark]}")
        if taken + needed > sheet.width:
            yield row
            row, taken = "", -len(GAP)
        row += f"{GAP if row else ''}{sheet.cell(mark)} {MEANINGS[mark]}"
        taken += needed
    yield row
    if verdict.transition_build:
        number = printable(verdict.transition_build)
        many = verdict.credible_range and verdict.credible_range.builds > 1
        said = f"^ changed with build {number}"
        said += ", - where it may be as well (90 %)" if many else ""
        for words in wrapped(said, sheet.width):
            yield sheet.paint(words, "dim")
