"""What is worked out once per version of its sources, and kept for the next start."""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Row = TypeVar("Row", bound=Any)


class Cache(Protocol):
    """Keeps bytes between runs."""

    def get(self, key: str) -> bytes | None:
        """The stored bytes, or ``None``."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Store bytes; failing to is no error."""
        ...


def recalled(
    cache: Cache | None,
    name: str,
    sources: Iterable[bytes],
    kind: type[Row],
    make: Callable[[], Iterable[Row]],
) -> tuple[Row, ...]:
    """Dataclasses of plain values: kept ones if their sources are still the same.

    Args:
        cache: Where they are kept, if at all.
        name: What they are called there.
        sources: All that they are made from.
        kind: Their class.
        make: Makes them.
    """
    if cache is None:
        return tuple(make())
    digest = hashlib.blake2b(digest_size=16)
    for source in sources:
        digest.update(b"%d:" % len(source) + source)
    key = f"{name}-{digest.hexdigest()}"
    rows = _stored(cache.get(key), kind)
    if rows is None:
        rows = tuple(make())
        cache.put(key, json.dumps([astuple(row) for row in rows]).encode())
    return rows


def _stored(kept: bytes | None, kind: type[Row]) -> tuple[Row, ...] | None:
    try:
        return tuple(kind(*row) for row in json.loads(kept)) if kept else None
    except (ValueError, TypeError):  # damaged
        return None
