"""What the messages of commits and pull requests say about issues."""

from __future__ import annotations

from sickbay.logs.pattern import Pattern

_FIXES = Pattern(
    r"(?i)\b(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?):?\s+"
    r"(?:https?://[\w./-]{1,100}/issues/|[\w.-]{1,100}/[\w.-]{1,100}#|#)([0-9]{1,9})\b"
)


def fixed_issues(message: str) -> frozenset[int]:
    """Numbers of the issues that a message says to fix, as GitHub reads it."""
    return frozenset(int(found[1]) for found in _FIXES.finditer(message))
