"""Finding: which of hundreds of patterns hit in a block of lines, in one pass."""

from __future__ import annotations

import hashlib
import threading
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Protocol

from sickbay.logs.rules.expression import compiled
from sickbay.logs.rules.gate import gate, is_gated, spread
from sickbay.logs.rules.tail import to_find

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.recall import Cache

    Hit = tuple[int, int]

try:
    import hyperscan

    HAVE_HYPERSCAN = True
except ImportError:  # pragma: no cover - no wheel for this platform
    HAVE_HYPERSCAN = False


class Engine(Protocol):
    """Finds pattern hits in blocks of whole lines."""

    def scan(self, block: bytes) -> list[Hit]:
        """Every hit as ``(end offset, pattern index)``, ends ascending.

        A hit may be false (its pattern may have run over a line end, and its tail is
        not looked at), so the caller confirms it on its line; none is missing.
        """
        ...


SET_SIZE = 50
"""Patterns in one RE2 set; a set of all would not fit its memory."""

LAYOUT = "1"
"""Changes whenever the same patterns are made into other databases."""

GATED_FROM = 200
"""Patterns from which the gate costs less than it saves."""

GATE = 1 << 30
"""Ident of the gate among the patterns."""


def engine(patterns: Sequence[str], cache: Cache | None = None) -> Engine:
    """The fastest engine there is here.

    Args:
        patterns: RE2 syntax, already validated.
        cache: Where compiled databases are kept.
    """
    if HAVE_HYPERSCAN:
        return HyperscanEngine(patterns, cache)
    return Re2Engine(patterns)  # pragma: no cover - no wheel for this platform


class HyperscanEngine:
    """Hyperscan, block mode: the whole rule set in two automata.

    The first goes over everything. It holds the gate's words, and the patterns that
    match lines without any of them; the second sees only lines that have such a word.
    A pattern that Hyperscan does not take (it can match nothing at all, or is too
    large) hits on every line, so that what confirms it has the last word.
    """

    def __init__(self, patterns: Sequence[str], cache: Cache | None = None) -> None:
        key = _key(patterns)
        stored = _unpacked(cache.get(key)) if cache else None
        if stored is None:
            stored = _databases(patterns)
            if cache:
                cache.put(key, _packed(*stored))
        self._first, self._second, self._refused = stored
        self._own = threading.local()

    def scan(self, block: bytes) -> list[Hit]:
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

        scratch, second_scratch = self._scratches()
        self._first.scan(block, match_event_handler=found, scratch=scratch)
        if opened:
            hits += self._behind_the_gate(block, opened, second_scratch)
        if self._refused:
            ends = _line_ends(block)
            hits.extend((end + 1, ident) for end in ends for ident in self._refused)
        hits.sort()
        return hits

    def _scratches(self) -> tuple[Any, Any]:
        """Room to work in, which threads cannot share."""
        found: tuple[Any, Any] | None = getattr(self._own, "scratches", None)
        if found is None:
            found = hyperscan.Scratch(self._first), hyperscan.Scratch(self._second)
            self._own.scratches = found
        return found

    def _behind_the_gate(
        self,
        block: bytes,
        opened: list[int],
        scratch: Any,  # noqa: ANN401 - no types
    ) -> list[Hit]:
        """Hits on the lines that hold a word of the gate, as offsets in the block."""
        starts, lines, stop = [], [], -1
        for end in opened:
            if end <= stop:
                continue  # another word on the same line
            start = block.rfind(b"\n", 0, end - 1) + 1
            stop = _line_end(block, end - 1)
            starts.append(start)
            lines.append(block[start:stop])
        begins = list(accumulate((len(line) + 1 for line in lines), initial=0))
        hits: list[Hit] = []

        def found(ident: int, _start: int, end: int, _flags: int, _ctx: object) -> None:
            line = bisect_right(begins, end - 1) - 1
            hits.append((starts[line] + end - begins[line], ident))

        self._second.scan(b"\n".join(lines), match_event_handler=found, scratch=scratch)
        return hits


def _databases(patterns: Sequence[str]) -> tuple[Any, Any, list[int]]:
    """Compile all but those that cannot be, or match nothing at all; name these."""
    gated = len(patterns) >= GATED_FROM
    first: list[tuple[int, bytes]] = []
    if gated:
        first += [(GATE, word.encode()) for word in gate()]
    second: list[tuple[int, bytes]] = []
    refused = []
    for ident, pattern in enumerate(patterns):
        shortest = to_find(pattern)
        if _matches_nothing(shortest.encode()):
            refused.append(ident)
            continue
        for part in spread(shortest) if gated else [shortest]:
            behind = gated and is_gated(part)
            (second if behind else first).append((ident, part.encode()))
    try:
        return _compiled(first), _compiled(second), refused
    except hyperscan.error:
        wrong = {pair[0] for pair in first + second if not _compiles(pair)}
        first, second = (
            [pair for pair in pairs if pair[0] not in wrong]
            for pairs in (first, second)
        )
        return _compiled(first), _compiled(second), sorted(wrong.union(refused))


def _matches_nothing(source: bytes) -> bool:
    """Whether the match can be empty: its end then tells nothing of its line."""
    expression = compiled(source.decode())
    return any(
        (found := expression.search(probe)) is not None and found.end() == found.start()
        for probe in (b"", b"a ", b" a")
    )


def _compiles(pair: tuple[int, bytes]) -> bool:
    try:
        _compiled([pair])
    except hyperscan.error:
        return False
    return True


def _compiled(sources: Sequence[tuple[int, bytes]]) -> Any:  # noqa: ANN401 - no types
    sources = sources or [(0, b"no such rule")]
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[source for _, source in sources],
        ids=[ident for ident, _ in sources],
        flags=[hyperscan.HS_FLAG_MULTILINE] * len(sources),
    )
    return database


def _packed(first: Any, second: Any, refused: list[int]) -> bytes:  # noqa: ANN401 - no types
    one = hyperscan.dumpb(first)
    head = ",".join(map(str, [len(one), *refused])).encode()
    return head + b"\n" + one + hyperscan.dumpb(second)


def _unpacked(stored: bytes | None) -> tuple[Any, Any, list[int]] | None:
    if stored is None:
        return None
    head, _, body = stored.partition(b"\n")
    try:
        length, *refused = map(int, head.split(b","))
        first = hyperscan.loadb(body[:length], hyperscan.HS_MODE_BLOCK)
        second = hyperscan.loadb(body[length:], hyperscan.HS_MODE_BLOCK)
    except (ValueError, hyperscan.error):  # damaged, or of another processor
        return None
    return first, second, refused


def _key(patterns: Sequence[str]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    version = getattr(hyperscan, "__version__", "")
    for part in (version, LAYOUT, *gate(), *patterns):
        source = part.encode()
        digest.update(b"%d:" % len(source) + source)
    return digest.hexdigest()


class Re2Engine:
    """RE2: one union finds the lines, sets say which patterns are on each."""

    def __init__(self, patterns: Sequence[str]) -> None:
        import re2  # noqa: PLC0415 - only where hyperscan cannot serve

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

    def scan(self, block: bytes) -> list[Hit]:
        """See ``Engine.scan``."""
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
