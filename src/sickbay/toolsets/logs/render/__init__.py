"""Reports made readable: a page for a terminal, and markdown for an issue."""

from __future__ import annotations

from sickbay.toolsets.logs.render.issue import markdown
from sickbay.toolsets.logs.render.page import text
from sickbay.toolsets.logs.render.plain import printable

__all__ = ["markdown", "printable", "text"]
