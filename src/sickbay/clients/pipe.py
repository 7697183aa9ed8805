"""What an event loop receives, for a worker thread that reads it like a file."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator
from typing import IO, TYPE_CHECKING, Any, TypeVar

import anyio
from anyio import from_thread, to_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

T = TypeVar("T")

AHEAD = 16
"""Parts that are received while the thread is busy."""

_END = b""


async def piped(body: AsyncIterator[bytes], read: Callable[[IO[bytes]], T]) -> T:
    """Call a function in a worker thread that reads what is received here.

    However it ends, the function has ended before and the body is closed: a reader
    whose writer fails or is cancelled gets an error instead of the end.
    """
    sent, received = anyio.create_memory_object_stream[bytes](AHEAD)
    reading = asyncio.create_task(to_thread.run_sync(_read, read, received))
    reading.add_done_callback(_looked_at)
    try:
        await _pour(body, sent)
        return await asyncio.shield(reading)
    finally:
        sent.close()
        with anyio.CancelScope(shield=True):
            if isinstance(body, AsyncGenerator):
                await body.aclose()
            await asyncio.wait([reading])


def _looked_at(reading: asyncio.Task[T]) -> None:
    """Take note of an error that the reader only has since its writer had one."""
    if not reading.cancelled():
        reading.exception()


async def _pour(
    body: AsyncIterator[bytes], sent: MemoryObjectSendStream[bytes]
) -> None:
    try:
        async for part in body:
            if part:
                await sent.send(part)
        await sent.send(_END)
    except anyio.BrokenResourceError:  # the reader wants no more, and says why itself
        return


def _read(
    read: Callable[[IO[bytes]], T], received: MemoryObjectReceiveStream[bytes]
) -> T:
    try:
        return read(io.BufferedReader(_Pipe(received)))
    finally:
        from_thread.run_sync(received.close)


class _Pipe(io.RawIOBase):
    def __init__(self, received: MemoryObjectReceiveStream[bytes]) -> None:
        self._received = received
        self._block = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        """It can be read, but not rewound."""
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - any writable buffer
        """Fill a buffer; 0 at the end."""
        if not self._block and not self._ended:
            self._block = memoryview(from_thread.run(self._next))
        count = min(len(buffer), len(self._block))
        buffer[:count] = self._block[:count]
        self._block = self._block[count:]
        return count

    async def _next(self) -> bytes:
        """All that is there; crossing over to the event loop for each part is slow."""
        parts = [await self._received.receive()]
        while parts[-1]:
            try:
                parts.append(self._received.receive_nowait())
            except anyio.WouldBlock:
                break
        self._ended = not parts[-1]
        return b"".join(parts)
