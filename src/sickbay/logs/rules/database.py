"""Hyperscan's databases: compiled from patterns, and kept between runs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sickbay.logs.rules.expression import compiled
from sickbay.logs.rules.gate import gate, is_gated, spread
from sickbay.logs.rules.tail import to_find

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sickbay.logs.recall import Cache

try:
    import hyperscan

    HAVE_HYPERSCAN = True
except ImportError:  # pragma: no cover - no wheel for this platform
    HAVE_HYPERSCAN = False

LAYOUT = "2"
"""Changes whenever the same patterns are made into other databases."""

GATED_FROM = 200
"""Patterns from which the gate costs less than it saves."""

GATE = 1 << 30
"""Ident of the gate among the patterns."""


@dataclass(frozen=True, slots=True)
class Databases:
    """What a set of patterns was compiled into.

    Args:
        first: The gate's words, and the patterns that match lines without any of them.
        second: The patterns that match lines with such a word only.
        third: The patterns that are not looked for in runs.
        refused: Indices of those that Hyperscan does not take.
    """

    first: Any
    second: Any
    third: Any
    refused: Sequence[int]


def databases(
    patterns: Sequence[str], apart: Collection[int], cache: Cache | None
) -> Databases:
    """The databases of these patterns, compiled once.

    Args:
        patterns: RE2 syntax, already validated.
        apart: Indices of the patterns that are not looked for in runs.
        cache: Where compiled databases are kept.
    """
    key = _key(patterns, apart)
    stored = _unpacked(cache.get(key)) if cache else None
    if stored is None:
        stored = _made(patterns, apart)
        if cache:
            cache.put(key, _packed(stored))
    return stored


def scratch(database: Any) -> Any:  # noqa: ANN401 - no types
    """Room to work in, which threads cannot share."""
    return hyperscan.Scratch(database)


def _made(patterns: Sequence[str], apart: Collection[int]) -> Databases:
    """Compile all but those that cannot be, or match nothing at all; name these."""
    gated = len(patterns) >= GATED_FROM
    bare = [(GATE, word.encode()) for word in gate()] if gated else []
    behind: list[tuple[int, bytes]] = []
    beside: list[tuple[int, bytes]] = []
    refused = set()
    for ident, pattern in enumerate(patterns):
        shortest = to_find(pattern)
        if _matches_nothing(shortest.encode()):
            refused.add(ident)
        elif ident in apart:
            beside.append((ident, shortest.encode()))
        else:
            for part in spread(shortest) if gated else [shortest]:
                sources = behind if gated and is_gated(part) else bare
                sources.append((ident, part.encode()))
    try:
        first, second, third = map(_compiled, (bare, behind, beside))
    except hyperscan.error:
        every = (*bare, *behind, *beside)
        refused.update(pair[0] for pair in every if not _compiles(pair))
        first, second, third = (
            _compiled([pair for pair in sources if pair[0] not in refused])
            for sources in (bare, behind, beside)
        )
    return Databases(first, second, third, sorted(refused))


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


def _packed(made: Databases) -> bytes:
    one, two, three = map(hyperscan.dumpb, (made.first, made.second, made.third))
    head = ",".join(map(str, [len(one), len(two), *made.refused])).encode()
    return b"".join((head, b"\n", one, two, three))


def _unpacked(stored: bytes | None) -> Databases | None:
    if stored is None:
        return None
    head, _, body = stored.partition(b"\n")
    try:
        one, two, *refused = map(int, head.split(b","))
        parts = body[:one], body[one : one + two], body[one + two :]
        first, second, third = (
            hyperscan.loadb(part, hyperscan.HS_MODE_BLOCK) for part in parts
        )
    except (ValueError, hyperscan.error):  # damaged, or of another processor
        return None
    return Databases(first, second, third, refused)


def _key(patterns: Sequence[str], apart: Collection[int]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    version = getattr(hyperscan, "__version__", "")
    for part in (version, LAYOUT, *gate(), *map(str, sorted(apart)), *patterns):
        source = part.encode()
        digest.update(b"%d:" % len(source) + source)
    return digest.hexdigest()
