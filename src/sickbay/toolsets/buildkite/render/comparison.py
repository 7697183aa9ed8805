"""The page about two builds: what is new, still fails, is fixed, or did not run."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sickbay.render.page import Quote, block, line
from sickbay.toolsets.buildkite.render.phrases import SHA, kind, state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sickbay.render.page import Line, Part
    from sickbay.toolsets.buildkite.models.scan import (
        BuildInfo,
        ChangeName,
        ChangeRow,
        ComparedBuilds,
    )

ROWS = 12
"""Of each kind that are shown; those that say the same are one."""

UNDONE = 5
_TITLES: Mapping[ChangeName, tuple[str, str]] = {
    "new": ("New", "bold red"),
    "still_failing": ("Still failing", "bold yellow"),
    "fixed": ("Fixed", "bold green"),
    "not_run": ("Did not run, so nobody knows", "bold cyan"),
}


def comparison_page(found: ComparedBuilds) -> Iterator[Part]:
    """The page.

    Args:
        found: What became of the failures.
    """
    yield block(_head(found))
    for name, (title, mood) in _TITLES.items():
        rows = [row for row in found.changes if row.change == name]
        if rows:
            yield block(_changes(f"{title} ({len(rows):,})", mood, rows))
    yield block(_foot(found))


def _head(found: ComparedBuilds) -> Iterator[Line]:
    new = found.counts.get("new", 0)
    said = ", ".join(
        f"{count:,} {name.replace('_', ' ')}" for name, count in found.counts.items()
    )
    mood = "bold red" if new else "bold green"
    for title, build in (("", found.build_info), ("Against ", found.base_info)):
        if build:
            yield from _build(title, build, mood if not title else "bold")
    yield line(said, level=1)


def _build(title: str, build: BuildInfo, mood: str) -> Iterator[Line]:
    named = f"{kind(build)} {build.build_number} {state(build)}, commit "
    yield line(title, named, Quote(build.commit[:SHA]), mood=mood)
    yield line(Quote(build.build_url), level=1, mood="dim")


def _changes(title: str, mood: str, rows: Sequence[ChangeRow]) -> Iterator[Line]:
    yield line(title, mood=mood)
    alike: defaultdict[tuple[str, str], list[ChangeRow]] = defaultdict(list)
    for row in rows:
        alike[row.why or row.text or row.name, row.category or ""].append(row)
    for group in [*alike.values()][:ROWS]:
        yield from _alike(group)
    if more := sum(map(len, [*alike.values()][ROWS:])):
        yield line(f"and {more:,} more; --format json has them all", level=1)


def _alike(rows: Sequence[ChangeRow]) -> Iterator[Line]:
    """Those that say the same, by the first of them."""
    row = rows[0]
    where = row.job.name if row.job else ""
    place = (" in ", Quote(where)) if where and where != row.name else ()
    sort = f"  ({row.category})" if row.category else ""
    more = f", and {len(rows) - 1:,} more that say the same" if len(rows) > 1 else ""
    yield line(Quote(row.name), *place, more, sort, level=1)
    said = row.why or row.text
    if said:
        yield line(Quote(said), level=2)
    if row.job and row.job.url:
        yield line(Quote(row.job.url), level=2, mood="dim")


def _foot(found: ComparedBuilds) -> Iterator[Line]:
    skipped = [f"{item.what}: {item.why}" for item in found.coverage.skipped]
    left = [*found.notes, *skipped]
    for words in left[:UNDONE]:
        yield line("Not looked at: ", Quote(words), mood="yellow")
    if (more := len(left) - UNDONE) > 0:
        yield line(f"Not looked at: {more:,} more.", mood="yellow")
    if found.scans:
        yield line(f"Next: sickbay buildkite report {found.scans[0]}", mood="bold")
