"""Which lines of a log are kept: all of a small one, the telling ones of a huge one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.lines import Lines, Run
from sickbay.logs.report import Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Window = tuple[int, int, int, int]

WHOLE = 24 << 20
"""Bytes from the beginning of a log that are kept whole."""

WINDOWS = 16 << 20
"""Bytes of surroundings of what was found that are kept after that."""

TAIL = 1 << 20
"""Bytes of the end of a log that are kept whole."""

MAX_KEPT_LINE = 64 << 10
"""Bytes of one line that are kept."""


class Keeper:
    """Keeps lines in bounded memory, block by block."""

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._sparse: dict[int, bytes] = {}
        self._whole_left = WHOLE
        self._windows_left = WINDOWS
        self._missed = 0
        self._tail: list[tuple[int, bytes]] = []
        self._carry = 0

    def add(self, block: bytes, first: int, windows: Sequence[Window]) -> None:
        """Take one cleaned block.

        Args:
            block: Whole lines.
            first: Raw number of its first line.
            windows: What to keep of it if it cannot be kept whole, ascending: number
                and offset of a line, and how many lines around it.
        """
        if self._whole_left > 0:
            self._whole_left -= len(block)
            self._runs.append(Run(first, _split(block)))
            return
        self._tail = [*self._tail[-1:], (first, block)]
        carry, self._carry = self._carry, 0
        self._keep(block, first, 0, carry)
        for number, offset, before, after in windows:
            start, top = _back(block, offset, number, before)
            self._keep(block, top, start, number - top + 1 + after)

    def _keep(self, block: bytes, number: int, start: int, count: int) -> None:
        """Keep ``count`` lines from the one at ``start``, into the next block."""
        for left in range(count, 0, -1):
            if start >= len(block):
                self._carry = max(self._carry, left)
                return
            stop = block.find(b"\n", start)
            stop = len(block) if stop < 0 else stop
            if number not in self._sparse:
                if self._windows_left <= 0:
                    self._missed += 1
                    return
                text = block[start : min(stop, start + MAX_KEPT_LINE)]
                self._sparse[number] = text
                self._windows_left -= len(text) + 64
            start, number = stop + 1, number + 1

    def lines(self, total: int) -> Lines:
        """What was kept of a log of ``total`` lines."""
        self._keep_tail()
        return Lines([*self._runs, *_runs(self._sparse)], total)

    def _keep_tail(self) -> None:
        left = TAIL
        for first, block in reversed(self._tail):
            texts = _split(block[-left:]) if left > 0 else []
            if len(block) > left > 0:
                texts = texts[1:]  # its beginning is cut off
            count = block.count(b"\n") + (not block.endswith(b"\n"))
            start = first + count - len(texts)
            self._sparse.update(enumerate(texts, start))
            left -= len(block)

    def skipped(self) -> Iterator[Skipped]:
        """What was not kept, and why."""
        if self._missed:
            yield Skipped(
                f"surroundings of {self._missed} matching lines",
                f"only {WINDOWS >> 20} MiB of surroundings are kept of a log this big",
            )


def _split(block: bytes) -> list[bytes]:
    texts = block.split(b"\n")
    if block.endswith(b"\n"):
        texts.pop()
    if len(block) > MAX_KEPT_LINE:
        texts = [text[:MAX_KEPT_LINE] for text in texts]
    return texts


def _back(block: bytes, offset: int, number: int, count: int) -> tuple[int, int]:
    """Offset and number of the line ``count`` lines up, or of the block's first."""
    for _ in range(count):
        if offset == 0:
            break
        offset = block.rfind(b"\n", 0, offset - 1) + 1
        number -= 1
    return offset, number


def _runs(sparse: dict[int, bytes]) -> Iterator[Run]:
    run: Run | None = None
    for number in sorted(sparse):
        if run is None or number != run.last + 1:
            if run is not None:
                yield run
            run = Run(number, [])
        run.texts.append(sparse[number])
    if run is not None:
        yield run
