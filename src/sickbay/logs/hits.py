"""Which rules hit, where, and which one wins."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from sickbay.logs.lines import decoded
from sickbay.logs.log import RuleHit
from sickbay.logs.report import RuleMatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.catalogue import Catalogue

MAX_HITS = 128
"""Hits of one rule that are kept from the beginning, and as many from the end."""

WINDOWS_PER_BLOCK = 4
"""Hits of one rule in one block whose surroundings are kept."""


class HitBook:
    """Confirmed rule hits: some of each rule from both ends, counts, and the winner."""

    def __init__(self, wanted: Catalogue) -> None:
        self._wanted = wanted
        self._first: dict[int, list[RuleHit]] = {}
        self._last: dict[int, deque[RuleHit]] = {}
        self._last_line: dict[int, tuple[RuleHit, bytes]] = {}
        self._in_block: Counter[int] = Counter()
        self._dropping = False
        self._drop_line = False
        self.counts: Counter[str] = Counter()

    def drop(self, name: str) -> None:
        """Note a line that rules must not see, or where such a block begins or ends."""
        self._drop_line = True
        if name != "drop.line":
            self._dropping = name == "drop.begin"

    def end_line(self) -> None:
        """All hits of a line were added."""
        self._drop_line = False

    def end_block(self) -> None:
        """All lines of a block were added."""
        self._in_block.clear()

    def add(self, ident: int, number: int, line: bytes) -> bool:
        """File one hit if it is true; say whether to keep its surroundings."""
        if self._dropping or self._drop_line:
            return False
        captures = self._wanted.expressions[ident].captures(line)
        if captures is None:
            return False
        rule = self._wanted.rules[ident]
        hit = RuleHit(rule, number, captures)
        self.counts[rule.name] += 1
        first = self._first.setdefault(ident, [])
        if len(first) < MAX_HITS:
            first.append(hit)
        else:
            self._last.setdefault(ident, deque(maxlen=MAX_HITS)).append(hit)
        if ident < self._wanted.ranked:
            self._last_line[ident] = (hit, line)
        self._in_block[ident] += 1
        return self._in_block[ident] <= WINDOWS_PER_BLOCK

    def in_order(self) -> Sequence[RuleHit]:
        """The kept hits in log order."""
        kept = [hit for hits in self._first.values() for hit in hits]
        kept += [hit for hits in self._last.values() for hit in hits]
        return sorted(kept, key=lambda hit: hit.number)

    def winner(self) -> RuleMatch | None:
        """The first rule of the file that matched, at its last matching line."""
        if not self._last_line:
            return None
        ident = min(self._last_line)
        hit, line = self._last_line[ident]
        return RuleMatch(
            rule=hit.rule.name,
            rule_index=ident,
            line_number=hit.number,
            line=decoded(line),
            captures=hit.captures,
        )
