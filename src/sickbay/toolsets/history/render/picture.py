"""A test over builds as a picture, in PNG."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from sickbay.core.errors import Unsupported
from sickbay.core.results import Image
from sickbay.render.plain import clipped, printable
from sickbay.toolsets.history.render.lanes import (
    MARKS,
    MEANINGS,
    change_at,
    credible_at,
    lanes,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.toolsets.history.models.story import BuildStory, TestHistory
    from sickbay.toolsets.history.render.lanes import Lane, Mark

DPI = 100
CELL, ROW = 0.22, 0.32
"""Inches of a build, and of a variant."""

MARGIN_WIDE, MARGIN_HIGH = 3.0, 1.9
MAX_WIDE = 40.0
TITLE, LABEL, ROWS = 110, 40, 24
TICKS = 30
GAP = 0.08
"""Between cells, as a part of one."""

BAND = 0.3
"""Above the rows: the builds from which the change may date."""

_CHANGE = "#8250df"
_COLOURS: dict[Mark, str] = {
    "pass": "#2da44e",
    "fail": "#cf222e",
    "flaky": "#d4a72c",
    "infra": "#54aeff",
    "absent": "#eaeef2",
}


def image(found: TestHistory) -> Image:
    """The picture for a client.

    Raises:
        Unsupported: The package that draws is not there.
    """
    title = f"{found.test_id or ''}: {found.assessment.classification}"
    return Image(title=title, mime_type="image/png", data=png(found))


def png(found: TestHistory) -> bytes:
    """The test's builds as PNG: a row for each variant, the oldest on the left.

    A cell is a build; it is split where there were several attempts. A line marks the
    change, a band above the builds from which it may date with 90 %.

    Raises:
        Unsupported: The package that draws is not there.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - an extra, and slow
    except ImportError as exc:
        raise Unsupported(
            "pictures need the package matplotlib",
            hint="pip install 'sickbay[plots]'",
        ) from exc
    builds = found.timeline[::-1]
    rows = lanes(builds)[:ROWS]
    size = (
        min(MARGIN_WIDE + CELL * len(builds), MAX_WIDE),
        MARGIN_HIGH + ROW * len(rows),
    )
    figure = Figure(figsize=size, dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    _drawn(axes, rows)
    _marked(axes, found, builds, len(rows))
    _named(axes, rows, builds)
    verdict = found.assessment
    sure = f"{verdict.classification} ({verdict.level}, {verdict.confidence:.0%})"
    axes.set_title(f"{_plain(found.test_id or '', TITLE)}\n{sure}", size=9, loc="left")
    _explained(figure, rows, found)
    out = BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def _drawn(axes: Any, rows: Sequence[Lane]) -> None:  # noqa: ANN401 - matplotlib's
    from matplotlib.collections import PolyCollection  # noqa: PLC0415 - see png

    cells = [cell for row, lane in enumerate(rows) for cell in _cells(row, lane)]
    axes.add_collection(
        PolyCollection(
            [corners for corners, _ in cells],
            facecolors=[_COLOURS[mark] for _, mark in cells],
        )
    )
    axes.set_ylim(len(rows), -BAND)


def _cells(row: int, lane: Lane) -> Iterator[tuple[list[tuple[float, float]], Mark]]:
    """Rectangles: one for a build, or for each attempt in it."""
    for at, (mark, attempts) in enumerate(zip(lane.marks, lane.attempts, strict=True)):
        parts = attempts or (mark,)
        each = (1 - GAP) / len(parts)
        for place, part in enumerate(parts):
            left = at + place * each
            top, bottom = row + GAP, row + 1 - GAP
            right = left + each
            yield (
                [(left, top), (right, top), (right, bottom), (left, bottom)],
                part,
            )


def _marked(
    axes: Any,  # noqa: ANN401 - matplotlib's
    found: TestHistory,
    builds: Sequence[BuildStory],
    rows: int,
) -> None:
    span = credible_at(builds, found.assessment)
    if span:
        axes.broken_barh([(span.start, len(span))], (-BAND, BAND), color=_CHANGE)
    at = change_at(builds, found.assessment)
    if at is not None:
        axes.plot([at - GAP / 2] * 2, [-BAND, rows], color=_CHANGE, linewidth=2)
    axes.set_xlim(0, max(len(builds), 1))


def _named(axes: Any, rows: Sequence[Lane], builds: Sequence[BuildStory]) -> None:  # noqa: ANN401 - matplotlib's
    axes.set_yticks([row + 0.5 for row in range(len(rows))])
    axes.set_yticklabels([_plain(lane.label, LABEL) for lane in rows], size=7)
    every = max(1, -(-len(builds) // TICKS))
    places = range(0, len(builds), every)
    axes.set_xticks([at + 0.5 for at in places])
    names = [_plain(builds[at].build_number, LABEL) for at in places]
    axes.set_xticklabels(names, rotation=90, size=7)


def _explained(figure: Any, rows: Sequence[Lane], found: TestHistory) -> None:  # noqa: ANN401 - matplotlib's
    from matplotlib.patches import Patch  # noqa: PLC0415 - see png

    used = {mark for lane in rows for mark in lane.marks}
    patches = [
        Patch(facecolor=_COLOURS[mark], edgecolor="#8c959f", label=MEANINGS[mark])
        for mark in MARKS
        if mark in used
    ]
    if found.assessment.transition_build:
        patches.append(Patch(facecolor=_CHANGE, label="the change, with 90 %"))
    figure.legend(
        handles=patches, loc="outside lower center", ncols=3, fontsize=7, frameon=False
    )


def _plain(text: str, longest: int) -> str:
    """Without what matplotlib takes for a formula."""
    return clipped(printable(text), longest).replace("$", r"\$")
