"""A log gone through once, cleaned, in blocks of bounded size."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sickbay.logs.keep import Limits
from sickbay.logs.scan import Scanner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sickbay.logs.log import Log

LIMITS = Limits(block=256 << 10, max_line=1 << 20, whole=0, windows=0, tail=0)
"""Small blocks, so that a caller who has given up is heard soon; nothing is kept."""


class Block(NamedTuple):
    """Some whole cleaned lines; only the last of the log may lack its line end.

    Attributes:
        first: Raw number of the first of them.
        text: The lines.
    """

    first: int
    text: bytes


class Stream:
    """The cleaned lines of one log, to be gone through once.

    Args:
        chunks: The raw log, in chunks of any size.
        source: What the log is called.
        check: Called before every block; what it raises ends the reading.
        limits: How long a block and a line may be.
    """

    def __init__(
        self,
        chunks: Iterable[bytes | memoryview],
        *,
        source: str = "log",
        check: Callable[[], object] | None = None,
        limits: Limits = LIMITS,
    ) -> None:
        self._chunks = chunks
        self._check = check
        self._heard: list[Block] = []
        self._scanner = Scanner(None, source=source, limits=limits, hear=self._hear)

    def __iter__(self) -> Iterator[Block]:
        for chunk in self._chunks:
            self._scanner.feed(chunk)
            yield from self._blocks()
        self.log = self._scanner.finish()
        yield from self._blocks()

    log: Log
    """What is known of the log once its end was reached; none of its lines are kept."""

    def _hear(self, text: bytes, first: int) -> None:
        self._heard.append(Block(first, text))

    def _blocks(self) -> Iterator[Block]:
        heard, self._heard = self._heard, []
        for block in heard:
            if self._check:
                self._check()
            yield block


def read_through(stream: Stream) -> Log:
    """What is known of a log, its lines aside."""
    for _ in stream:
        pass
    return stream.log
