"""What is wrong with a pattern, and where in it."""

from __future__ import annotations

from sickbay.core.errors import BadRequest
from sickbay.logs.rules.expression import MAX_MEMORY, compiled

MAX_POINTED_AT = 1000
"""Length of a pattern in which a mistake is looked for."""

MAX_SAID = 200
"""Characters of what the engine says that are passed on."""


def complaint(pattern: str, memory: int = MAX_MEMORY) -> str:
    """What the engine says against a pattern and at which column, or nothing.

    Args:
        pattern: Meant to be RE2 syntax.
        memory: Bytes that it may take.
    """
    reason = _reason(pattern, memory)
    if not reason:
        return ""
    column = _column(pattern, reason, memory)
    where = f" at column {column} of the pattern" if column else ""
    said = reason if reason.isprintable() else ascii(reason)
    return f"{said[:MAX_SAID]}{where}"


def _reason(pattern: str, memory: int) -> str:
    try:
        compiled(pattern, memory)
    except BadRequest as exc:
        said = exc.__cause__.args[0] if exc.__cause__ else exc.message
        return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    except UnicodeEncodeError:
        return "it is not valid UTF-8"
    return ""


def _column(pattern: str, reason: str, memory: int) -> int | None:
    """Where the mistake is: what the engine names, else after the part that is good."""
    _, _, part = reason.partition(": ")
    if not part or len(pattern) > MAX_POINTED_AT:
        return None
    good = len(pattern) - 1
    while good and _reason(pattern[:good], memory):
        good -= 1
    named = -1 if part == pattern else pattern.rfind(part, 0, good + len(part))
    return (good if named < 0 else named) + 1
