"""Times, commits and places in words, the same on every page."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sickbay.render.words import amount
from sickbay.toolsets.hud.render.page import Line, Quote, line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sickbay.toolsets.hud.render.page import Words

    Document = Mapping[str, Any]

SKIPPED = 5
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def lasting(seconds: float) -> str:
    """How long it is: ``3 d 4 h``, ``25 min``, ``40 s``."""
    left = int(seconds)
    parts = []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        parts.append((count, f"{count} {unit}"))
    first = next((at for at, (count, _) in enumerate(parts) if count), len(parts) - 1)
    shown = [words for count, words in parts[first : first + 2] if count]
    return " ".join(shown) or "0 s"


def moment(time: str | None) -> str:
    """A time as it is read best: ``2026-11-20 14:03 UTC``."""
    if not time:
        return "at an unknown time"
    return f"{datetime.fromisoformat(time):%Y-%m-%d %H:%M} UTC"


def commit(named: Document) -> tuple[Words, ...]:
    """A commit: which, what it says, whose it is."""
    words: list[Words] = [f"{named['sha'][:10]} "]
    if named["title"]:
        words.append(Quote(named["title"]))
    if named["pr"] and f"#{named['pr']}" not in named["title"]:
        words.append(f" #{named['pr']}")
    if named["author"]:
        words += [" by ", Quote(named["author"])]
    return (*words, f", {moment(named['time'])}")


def coverage(document: Document, noun: str) -> Iterator[Line]:
    """How much was looked at, and what was not."""
    looked = document["coverage"]
    total = looked["total"]
    known = looked["examined"] if total is None else total
    part = f"{looked['examined']:,} of " if looked["examined"] < known else ""
    yield line(f"Looked at {part}{amount(known, noun)}.", mood="dim")
    yield from skipped(document)


def skipped(document: Document) -> Iterator[Line]:
    """What was not looked at, and why."""
    left_out = document["coverage"]["skipped"]
    for item in left_out[:SKIPPED]:
        said = (Quote(item["what"]), " (", Quote(item["why"]), ")")
        yield line("Not looked at: ", *said, mood="yellow")
    if (more := len(left_out) - SKIPPED) > 0:
        yield line(f"Not looked at: {more:,} more.", mood="yellow")
