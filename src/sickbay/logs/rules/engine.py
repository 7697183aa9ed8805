"""Finding: which of hundreds of patterns hit in a block of lines, in one pass."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Protocol

from sickbay.logs.rules.database import GATE, HAVE_HYPERSCAN, databases, scratch
from sickbay.logs.rules.tail import to_find

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sickbay.logs.recall import Cache

    Hit = tuple[int, int]
    Span = tuple[int, int]


class Engine(Protocol):
    """Finds pattern hits in blocks of whole lines."""

    def scan(self, block: bytes, runs: Sequence[Span] = ()) -> list[Hit]:
        """Every hit as ``(end offset, pattern index)``, ends ascending.

        A hit may be false (its pattern may have run over a line end, and its tail is
        not looked at), so the caller confirms it on its line; none is missing.

        Args:
            block: The lines.
            runs: Offsets of neighbouring lines of it, in which the patterns that stand
                apart need not be found; ascending.
        """
        ...


SET_SIZE = 50
"""Patterns in one RE2 set; a set of all would not fit its memory."""

MANY = 3
"""With a word of the gate on every third line, it is faster to scan all of them."""


def engine(
    patterns: Sequence[str],
    cache: Cache | None = None,
    *,
    apart: Collection[int] = (),
) -> Engine:
    """The fastest engine there is here.

    Args:
        patterns: RE2 syntax, already validated.
        cache: Where compiled databases are kept.
        apart: Indices of the patterns that need not be found in runs.
    """
    if HAVE_HYPERSCAN:
        return HyperscanEngine(patterns, cache, apart=apart)
    return Re2Engine(patterns, apart=apart)  # pragma: no cover - no wheel here


class HyperscanEngine:
    """Hyperscan, block mode: the whole rule set in three automata.

    The first goes over everything. It holds the gate's words, and the patterns that
    match lines without any of them; the second sees only lines that have such a word,
    the third all lines but those of runs. A pattern that Hyperscan does not take (it
    can match nothing at all, or is too large) hits on every line, so that what
    confirms it has the last word.
    """

    def __init__(
        self,
        patterns: Sequence[str],
        cache: Cache | None = None,
        *,
        apart: Collection[int] = (),
    ) -> None:
        self._made = databases(patterns, frozenset(apart), cache)
        self._has_third = bool(apart)
        self._own = threading.local()

    def scan(self, block: bytes, runs: Sequence[Span] = ()) -> list[Hit]:
        """See ``Engine.scan``."""
        if not block:
            return []
        hits: list[Hit] = []
        opened: list[int] = []
        add, note = hits.append, opened.append

        def found(ident: int, _start: int, end: int, _flags: int, _ctx: object) -> None:
            if ident == GATE:
                note(end)
            else:
                add((end, ident))

        first, second, third = self._scratches()
        self._made.first.scan(block, match_event_handler=found, scratch=first)
        if opened:
            few = len(opened) < block.count(b"\n") // MANY
            lines = _lines_at(block, opened) if few else [(0, len(block))]
            hits += _scanned(self._made.second, block, lines, second)
        if self._has_third:
            rest = _between(runs, len(block))
            hits += _scanned(self._made.third, block, rest, third)
        if self._made.refused:
            ends = _line_ends(block)
            refused = self._made.refused
            hits.extend((end + 1, ident) for end in ends for ident in refused)
        hits.sort()
        return hits

    def _scratches(self) -> tuple[Any, Any, Any]:
        """Room to work in, which threads cannot share."""
        found: tuple[Any, Any, Any] | None = getattr(self._own, "scratches", None)
        if found is None:
            made = self._made
            one, two, three = map(scratch, (made.first, made.second, made.third))
            found = self._own.scratches = one, two, three
        return found


def _lines_at(block: bytes, offsets: Sequence[int]) -> list[Span]:
    """Where the lines are on which something ends; offsets ascend."""
    lines: list[Span] = []
    stop = -1
    for end in offsets:
        if end > stop:  # not on the same line again
            stop = _line_end(block, end - 1)
            lines.append((block.rfind(b"\n", 0, end - 1) + 1, stop))
    return lines


def _between(runs: Sequence[Span], size: int) -> list[Span]:
    """What is left of a block without some runs of lines, each without its line end."""
    edges = [0, *(edge for run in runs for edge in run), size + 1]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(start, stop - 1) for start, stop in pairs if start < min(stop, size)]


def _scanned(
    database: Any,  # noqa: ANN401 - no types
    block: bytes,
    parts: Sequence[Span],
    scratch: Any,  # noqa: ANN401 - no types
) -> list[Hit]:
    """Hits in parts of a block, whole lines each, as offsets in the block."""
    texts = [block[start:stop] for start, stop in parts]
    begins = list(accumulate((len(text) + 1 for text in texts), initial=0))
    hits: list[Hit] = []

    def found(ident: int, _start: int, end: int, _flags: int, _ctx: object) -> None:
        part = bisect_right(begins, end - 1) - 1
        hits.append((parts[part][0] + end - begins[part], ident))

    database.scan(b"\n".join(texts), match_event_handler=found, scratch=scratch)
    return hits


class Re2Engine:
    """RE2: one union finds the lines, sets say which patterns are on each."""

    def __init__(self, patterns: Sequence[str], *, apart: Collection[int] = ()) -> None:
        import re2  # noqa: PLC0415 - only where hyperscan cannot serve

        self._apart = frozenset(apart)
        sources = [to_find(pattern) for pattern in patterns]
        union = "(?m:" + "|".join(f"(?:{source})" for source in sources) + ")"
        options = re2.Options()
        options.encoding = re2.Options.Encoding.LATIN1
        options.max_mem = 256 << 20
        self._union = re2.compile(union.encode(), options)
        self._sets = []
        for first in range(0, len(sources), SET_SIZE):
            group = re2.Set.SearchSet(options)
            for source in sources[first : first + SET_SIZE]:
                group.Add(source.encode())
            group.Compile()
            self._sets.append((first, group))

    def scan(self, block: bytes, runs: Sequence[Span] = ()) -> list[Hit]:
        """See ``Engine.scan``."""
        hits = self._hits(block)
        if self._apart and runs:
            starts = [start for start, _ in runs]
            hits = [
                (end, ident)
                for end, ident in hits
                if ident not in self._apart
                or not (run := bisect_left(starts, end))
                or end > runs[run - 1][1]
            ]
        return hits

    def _hits(self, block: bytes) -> list[Hit]:
        hits: list[Hit] = []
        position = 0
        while position < len(block) and (found := self._union.search(block, position)):
            start = block.rfind(b"\n", 0, found.start()) + 1
            end = _line_end(block, max(found.end() - 1, found.start()))
            while start <= end and start < len(block):
                stop = _line_end(block, start)
                line = block[start:stop]
                hits.extend((stop + 1, ident) for ident in self._on(line))
                start = stop + 1
            position = end + 1
        return hits

    def _on(self, line: bytes) -> Iterator[int]:
        for first, group in self._sets:
            for index in sorted(group.Match(line) or ()):
                yield first + index


def _line_end(block: bytes, position: int) -> int:
    end = block.find(b"\n", position)
    return len(block) if end < 0 else end


def _line_ends(block: bytes) -> list[int]:
    ends, start = [], 0
    while start < len(block):
        ends.append(_line_end(block, start))
        start = ends[-1] + 1
    return ends
