"""Finding: which of hundreds of patterns hit in a block of lines, in one pass."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Protocol

from sickbay import __version__
from sickbay.logs.rules.expression import compiled
from sickbay.logs.rules.tail import to_find

if TYPE_CHECKING:
    from collections.abc import Sequence

    Hit = tuple[int, int]

try:
    import hyperscan

    HAVE_HYPERSCAN = True
except ImportError:  # pragma: no cover - no wheel for this platform
    HAVE_HYPERSCAN = False


class DatabaseCache(Protocol):
    """Keeps compiled databases between runs: loading is quick, compiling is not."""

    def get(self, key: str) -> bytes | None:
        """The stored database, or ``None``."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Store a database; failing to is no error."""
        ...


class Engine(Protocol):
    """Finds pattern hits in blocks of whole lines."""

    def scan(self, block: bytes) -> list[Hit]:
        """Every hit as ``(end offset, pattern index)``, ends ascending.

        A hit may be false (its pattern may have run over a line end, and its tail is
        not looked at), so the caller confirms it on its line; none is missing.
        """
        ...


def engine(patterns: Sequence[str], cache: DatabaseCache | None = None) -> Engine:
    """The fastest engine there is here.

    Args:
        patterns: RE2 syntax, already validated.
        cache: Where compiled databases are kept.
    """
    if HAVE_HYPERSCAN:
        return HyperscanEngine(patterns, cache)
    return Re2Engine(patterns)  # pragma: no cover - no wheel for this platform


class HyperscanEngine:
    """Hyperscan, block mode: the whole rule set in one automaton.

    A pattern that Hyperscan does not take (it can match nothing at all, or is too
    large) hits on every line, so that what confirms it has the last word.
    """

    def __init__(
        self, patterns: Sequence[str], cache: DatabaseCache | None = None
    ) -> None:
        key = _key(patterns)
        stored = _unpacked(cache.get(key)) if cache else None
        if stored is None:
            stored = _database([to_find(pattern).encode() for pattern in patterns])
            if cache:
                cache.put(key, _packed(*stored))
        self._database, self._refused = stored
        self._scratch = hyperscan.Scratch(self._database)

    def scan(self, block: bytes) -> list[Hit]:
        """See ``Engine.scan``."""
        hits: list[Hit] = []
        add = hits.append

        def found(ident: int, _start: int, end: int, _flags: int, _ctx: object) -> None:
            add((end, ident))

        if not block:
            return hits
        self._database.scan(block, match_event_handler=found, scratch=self._scratch)
        if self._refused:
            ends = _line_ends(block)
            hits.extend((end + 1, ident) for end in ends for ident in self._refused)
            hits.sort()
        return hits


def _database(sources: Sequence[bytes]) -> tuple[Any, list[int]]:
    """Compile all but those that cannot be, or match nothing at all; name these."""
    refused = [
        ident for ident, source in enumerate(sources) if _matches_nothing(source)
    ]
    taken = [pair for pair in enumerate(sources) if pair[0] not in refused]
    try:
        return _compiled(taken), refused
    except hyperscan.error:
        fine = [pair for pair in taken if _compiles(pair)]
        refused += [ident for ident, source in taken if (ident, source) not in fine]
        return _compiled(fine), sorted(refused)


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


def _packed(database: Any, refused: list[int]) -> bytes:  # noqa: ANN401 - no types
    head = ",".join(map(str, refused)).encode()
    return head + b"\n" + hyperscan.dumpb(database)


def _unpacked(stored: bytes | None) -> tuple[Any, list[int]] | None:
    if stored is None:
        return None
    head, _, body = stored.partition(b"\n")
    try:
        refused = [int(ident) for ident in head.split(b",") if ident]
        return hyperscan.loadb(body, hyperscan.HS_MODE_BLOCK), refused
    except (ValueError, hyperscan.error):  # damaged, or of another processor
        return None


def _key(patterns: Sequence[str]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{getattr(hyperscan, '__version__', '')} {__version__}".encode())
    for pattern in patterns:
        source = pattern.encode()
        digest.update(b"%d:" % len(source) + source)
    return digest.hexdigest()


class Re2Engine:
    """RE2: one union finds the lines, a set says which patterns are on each."""

    def __init__(self, patterns: Sequence[str]) -> None:
        import re2  # noqa: PLC0415 - only where hyperscan cannot serve

        sources = [to_find(pattern) for pattern in patterns]
        union = "(?m:" + "|".join(f"(?:{source})" for source in sources) + ")"
        options = re2.Options()
        options.encoding = re2.Options.Encoding.LATIN1
        options.max_mem = 256 << 20
        self._union = re2.compile(union.encode(), options)
        self._set = re2.Set.SearchSet(options)
        for source in sources:
            self._set.Add(source.encode())
        self._set.Compile()

    def scan(self, block: bytes) -> list[Hit]:
        """See ``Engine.scan``."""
        hits: list[Hit] = []
        position = 0
        while position < len(block) and (found := self._union.search(block, position)):
            start = block.rfind(b"\n", 0, found.start()) + 1
            end = _line_end(block, max(found.end() - 1, found.start()))
            while start <= end and start < len(block):
                stop = _line_end(block, start)
                idents = self._set.Match(block[start:stop])
                hits.extend((stop + 1, ident) for ident in sorted(idents))
                start = stop + 1
            position = end + 1
        return hits


def _line_end(block: bytes, position: int) -> int:
    end = block.find(b"\n", position)
    return len(block) if end < 0 else end


def _line_ends(block: bytes) -> list[int]:
    ends, start = [], 0
    while start < len(block):
        ends.append(_line_end(block, start))
        start = ends[-1] + 1
    return ends
