"""The natural borders of a message: where a span that a person would mark ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.causes.filler import (
    is_blank,
    is_frame,
    is_header,
    is_progress,
    is_wrapper,
    speaker,
    spoken,
)

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from sickbay.logs.causes.scopes import Scope
    from sickbay.logs.lines import Lines

MAX_LINES = 10
"""A cause is never longer."""

LEAD = 3
"""Lines before the message that may belong to it."""

MAX_FRAMES = 2
"""Frames of a stack that are shown with the message above them."""

TRACEBACK = "Traceback (most recent call last)"
MAX_TRACEBACK = 400
"""Lines of a traceback that are read to find its end."""

OPENING = frozenset({"heading", "entry"})
"""Kinds whose message begins after a blank line."""


def span(
    lines: Lines, number: int, scope: Scope, kinds: AbstractSet[str]
) -> tuple[int, int]:
    """The message around one line, within its scope.

    Upwards it takes the paragraph's neighbouring lines (at most ``LEAD``), downwards
    the rest of the paragraph, with no more than ``MAX_FRAMES`` frames of a stack. A
    heading takes the paragraph below it too. All of it is of one process.
    """
    top = number
    who = speaker(lines.text(number) or "")
    lowest = max(scope.first, number - LEAD)
    while top > lowest and _belongs(_said(lines, top - 1, who)):
        top -= 1
    bottom, frames = number, 0
    may_bridge = not OPENING.isdisjoint(kinds)
    for following in range(number + 1, min(scope.last, top + MAX_LINES - 1) + 1):
        text = _said(lines, following, who)
        if text is None or is_wrapper(text) or is_progress(text) or is_header(text):
            break
        if is_blank(text):
            if not may_bridge:
                break
            continue
        may_bridge = may_bridge and following == bottom + 1
        frames += is_frame(text)
        if frames > MAX_FRAMES:
            break
        bottom = following
    return top, bottom


def raised(lines: Lines, number: int) -> int:
    """The line that says what was raised, for a Python traceback that starts here."""
    head = lines.text(number) or ""
    column, who = head.find(TRACEBACK), speaker(head)
    if column < 0:
        return number
    for following in range(number + 1, number + MAX_TRACEBACK):
        text = lines.text(following)
        if text is None:
            break
        if who and speaker(text) != who:
            continue
        if text[column : column + 1].strip():
            return following
    return number


def _said(lines: Lines, number: int, who: str) -> str | None:
    """What a process says on a line; ``None`` if the line is not its own."""
    text = lines.text(number)
    return None if text is None or speaker(text) != who else spoken(text)


def _belongs(text: str | None) -> bool:
    """Whether the line above a message may be a part of it."""
    return text is not None and not (
        is_blank(text) or is_wrapper(text) or is_progress(text) or is_header(text)
    )
