"""Which lines of a log are kept: all of a small one, the telling ones of a huge one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.core.results import Skipped
from sickbay.logs.lines import Lines, Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


Window = tuple[int, int, int, int]
"""Raw number and offset of a line, and how many lines to keep before and after it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a log is looked at in one go, and kept; all in bytes.

    Args:
        block: Looked at in one go.
        max_line: Of one line that are looked at; the rest of it is left out.
        whole: From the beginning of the log, kept whole.
        windows: Surroundings of what was found after that.
        tail: From the end of the log, kept whole.
        kept_line: Of one line that are kept.
    """

    block: int = 4 << 20
    max_line: int = 16 << 20
    whole: int = 16 << 20
    windows: int = 16 << 20
    tail: int = 1 << 20
    kept_line: int = 64 << 10


class Keeper:
    """Keeps lines in bounded memory, block by block.

    Args:
        limits: How much.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._runs: list[Run] = []
        self._sparse: list[Run] = []
        self._end = (0, 0)
        self._whole_left = limits.whole
        self._windows_left = limits.windows
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
            self._runs.append(Run(first, self._split(block)))
            return
        self._tail = [*self._tail[-1:], (first, block)]
        carry, self._carry = self._carry, 0
        self._end = (first, 0)
        self._keep(block, first, 0, carry)
        for number, offset, before, after in windows:
            start, top = _back(block, offset, number, before)
            self._keep(block, top, start, number - top + 1 + after)

    def _keep(self, block: bytes, number: int, start: int, count: int) -> None:
        """Keep ``count`` lines from the one at ``start``, into the next block."""
        kept, offset = self._end
        if number < kept:
            number, start, count = kept, offset, count - (kept - number)
        stop, left = start, count
        while left > 0 and stop < len(block):
            stop = block.find(b"\n", stop) + 1 or len(block)
            left -= 1
        if stop > start:
            self._file(number, block[start:stop])
            self._end = (number + count - left, stop)
        if stop >= len(block):
            self._carry = max(self._carry, left)

    def _file(self, number: int, chunk: bytes) -> None:
        if self._windows_left <= 0:
            self._missed += chunk.count(b"\n")
            return
        texts = self._split(chunk)
        self._sparse.append(Run(number, texts))
        self._windows_left -= sum(map(len, texts)) + 64 * len(texts)

    def lines(self, total: int) -> Lines:
        """What was kept of a log of ``total`` lines."""
        tail = list(self._last_lines())
        begin = tail[0].first if tail else total + 1
        sparse = [_until(run, begin) for run in self._sparse if run.first < begin]
        return Lines([*self._runs, *sparse, *tail], total)

    def _last_lines(self) -> Iterator[Run]:
        """The end of a log that is not kept whole, ascending."""
        left = self._limits.tail
        runs = []
        for first, block in reversed(self._tail):
            if left <= 0:
                break
            texts = self._split(block[-left:])
            if len(block) > left:
                texts = texts[1:]  # its beginning is cut off
            count = block.count(b"\n") + (not block.endswith(b"\n"))
            runs.append(Run(first + count - len(texts), texts))
            left -= len(block)
        return reversed(runs)

    def _split(self, block: bytes) -> list[bytes]:
        texts = block.split(b"\n")
        if block.endswith(b"\n"):
            texts.pop()
        longest = self._limits.kept_line
        if len(block) > longest and max(map(len, texts)) > longest:
            texts = [text[:longest] for text in texts]
        return texts

    def skipped(self) -> Iterator[Skipped]:
        """What was not kept, and why."""
        if self._missed:
            yield Skipped(
                f"surroundings of {self._missed} matching lines",
                "only so much of the surroundings is kept of a log this big",
            )


def _back(block: bytes, offset: int, number: int, count: int) -> tuple[int, int]:
    """Offset and number of the line ``count`` lines up, or of the block's first."""
    for _ in range(count):
        if offset == 0:
            break
        offset = block.rfind(b"\n", 0, offset - 1) + 1
        number -= 1
    return offset, number


def _until(run: Run, number: int) -> Run:
    """The lines of a run before ``number``."""
    return Run(run.first, run.texts[: number - run.first])
