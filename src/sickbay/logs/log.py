"""A log after the scan: its lines, where the anchors are, and which rules hit."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.core.results import Skipped
    from sickbay.logs.anchors import Marks
    from sickbay.logs.lines import Lines
    from sickbay.logs.report import Ci, RuleMatch
    from sickbay.logs.rules.expression import Expression
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
    ones are kept (``hit_counts`` has how many lines the scan found per rule name);
    ``counted`` are those rules, with what confirms their other hits.
    """

    source: str
    bytes: int
    ci: Ci
    lines: Lines
    marks: Marks
    hits: Sequence[RuleHit] = ()
    counted: Sequence[tuple[Rule, Expression]] = ()
    hit_counts: dict[str, int] = field(default_factory=dict)
    rule_match: RuleMatch | None = None
    sections: Sequence[Section] = ()
    skipped: Sequence[Skipped] = ()

    def hits_on(self, first: int, last: int) -> list[RuleHit]:
        """Every hit on a few lines, those that were only counted included."""
        low = bisect_left(self.hits, first, key=_number)
        high = bisect_right(self.hits, last, key=_number)
        kept = list(self.hits[low:high])
        known = {(hit.rule, hit.number) for hit in kept}
        for number in range(first, last + 1) if self.counted else ():
            raw = self.lines.raw(number) or b""
            for rule, expression in self.counted:
                captures = expression.captures(raw)
                if captures is not None and (rule, number) not in known:
                    kept.append(RuleHit(rule, number, captures))
        return sorted(kept, key=_number)


def _number(hit: RuleHit) -> int:
    return hit.number
