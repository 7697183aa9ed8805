"""Which rules hit, where, and which one wins."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sickbay.logs.lines import decoded
from sickbay.logs.log import RuleHit
from sickbay.logs.report import RuleMatch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.catalogue import Catalogue
    from sickbay.logs.rules.expression import Expression
    from sickbay.logs.rules.model import Rule

MAX_HITS = 128
"""Hits of one rule that are kept from the beginning, and as many from the end."""

CONFIRMED = 3
"""Hits of one rule at either end of a block that are confirmed."""

WINDOWS_PER_BLOCK = 2
"""Hits of one rule in one block whose surroundings are kept."""


@dataclass(slots=True)
class Found:
    """A line that patterns ended on: offsets in its block, which patterns, number."""

    start: int
    stop: int
    idents: set[int] = field(default_factory=set)
    number: int = 0


def by_line(block: bytes, hits: list[tuple[int, int]]) -> Iterator[Found]:
    """Group hits by the line they end on.

    Args:
        block: Whole lines.
        hits: ``(end offset, pattern index)``, ends ascending.
    """
    line: Found | None = None
    for end, ident in hits:
        last = max(end - 1, 0)
        if line is None or last > line.stop:
            if line is not None:
                yield line
            start = block.rfind(b"\n", 0, last) + 1
            stop = block.find(b"\n", last)
            line = Found(start, stop if stop >= 0 else len(block))
        line.idents.add(ident)
    if line is not None:
        yield line


class HitBook:
    """Confirmed rule hits: some of each rule from both ends, counts, and the winner."""

    def __init__(self, wanted: Catalogue) -> None:
        self._wanted = wanted
        self._first: dict[int, list[RuleHit]] = {}
        self._last: dict[int, deque[RuleHit]] = {}
        self._last_line: dict[int, tuple[RuleHit, bytes]] = {}
        self._counted: set[int] = set()
        self.counts: Counter[str] = Counter()

    def add(self, block: bytes, candidates: dict[int, list[Found]]) -> list[Found]:
        """File the true hits of one block.

        Of a rule that many lines of a block may match, the first and the last true ones
        are confirmed; those between them only count.

        Returns:
            The lines whose surroundings are worth keeping.
        """
        windows: list[Found] = []
        for ident, lines in candidates.items():
            true = self._confirmed(ident, block, lines)
            windows += true[:WINDOWS_PER_BLOCK]
        return windows

    def _confirmed(self, ident: int, block: bytes, lines: list[Found]) -> list[Found]:
        head, looked = self._true(ident, block, lines)
        tail, more = self._true(ident, block, lines[looked:][::-1])
        true = head + tail[::-1]
        for found, hit in true:
            self._file(ident, hit, block[found.start : found.stop])
        if true:
            between = len(lines) - looked - more
            self.counts[self._wanted.rules[ident].name] += len(true) + between
            if between or len(self._last.get(ident, ())) == MAX_HITS:
                self._counted.add(ident)
        return [found for found, _ in true]

    def _true(
        self, ident: int, block: bytes, lines: list[Found]
    ) -> tuple[list[tuple[Found, RuleHit]], int]:
        """The first true hits among lines, and how many lines were looked at."""
        expression, rule = self._wanted.expressions[ident], self._wanted.rules[ident]
        true: list[tuple[Found, RuleHit]] = []
        for looked, found in enumerate(lines, 1):
            captures = expression.captures(block[found.start : found.stop])
            if captures is not None:
                true.append((found, RuleHit(rule, found.number, captures)))
                if len(true) == CONFIRMED:
                    return true, looked
        return true, len(lines)

    def _file(self, ident: int, hit: RuleHit, line: bytes) -> None:
        first = self._first.setdefault(ident, [])
        if len(first) < MAX_HITS:
            first.append(hit)
        else:
            self._last.setdefault(ident, deque(maxlen=MAX_HITS)).append(hit)
        if ident < self._wanted.ranked:
            self._last_line[ident] = (hit, line)

    def in_order(self) -> Sequence[RuleHit]:
        """The kept hits in log order, on one line the rule of higher priority first."""
        kept = [
            (hit.number, ident, hit)
            for book in (self._first, self._last)
            for ident, hits in book.items()
            for hit in hits
        ]
        return [hit for _, _, hit in sorted(kept, key=lambda entry: entry[:2])]

    def counted(self) -> Sequence[tuple[Rule, Expression]]:
        """The rules of which not all hits are kept, and what confirms one."""
        wanted = self._wanted
        return [(wanted.rules[i], wanted.expressions[i]) for i in sorted(self._counted)]

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
