"""Fingerprints that people read: what a failure said, without what always varies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sickbay.core.untrusted import visible

if TYPE_CHECKING:
    from sickbay.ci.history.models import Run

LONGEST = 300
NUMBER = "<NUM>"
_NUMBERS = re.compile(r"<(?:N|F|L|DUR|SIZE|RATE|PCT)>")
"""The masks of ``sickbay.logs.masks`` that stand for a number and its unit."""


def fingerprint(text: str) -> str:
    """The text with everything masked that always varies, numbers as ``<NUM>``."""
    from sickbay.logs.masks import mask  # noqa: PLC0415 - compiles its patterns

    # An escape sequence holds numbers: masked, it could not be told from the text.
    return _NUMBERS.sub(NUMBER, mask(visible(text).strip()))[:LONGEST]


def said(run: Run) -> str | None:
    """What a failed run said first: its exception and message."""
    message = (run.message or "").strip()
    exception = (run.exception or "").strip()
    if exception and exception.rpartition(".")[2] not in message:
        return f"{exception}: {message}" if message else exception
    return message or None
