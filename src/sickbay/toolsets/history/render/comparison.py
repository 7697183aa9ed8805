"""The page about two sides: which tests fare differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.render.coverage import skipped
from sickbay.render.page import Quote, block, line
from sickbay.render.words import amount, moment
from sickbay.toolsets.history.render.step import next_step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sickbay.render.page import Line, Part

    Document = Mapping[str, Any]

ROWS = 12
"""Of each kind that are shown."""

TITLES = {
    "newly_failing": ("Newly failing", "bold red"),
    "flakier": ("Flakier", "bold yellow"),
    "slower": ("Slower", "bold yellow"),
    "fixed": ("Fixed", "bold green"),
    "steadier": ("Steadier", "bold green"),
    "faster": ("Faster", "bold green"),
    "only_new": ("Ran on the new side only", "bold cyan"),
    "only_base": ("Ran before only", "bold cyan"),
}


def comparison_page(document: Document) -> Iterator[Part]:
    """The page.

    Args:
        document: The result of ``compare``.
    """
    yield block(_head(document))
    for kind, (title, mood) in TITLES.items():
        rows = [row for row in document["changes"] if row["change"] == kind]
        if rows:
            yield block(_changes(f"{title} ({len(rows):,})", mood, rows))
    yield block(_foot(document))


def _head(document: Document) -> Iterator[Line]:
    counts = document["counts"]
    said = ", ".join(
        f"{count:,} {kind.replace('_', ' ')}" for kind, count in counts.items() if count
    )
    bad = counts.get("newly_failing") or counts.get("flakier")
    yield from _side("", document["new_side"], "bold red" if bad else "bold green")
    yield from _side("Against ", document["base_side"], "bold")
    tests = amount(document["tests"], "test")
    yield line(f"{said or 'No difference'}; {tests} on both sides", level=1)


def _side(title: str, side: Document, mood: str) -> Iterator[Line]:
    builds = amount(side["builds"], "build")
    yield line(title, Quote(side["meant"]), f" ({builds})", mood=mood)
    words = " to ".join(_build(side[end]) for end in ("first", "last"))
    yield line(_build(side["last"]) if side["builds"] == 1 else words, level=1)


def _build(build: Document) -> str:
    commit = f", commit {build['commit'][:8]}" if build["commit"] else ""
    return f"build {build['build_number']}{commit}, {moment(build['created_at'])}"


def _changes(title: str, mood: str, rows: Sequence[Document]) -> Iterator[Line]:
    yield line(title, mood=mood)
    for row in rows[:ROWS]:
        chance = "" if row["significant"] else "  (may be chance)"
        yield line(Quote(row["test_id"]), chance, level=1)
        if row["why"]:
            yield line(row["why"], level=2, mood="dim")
    if (more := len(rows) - ROWS) > 0:
        yield line(f"and {more:,} more; --format json has them all", level=1)


def _foot(document: Document) -> Iterator[Line]:
    for note in document["notes"]:
        yield line(Quote(note), mood="yellow")
    yield from skipped(document)
    broken = [row for row in document["changes"] if row["change"] == "newly_failing"]
    if broken:
        yield next_step("test", broken[0]["test_id"])
