from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.keep import Limits
from sickbay.logs.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TINY = Limits(block=32, max_line=1 << 20, whole=0, windows=0, tail=0)


def stream(data: bytes, *, cuts: Iterable[int] = ()) -> Stream:
    """A log in memory, in chunks and blocks so small that every border is met."""
    return Stream(_cut(data, cuts), limits=TINY)


def _cut(data: bytes, cuts: Iterable[int]) -> Iterator[bytes]:
    start = 0
    for size in cuts:
        yield data[start : start + size]
        start += size
    yield data[start:]
