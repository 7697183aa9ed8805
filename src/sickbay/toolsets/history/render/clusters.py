"""The page about causes over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.render.coverage import coverage
from sickbay.render.page import Quote, block, line
from sickbay.render.words import amount, brief, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sickbay.render.page import Line, Part

    Document = Mapping[str, Any]

CLUSTERS = 15
EXCERPT = 4
"""Lines."""

MOODS = {
    "new": "bold red",
    "rising": "bold red",
    "steady": "bold yellow",
    "falling": "bold",
    "gone": "bold green",
    "unknown": "bold",
}


def clusters_page(document: Document) -> Iterator[Part]:
    """The page.

    Args:
        document: The result of ``clusters``.
    """
    found = document["clusters"]
    yield block(_head(document))
    for one in found[:CLUSTERS]:
        yield block(_cluster(one))
    yield block(_foot(document))


def _head(document: Document) -> Iterator[Line]:
    counts = document["counts"]
    ways = ", ".join(f"{count:,} {way}" for way, count in counts.items() if count)
    failures = amount(document["failures"], "failure")
    causes = amount(sum(counts.values()), "cause")
    yield line(f"{failures} of {causes}{f': {ways}' if ways else ''}", mood="bold")


def _cluster(one: Document) -> Iterator[Line]:
    word = (one["trend"] or "unknown").upper()
    yield line(f"{word} ", Quote(one["text"]), mood=MOODS.get(one["trend"], "bold"))
    times = amount(one["failures"], "failure")
    kind = f"{one['category']}, {one['trouble'].replace('_', ' ')}"
    yield line(f"{times} in {amount(one['builds'], 'build')}; {kind}", level=1)
    yield line(f"{_seen('First seen', one['first_seen'])}; ", _last(one), level=1)
    if one["trend_why"]:
        yield line(one["trend_why"], level=1)
    for noun in ("job", "test"):
        yield from _names(noun, one)
    for text in _telling(one["excerpt"] or ""):
        yield line(Quote(brief(text)), level=2, mood="dim")
    if one["log"]:
        place = f", line {one['line']}" if one["line"] else ""
        yield line("Log: ", Quote(one["log"]), place, level=1, mood="dim")


def _telling(excerpt: str) -> list[str]:
    """Of an excerpt the lines of the error, as pytest marks them; else the first."""
    lines = [text for text in excerpt.splitlines() if any(map(str.isalnum, text))]
    marked = [text for text in lines if text.startswith(("E ", "> "))]
    return (marked or lines)[:EXCERPT]


def _last(one: Document) -> str:
    return _seen("last", one["last_seen"])


def _seen(title: str, build: Document) -> str:
    return f"{title} {moment(build['created_at'])} in build {build['build_number']}"


def _names(noun: str, one: Document) -> Iterator[Line]:
    names, count = one[f"{noun}s"], one[f"{noun}_count"]
    for number, name in enumerate(names[:3]):
        title = f"{noun.capitalize()}s: " if not number else "and "
        yield line(title, Quote(name), level=1 if not number else 2)
    if (more := count - len(names[:3])) > 0:
        yield line(f"and {more:,} more", level=2, mood="dim")


def _foot(document: Document) -> Iterator[Line]:
    if (more := len(document["clusters"]) - CLUSTERS) > 0:
        yield line(f"and {amount(more, 'more cause')}; --format json has them all")
    for note in document["notes"]:
        yield line(Quote(note), mood="yellow")
    yield from coverage(document, "build")
    logs = [one["log"] for one in document["clusters"] if one["log"]]
    if logs:
        yield line("Next: ", Quote(f"sickbay explain {logs[0]}"), mood="bold")
