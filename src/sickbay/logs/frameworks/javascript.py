"""What JavaScript test frameworks share: thrown errors, frames, trees of ticks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.frameworks.results import Frame
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_ERROR = Pattern(
    r"(?:Uncaught |Unhandled )?"
    r"([A-Z][\w$.]*(?:Error|Exception|Failure|Violation|Rejection|Invalid)|Error)"
    r"(?: \[[\w.$]+\])?(?::\s*(.*))?$"
)
_FRAME = Pattern(
    r"(?=.*:\d+\)?$)"
    "\\s*(?:at|\N{HEAVY RIGHT-POINTING ANGLE QUOTATION MARK ORNAMENT}) "
    r"(?:(?:async )?(.*?) )?\(?(?:file://)?([^()\s][^()]*?):(\d+)(?::\d+)?\)?$"
)
_TIMEOUT = Pattern(
    r"(?i)exceeded timeout of \d|\btimeout of \d+ ?ms exceeded"
    r"|async callback was not invoked within|\b(?:test|hook) timed out (?:in|after) \d"
)
_TICK = Pattern(r"( *)[✓✔√] (.*?)(?: \([\d.]+ ?m?s\))?$")
_TITLE = Pattern(r"( *)\S")

_DEPTH = 20
"""Suites within suites that are followed."""


def thrown(text: str) -> tuple[str | None, str]:
    """Type and message of a thrown error, from the line that shows it first.

    A type without a message is its own message.
    """
    text = text.strip()
    found = _ERROR.match(text)
    if not found:
        return None, text
    return found[1], found[2] or found[1]


def timed_out(text: str) -> bool:
    """Whether a message of the framework says that it gave up waiting."""
    return bool(_TIMEOUT.search(text))


def frames(texts: Iterable[str]) -> tuple[Frame, ...]:
    """The stack frames among the lines, outermost first."""
    found = [match for match in map(_FRAME.match, texts) if match]
    return tuple(
        Frame(path=match[2], line=int(match[3]), function=match[1] or None)
        for match in reversed(found)
    )


def ticked(
    lines: Iterable[tuple[int, str]], wanted: Collection[str], joint: str
) -> Iterator[str]:
    """Those of the wanted names that a tree of ticks shows as passed.

    Args:
        lines: Numbered lines; suites are indented less than what is in them.
        wanted: Full names to look for.
        joint: What joins the names of suites and test to a full name.
    """
    if not wanted:
        return
    path: list[tuple[int, str]] = []
    for _, text in lines:
        tick = _TICK.match(text)
        title = tick or _TITLE.match(text)
        if not title:
            continue
        indent = len(title[1])
        while path and path[-1][0] >= indent:
            path.pop()
        if not tick:
            path.append((indent, text.strip()))
            continue
        names = [name for _, name in path[-_DEPTH:]] + [tick[2]]
        yield from (
            name
            for name in (joint.join(names[start:]) for start in range(len(names)))
            if name in wanted
        )
