from __future__ import annotations

import asyncio
import threading
from typing import IO, TYPE_CHECKING

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.clients.pipe import piped

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable


class Body:
    """Parts that arrive one after the other, and then maybe an error."""

    def __init__(self, parts: Iterable[bytes], error: Exception | None = None) -> None:
        self.parts, self.error, self.closed = parts, error, False

    async def arriving(self) -> AsyncIterator[bytes]:
        try:
            for part in self.parts:
                await asyncio.sleep(0)
                yield part
            if self.error:
                raise self.error
        finally:
            self.closed = True


def read_all(file: IO[bytes]) -> bytes:
    return file.read()


@given(st.lists(st.binary(max_size=50), max_size=40))
def test_a_thread_reads_what_arrives_however_it_is_cut(parts: list[bytes]) -> None:
    body = Body(parts)
    assert asyncio.run(piped(body.arriving(), read_all)) == b"".join(parts)
    assert body.closed


def test_a_reader_that_fails_has_its_error_told_and_the_rest_is_not_awaited() -> None:
    def reads_a_bit(file: IO[bytes]) -> None:
        file.read(1)
        raise ValueError("enough")

    body = Body(iter(lambda: b"x" * 1000, b""))
    with pytest.raises(ValueError, match="enough"):
        asyncio.run(piped(body.arriving(), reads_a_bit))
    assert body.closed


def test_a_reader_may_stop_early() -> None:
    body = Body(iter(lambda: b"x" * 1000, b""))
    assert asyncio.run(piped(body.arriving(), lambda file: file.read(3))) == b"xxx"
    assert body.closed


def test_a_body_that_breaks_is_no_end_for_its_reader() -> None:
    ended: list[str] = []

    def reads(file: IO[bytes]) -> None:
        try:
            file.read()
            ended.append("as if whole")
        finally:
            ended.append("over")

    body = Body([b"a"], OSError("it broke"))
    with pytest.raises(OSError, match="it broke"):
        asyncio.run(piped(body.arriving(), reads))
    assert ended == ["over"]
    assert body.closed


@pytest.mark.parametrize("by", ["task", "scope"])
def test_a_cancelled_caller_waits_until_the_reader_has_ended(by: str) -> None:
    begun, ended = threading.Event(), threading.Event()

    def reads(file: IO[bytes]) -> None:
        file.read(1)
        begun.set()
        try:
            file.read()
        finally:
            ended.set()

    async def endless() -> AsyncIterator[bytes]:
        yield b"x" * 100_000
        await asyncio.Event().wait()

    async def by_task() -> None:
        piping = asyncio.create_task(piped(endless(), reads))
        await asyncio.to_thread(begun.wait, 5)
        piping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await piping
        assert ended.is_set()

    async def by_scope() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(piped, endless(), reads)
            await asyncio.to_thread(begun.wait, 5)
            tasks.cancel_scope.cancel()
        assert ended.is_set()

    asyncio.run(by_task() if by == "task" else by_scope())
