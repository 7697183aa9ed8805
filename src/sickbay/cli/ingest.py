"""``sickbay ingest``: short for ``sickbay history ingest``."""

from __future__ import annotations

from sickbay.toolsets.history.cli.ingest import app as ingest

__all__ = ["ingest"]
