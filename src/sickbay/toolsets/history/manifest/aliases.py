"""The name and arguments that clients of the predecessor still use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sickbay.core.manifest import Alias

Document = Mapping[str, Any]

_BYTES = 40_000
"""The old result came in one piece."""


def _old(document: Document) -> Document:
    """``confidence`` was a word."""
    verdict = document["assessment"]
    return {"assessment": {**verdict, "confidence": verdict["level"]}}


_TEST_HISTORY = Alias(name="", tool="test_history", result=_old, budget_bytes=_BYTES)

ALIASES = tuple(
    replace(_TEST_HISTORY, name=f"ciwatch{sign}test_history")
    for sign in (".", "_")  # some clients know no names with dots
)
