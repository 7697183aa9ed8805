"""The command to go on with, as a shell takes it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from sickbay.render.page import Quote, line

if TYPE_CHECKING:
    from sickbay.render.page import Line


def next_step(command: str, test_id: str) -> Line:
    """A line with the command of ``sickbay history`` that looks at this test."""
    said = Quote(f"sickbay history {command} {shlex.quote(test_id)}")
    return line("Next: ", said, mood="bold")
