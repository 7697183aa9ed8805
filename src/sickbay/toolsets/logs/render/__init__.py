"""Reports made readable: a page for a terminal, and markdown for an issue."""

from __future__ import annotations

from sickbay.render.plain import printable
from sickbay.toolsets.logs.render.clusters import clusters_markdown, clusters_text
from sickbay.toolsets.logs.render.hunks import diff_markdown, diff_text
from sickbay.toolsets.logs.render.issue import markdown
from sickbay.toolsets.logs.render.page import text

__all__ = [
    "clusters_markdown",
    "clusters_text",
    "diff_markdown",
    "diff_text",
    "markdown",
    "printable",
    "text",
]
