"""What Ruby's test frameworks share: backtrace lines, ``Type: message``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.frameworks.results import Frame
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

_FRAME = Pattern(r"\s*(?:# )?([^\s:][^:]*?):(\d+)(?::in [`'](.+)')?$")
_RAISED = Pattern(r"((?:[A-Z]\w*::)*[A-Z]\w*): ?(.*)$")


def frames(texts: Iterable[str]) -> tuple[Frame, ...]:
    """The backtrace lines among the lines, outermost first."""
    found = [match for match in map(_FRAME.match, texts) if match]
    return tuple(
        Frame(path=match[1], line=int(match[2]), function=match[3] or None)
        for match in reversed(found)
    )


def is_frame(text: str) -> bool:
    """Whether a line is one of a backtrace."""
    return bool(_FRAME.match(text))


def raised(text: str) -> tuple[str | None, str]:
    """Type and message of an exception, from the line that shows both."""
    match = _RAISED.match(text.strip())
    return (match[1], match[2]) if match else (None, text.strip())
