"""What the terminal can show."""

from __future__ import annotations

import os
import sys

WIDTH = 100
"""Columns of what is no terminal."""


def colour() -> bool:
    """Colour only on a terminal, and not where NO_COLOR asks for none."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def width() -> int:
    """Of the terminal, or as COLUMNS says; ``WIDTH`` where there is neither."""
    if not (sys.stdout.isatty() or os.environ.get("COLUMNS")):
        return WIDTH
    import shutil  # noqa: PLC0415 - brings all kinds of archives along

    return shutil.get_terminal_size((WIDTH, 24)).columns
