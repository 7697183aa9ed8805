"""What people type behind ``sickbay history``."""

from __future__ import annotations

from cyclopts import App

app = App(
    name="history",
    help="History: one test's story, flakes, culprits, and what is kept of builds.",
    help_format="plaintext",
)
