"""A rule: a pattern over one line, and what a line like that says about the failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sickbay.logs.report import Category


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a rule file.

    A file of PyTorch's log classifier has ``name`` and ``pattern`` only; our own packs
    say more.

    Args:
        name: What the failure is called. Names may repeat within a file.
        pattern: RE2 syntax, matched against one cleaned line as bytes.
        fault: Whose fault such a line speaks of.
        weight: How likely such a line is what a person would point at, 0 to 1: 0.9 for
            a line that by itself is the cause, 0.5 for a symptom, 0.2 for a hint.
        before: Lines before it that belong to the same message.
        after: Lines after it that belong to the same message.
        pack: The pack (or file) it comes from.
    """

    name: str
    pattern: str
    fault: Category = "unknown"
    weight: float = 0.5
    before: int = 0
    after: int = 0
    pack: str = ""
