"""Many logs grouped by cause, on a page and as markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.render.markdown import prose, span
from sickbay.render.plain import Paint, clipped, printable, wrapped
from sickbay.render.words import amount
from sickbay.toolsets.logs.render.page import MAX_WIDTH, MIN_WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.core.results import Coverage
    from sickbay.logs.cluster import Cluster

CLUSTERS = 20
NAMES = 5
SKIPPED = 10


def clusters_text(
    clusters: Sequence[Cluster],
    coverage: Coverage,
    *,
    colour: bool = False,
    width: int = 80,
) -> str:
    """The groups as a page of text, the largest first.

    Args:
        clusters: What to show.
        coverage: How many of the logs were read.
        colour: Whether the reader is a terminal that shows colour.
        width: Columns of the terminal; no line is wider, except for test ids, which
            stay whole so that they can be copied.
    """
    paint = Paint(colour)
    width = min(max(width, MIN_WIDTH), MAX_WIDTH)
    blocks = [[paint(clipped(_title(clusters, coverage), width), "bold")]]
    blocks += [
        list(_cluster(rank, found, paint, width))
        for rank, found in enumerate(clusters[:CLUSTERS], 1)
    ]
    blocks.append(
        [
            paint(row, "dim")
            for words in _rest(clusters, coverage)
            for row in wrapped(printable(words), width)
        ]
    )
    return "\n\n".join("\n".join(rows) for rows in blocks if rows) + "\n"


def clusters_markdown(clusters: Sequence[Cluster], coverage: Coverage) -> str:
    """The groups as markdown, ready for an issue."""
    blocks = [f"### {_title(clusters, coverage)}"]
    for rank, found in enumerate(clusters[:CLUSTERS], 1):
        says = span(found.example.text)
        rows = [f"**{rank}. {found.headline}**{_category(found)}: {says}"]
        rows += ["", f"- see line {found.example.line} of {span(found.example.source)}"]
        rows += [f"- {span(name)}" for name in found.tests[:NAMES]]
        rows += _more(found.tests, "- ")
        blocks.append("\n".join(rows))
    blocks += [prose(words) for words in _rest(clusters, coverage)]
    return "\n\n".join(blocks) + "\n"


def _title(clusters: Sequence[Cluster], coverage: Coverage) -> str:
    logs = amount(coverage.examined, "log")
    if not clusters:
        return f"No failure found in {logs}."
    return f"{amount(len(clusters), 'cause')} in {logs}"


def _cluster(rank: int, found: Cluster, paint: Paint, width: int) -> Iterator[str]:
    yield f"{rank}. {paint(found.headline, 'bold')}{paint(_category(found), 'dim')}"
    for row in wrapped(printable(found.example.text), width - 3)[:NAMES]:
        yield f"   {paint(row, 'red')}"
    place = f"see line {found.example.line} of {printable(found.example.source)}"
    yield paint(f"   {clipped(place, width - 3)}", "dim")
    if len(found.sources) > 1:
        named = ", ".join(map(printable, found.sources[:NAMES]))
        more = f" and {more:,} more" if (more := len(found.sources) - NAMES) > 0 else ""
        for row in wrapped(f"in {named}{more}", width - 3):
            yield paint(f"   {row}", "dim")
    for name in found.tests[:NAMES]:
        yield f"     {printable(name)}"
    for row in _more(found.tests, "     "):
        yield paint(row, "dim")


def _category(found: Cluster) -> str:
    return f" ({found.category})" if found.category else ""


def _more(names: Sequence[str], indent: str) -> list[str]:
    left = len(names) - NAMES
    return [f"{indent}and {left:,} more"] if left > 0 else []


def _rest(clusters: Sequence[Cluster], coverage: Coverage) -> Iterator[str]:
    if (more := len(clusters) - CLUSTERS) > 0:
        yield f"And {amount(more, 'smaller cause')}; --format json lists them all."
    for part in coverage.skipped[:SKIPPED]:
        yield f"Not read: {part.what} ({part.why})."
    if (more := len(coverage.skipped) - SKIPPED) > 0:
        yield f"Not read: {more:,} more."
