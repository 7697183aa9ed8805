"""Places in a log in words, the same on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sickbay.logs.hunks import Hunk
    from sickbay.logs.report import Cause


def lines_of(part: Cause | Hunk) -> str:
    """Where in the log it is: ``line 7`` or ``lines 7-12``."""
    if part.line_start == part.line_end:
        return f"line {part.line_start}"
    return f"lines {part.line_start}-{part.line_end}"
