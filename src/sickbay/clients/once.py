"""Work that many want at the same time, done once for all of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")


class Once:
    """Does work once for all who ask for it while it is under way."""

    def __init__(self) -> None:
        self._running: dict[object, _Shared] = {}

    async def __call__(
        self, key: object, work: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        """What the work gives, or raises; it ends when nobody waits for it any more.

        Args:
            key: The same for the same work.
            work: Begins it.
        """
        running = self._running.get(key)
        if running is None:
            running = self._running[key] = _Shared(work())
        try:
            result: T = await running.result()
        finally:
            if running.over and self._running.get(key) is running:
                del self._running[key]
        return result


class _Shared:
    """One task that many wait for; it ends when nobody does any more."""

    def __init__(self, work: Coroutine[Any, Any, Any]) -> None:
        self._task = asyncio.ensure_future(work)
        self._waiting = 0

    @property
    def over(self) -> bool:
        """Whether it has ended, or nobody waits for it."""
        return self._task.done() or not self._waiting

    async def result(self) -> Any:  # noqa: ANN401 - whatever the work gives
        """What the work gives."""
        self._waiting += 1
        try:
            return await asyncio.shield(self._task)
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._task.cancel()
