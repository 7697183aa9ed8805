"""Answers of GitHub, each asked for once and kept for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from anyio import to_thread

from sickbay.clients.cache import Disk, Kept, Memory
from sickbay.clients.once import Once
from sickbay.clients.tolerant import Tolerant
from sickbay.core.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime
    from pathlib import Path

T = TypeVar("T")

SOON = 60.0
"""Seconds that an answer holds which may change any time."""

FIXED = 30 * 86_400.0
"""The same of what belongs to a commit."""

MEMORY_BYTES = 64 << 20


class Shelf:
    """Keeps values in memory and, packed, in a folder.

    Args:
        folder: Where; without one they are kept in memory only.
        place: What they are of, which keys do not say.
        now: The time.
    """

    def __init__(
        self, folder: Path | None, *, place: str, now: Callable[[], datetime]
    ) -> None:
        self._place = place
        self._memory = Memory(MEMORY_BYTES, now)
        self._disk = Disk(folder, now=now) if folder else None
        self._now = now
        self._once = Once()
        self._edition = 0

    def outdate(self) -> None:
        """Keep nothing that was read so far: something has been changed."""
        self._edition += 1

    async def __call__(
        self,
        key: str,
        kind: type[T],
        work: Callable[[], Coroutine[Any, Any, T]],
        *,
        holds_s: float = SOON,
        refresh: bool = False,
    ) -> T:
        """The value, kept or new.

        Args:
            key: Of the value.
            kind: Its type.
            work: Gets a new one.
            holds_s: How long it is kept.
            refresh: Get a new one, whatever is kept.
        """
        key = f"{self._place} {self._edition} {key}"
        kept = None if refresh else self._memory.get(key)
        if kept is None:
            kept = await self._once(
                (key, refresh),
                lambda: self._new(key, kind, work, holds_s, refresh=refresh),
            )
            self._memory.put(key, kept)
        value: T = kept.value
        return value

    async def _new(
        self,
        key: str,
        kind: type[T],
        work: Callable[[], Coroutine[Any, Any, T]],
        holds_s: float,
        *,
        refresh: bool,
    ) -> Kept:
        stored = None
        if not refresh:
            stored = await to_thread.run_sync(self._stored, key, kind)
        if stored:
            return stored
        value = await work()
        body = await to_thread.run_sync(msgspec.json.encode, value)
        until = self._now().timestamp() + holds_s
        if self._disk:
            await to_thread.run_sync(self._disk.put, key, body, until)
        return Kept(value, len(body), until)

    def _stored(self, key: str, kind: type[T]) -> Kept | None:
        found = self._disk.get(key) if self._disk else None
        if found is None:
            return None
        body, until = found
        try:
            return Kept(Tolerant(kind)(body).value, len(body), until)
        except Malformed:  # another version of us wrote it
            return None
