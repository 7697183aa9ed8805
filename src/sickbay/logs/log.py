"""A log after the scan: its lines, where the anchors are, and which rules hit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.core.results import Skipped
    from sickbay.logs.anchors import Marks
    from sickbay.logs.lines import Lines
    from sickbay.logs.report import Ci, RuleMatch
    from sickbay.logs.rules.model import Rule
    from sickbay.logs.sections import Section


@dataclass(frozen=True, slots=True)
class RuleHit:
    """One line that one rule matched, confirmed, with what it captured."""

    rule: Rule
    number: int
    captures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Log:
    """Everything that the analysis of one log works on.

    ``hits`` are in log order; of a rule that hits very often, the first and the last
    ones are kept (``hit_counts`` has how many lines the scan found per rule name).
    """

    source: str
    bytes: int
    ci: Ci
    lines: Lines
    marks: Marks
    hits: Sequence[RuleHit] = ()
    hit_counts: dict[str, int] = field(default_factory=dict)
    rule_match: RuleMatch | None = None
    sections: Sequence[Section] = ()
    skipped: Sequence[Skipped] = ()
