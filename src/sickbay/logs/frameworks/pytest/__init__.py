"""Reads the output of pytest, all versions and verbosities, with its plug-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.frameworks.pytest.anchors import ANCHORS, NAME
from sickbay.logs.frameworks.pytest.session import session
from sickbay.logs.frameworks.pytest.stream import streams

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.frameworks.results import Session
    from sickbay.logs.log import Log

__all__ = ["ANCHORS", "NAME", "sessions"]


def sessions(log: Log) -> Sequence[Session]:
    """Every pytest session in the log, without those that tests printed."""
    found = [
        session(draft, stream.between)
        for stream in streams(log)
        for draft in stream.drafts()
    ]
    return sorted(found, key=lambda one: one.line_start)
