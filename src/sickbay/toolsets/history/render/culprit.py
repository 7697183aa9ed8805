"""The page about who broke a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.render.page import Quote, block, line
from sickbay.render.words import amount, share
from sickbay.toolsets.history.render.place import SHORT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.render.page import Line, Part
    from sickbay.toolsets.history.models.culprit import (
        CulpritReport,
        ProbeRow,
        SuspectRow,
    )

ROWS = 8
UNDONE = 5


def culprit_page(found: CulpritReport) -> Iterator[Part]:
    """The page.

    Args:
        found: The whole answer.
    """
    yield block(_head(found))
    if found.suspects:
        yield block(_suspects(found))
    if found.next_probe:
        yield block(_next(found, found.next_probe))
    yield block(_foot(found))


def _head(found: CulpritReport) -> Iterator[Line]:
    yield line(Quote(found.test_id or ""), mood="bold")
    if found.last_good and found.first_bad:
        good, bad = found.last_good.build_number, found.first_bad.build_number
        commits = amount(found.commits, "commit")
        yield line(
            f"{commits} from build ", Quote(good), " (good) to ", Quote(bad), " (bad)"
        )
    for note in found.notes:
        yield line("- ", Quote(note))


def _suspects(found: CulpritReport) -> Iterator[Line]:
    sure = found.credible_mass
    mass = f" with {share(sure)}, if it was one of them" if sure else ""
    count = sum(suspect.credible for suspect in found.suspects)
    mood = "bold red" if count else "bold yellow"
    yield line(f"{amount(count, 'suspect')}{mass}", mood=mood)
    for suspect in found.suspects[:ROWS]:
        yield from _suspect(suspect)
    if (more := len(found.suspects) - ROWS) > 0:
        yield line(f"and {amount(more, 'less likely commit')}", level=1)
    if found.no_culprit is not None:
        chance = found.chance
        rate = f"; it fails by chance in {share(chance.rate)}" if chance else ""
        yield line(f"{share(found.no_culprit)}  no commit: a flake{rate}", level=1)


def _suspect(one: SuspectRow) -> Iterator[Line]:
    mark = "" if one.credible else " (unlikely)"
    author = (" by ", Quote(one.author)) if one.author else ()
    words = (Quote(one.commit[:SHORT]), " ", Quote(one.title), *author)
    yield line(f"{share(one.probability)}  ", *words, mark, level=1)
    reasons = " ".join(one.reasons)
    yield line(f"{one.runs}. ", Quote(reasons), level=2)
    if one.url:
        yield line(Quote(one.url), level=2, mood="dim")


def _next(found: CulpritReport, probe: ProbeRow) -> Iterator[Line]:
    times = "once" if probe.repeats == 1 else f"up to {probe.repeats} times"
    commit = Quote(probe.commit[:SHORT])
    yield line(
        "Test next: ", commit, " ", Quote(probe.title), f", {times}", mood="bold"
    )
    yield line(Quote(probe.why), level=1)
    for words in found.advice:
        yield line(Quote(words), level=1)


def _foot(found: CulpritReport) -> Iterator[Line]:
    if found.next_probe is None:
        for words in found.advice:
            yield line(Quote(words), mood="bold")
    yield line(f"Looked at {amount(found.coverage.examined, 'build')}.", mood="dim")
    for item in found.coverage.skipped[:UNDONE]:
        said = (Quote(item.what), " (", Quote(item.why), ")")
        yield line("Not looked at: ", *said, mood="yellow")
    if (more := len(found.coverage.skipped) - UNDONE) > 0:
        yield line(f"Not looked at: {more:,} more.", mood="yellow")
