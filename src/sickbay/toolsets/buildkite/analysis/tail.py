"""The last lines of a log, of which only the end is here."""

from __future__ import annotations

from dataclasses import dataclass

from sickbay.render.words import brief

ROOM = 5_500
"""Bytes of lines that an answer has room for."""

_QUOTES = 3
"""Bytes of a line in JSON besides its text."""


@dataclass(frozen=True, slots=True)
class Tail:
    """Lines as a terminal would show them; ``whole`` if the log has no others."""

    lines: tuple[str, ...]
    whole: bool


def log_tail(data: bytes, count: int, whole: bool) -> Tail:  # noqa: FBT001 - called by position in a thread
    """The last lines that fit into an answer.

    Args:
        data: The end of a log, which may begin amid a line.
        count: How many lines are wanted.
        whole: Whether the data is all of the log.
    """
    from sickbay.logs.excerpt import tail  # noqa: PLC0415 - brings the log engine
    from sickbay.logs.stream import Stream  # noqa: PLC0415 - see above

    if not whole:
        data = data.partition(b"\n")[2] or data
    seen = tail(Stream([data]), count + 1).lines
    texts = [brief(item.text) for item in seen[-count:]]
    kept: list[str] = []
    room = ROOM
    for text in reversed(texts):
        room -= len(text.encode("utf-8", "replace")) + _QUOTES
        if room < 0 and kept:
            break
        kept.append(text)
    complete = whole and len(kept) == len(seen)
    return Tail(tuple(reversed(kept)), complete)
