"""What Java's test tools share: thrown exceptions and stack frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.frameworks.results import Frame
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_THROWN = Pattern(
    r"\s*((?:[A-Za-z_$][\w$]*\.)+[A-Z][\w$]*|[A-Z]\w*(?:Error|Exception|Failure))"
    r"(?::\s*+((?:.*\S)?))?\s*$"
)
_FRAME = Pattern(
    r"\s*at (?:[\w.@-]*/+)?([\w$.<>]+)\(([^():]+\.\w+|Native Method|Unknown Source)"
    r"(?::(\d+))?\)"
)
_TIMEOUT = Pattern(
    r"(?i)\btest timed out after|execution (?:timed out after|exceeded timeout)"
    r"|method .* didn't finish within the time-?out"
    r"|^[\w.()]* ?timed out after \d"
)


def thrown(texts: Sequence[str]) -> tuple[int, str | None, str]:
    """The exception that some lines begin with.

    Returns:
        Which line has its message, its type and the message; the message may stand
        below the type. A type without a message is its own message.
    """
    for index, text in enumerate(texts):
        if not text.strip():
            continue
        match = _THROWN.match(text)
        if not match:
            return index, None, text.strip()
        if match[2]:
            return index, match[1], match[2]
        for below, more in enumerate(texts[index + 1 :], index + 1):
            if _FRAME.match(more):
                break
            if more.strip():
                return below, match[1], more.strip()
        return index, match[1], match[1]
    return 0, None, ""


def timed_out(exception: str | None, message: str) -> bool:
    """Whether a test framework gave up waiting for a test."""
    if exception and exception.endswith(
        ("TestTimedOutException", "ThreadTimeoutException")
    ):
        return True
    return bool(_TIMEOUT.search(message))


def is_frame(text: str) -> bool:
    """Whether a line is one of a Java stack trace."""
    return bool(_FRAME.match(text))


def frames(texts: Iterable[str]) -> tuple[Frame, ...]:
    """The stack frames of the first trace among the lines, outermost first."""
    found: list[Frame] = []
    for text in texts:
        match = _FRAME.match(text)
        if match:
            line = int(match[3]) if match[3] else None
            found.append(Frame(path=match[2], line=line, function=match[1]))
        elif found and not text.lstrip().startswith("..."):
            break
    return tuple(reversed(found))
