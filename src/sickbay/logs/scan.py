"""From bytes in any chunks to a ``Log``: cut, clean, find, keep what matters.

Memory stays bounded whatever the size of the log: the first bytes are kept
whole, after them the neighbourhood of what was found, and the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Marks
from sickbay.logs.catalogue import catalogue
from sickbay.logs.clean import Cleaner
from sickbay.logs.hits import HitBook
from sickbay.logs.keep import Keeper, Limits
from sickbay.logs.log import Log
from sickbay.logs.report import Skipped
from sickbay.logs.sections import SectionReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.logs.catalogue import Catalogue

MAX_MARKS = 500_000
"""Lines of one anchor that are kept."""


@dataclass(slots=True)
class _Found:
    """What is on one line: which patterns ended where."""

    number: int
    start: int
    stop: int
    idents: set[int] = field(default_factory=set)


class Scanner:
    """Reads one log, fed in chunks of any size.

    Args:
        wanted: The rules and anchors to look for.
        source: What the log is called in the report.
        limits: How much is looked at in one go, and kept.
    """

    def __init__(
        self, wanted: Catalogue, *, source: str, limits: Limits | None = None
    ) -> None:
        self._limits = limits or Limits()
        self._wanted = wanted
        self._source = source
        self._cleaner = Cleaner()
        self._sections = SectionReader()
        self._keeper = Keeper(self._limits)
        self._hits = HitBook(wanted)
        self._marks: dict[str, list[int]] = {}
        self._buffer = bytearray()
        self._next_line = 1
        self._bytes = 0
        self._cut_bytes = 0
        self._in_cut_line = False
        self._enough = self._limits.block

    def feed(self, data: bytes | memoryview) -> None:
        """Take the next bytes of the log."""
        self._bytes += len(data)
        view, step = memoryview(data), self._limits.block
        for offset in range(0, len(view), step):
            self._buffer += view[offset : offset + step]
            if len(self._buffer) >= self._enough:
                self._cut()

    def finish(self) -> Log:
        """The log, once all bytes were fed."""
        self._cut()
        if self._buffer:
            self._block(bytes(self._buffer))
        total = self._next_line - 1
        return Log(
            source=self._source,
            bytes=self._bytes,
            ci=self._cleaner.ci,
            lines=self._keeper.lines(total),
            marks=Marks(self._marks),
            hits=self._hits.in_order(),
            hit_counts=dict(self._hits.counts),
            rule_match=self._hits.winner(),
            sections=self._sections.finish(total),
            skipped=self._skipped(),
        )

    def _cut(self) -> None:
        """Take every full block off the buffer.

        Where a block ends depends on the bytes alone, not on how they were fed: at the
        last line end within a block's size, or at the first one after them.
        """
        block = self._limits.block
        while len(self._buffer) >= block or self._in_cut_line:
            if not (self._end_cut_line() if self._in_cut_line else self._cut_block()):
                break
        self._enough = max(len(self._buffer) + block // 2, block)

    def _cut_block(self) -> bool:
        buffer, block, longest = self._buffer, self._limits.block, self._limits.max_line
        end = buffer.rfind(b"\n", 0, block) + 1 or buffer.find(b"\n", block) + 1
        if end > longest or (not end and len(buffer) >= longest):
            self._block(bytes(buffer[:longest]) + b"\n")
            del buffer[:longest]
            self._in_cut_line = True
            return True
        if end:
            self._block(bytes(buffer[:end]))
            del buffer[:end]
        return bool(end)

    def _end_cut_line(self) -> bool:
        end = self._buffer.find(b"\n") + 1
        self._in_cut_line = not end
        cut = end or len(self._buffer)
        self._cut_bytes += cut
        del self._buffer[:cut]
        return bool(end)

    def _block(self, raw: bytes) -> None:
        first = self._next_line
        self._sections.feed(raw, first)
        block = self._cleaner.clean(raw)
        found = list(_by_line(block, first, self._wanted.engine.scan(block)))
        windows = [self._note(line, block) for line in found]
        count = block.count(b"\n") + (not block.endswith(b"\n"))
        self._next_line += count
        self._keeper.add(block, first, [window for window in windows if window])
        self._hits.end_block()

    def _note(self, line: _Found, block: bytes) -> tuple[int, int, int, int] | None:
        """File the hits of one line; say which lines around it to keep."""
        rules = len(self._wanted.rules)
        before = after = -1
        for ident in sorted(line.idents, reverse=True):  # anchors decide on dropping
            if ident >= rules:
                anchor = self._wanted.anchors[ident - rules]
                self._mark(anchor.name, line.number)
                before, after = max(before, anchor.before), max(after, anchor.after)
            elif self._hits.add(ident, line.number, block[line.start : line.stop]):
                before, after = max(before, 8), max(after, 12)
        self._hits.end_line()
        return None if before < 0 else (line.number, line.start, before, after)

    def _mark(self, name: str, number: int) -> None:
        if name.startswith("drop."):
            self._hits.drop(name)
            return
        numbers = self._marks.setdefault(name, [])
        if len(numbers) < MAX_MARKS and (not numbers or numbers[-1] != number):
            numbers.append(number)

    def _skipped(self) -> tuple[Skipped, ...]:
        skipped = list(self._keeper.skipped())
        if self._cut_bytes:
            why = f"the rest of a line longer than {self._limits.max_line} bytes"
            skipped.append(Skipped(f"{self._cut_bytes} bytes", why))
        for name, numbers in self._marks.items():
            if len(numbers) >= MAX_MARKS:
                why = f"only the first {MAX_MARKS} such lines are followed up"
                skipped.append(Skipped(name, why))
        return tuple(skipped)


def _by_line(block: bytes, first: int, hits: list[tuple[int, int]]) -> Iterator[_Found]:
    """Group hits by the line they end on."""
    hits.sort()
    line: _Found | None = None
    number, counted = first, 0
    for end, ident in hits:
        last = max(end - 1, 0)
        if line is None or last > line.stop:
            if line is not None:
                yield line
            start = block.rfind(b"\n", 0, last) + 1
            stop = block.find(b"\n", last)
            number += block.count(b"\n", counted, start)
            counted = start
            line = _Found(number, start, stop if stop >= 0 else len(block))
        line.idents.add(ident)
    if line is not None:
        yield line


def read_log(data: bytes, source: str = "log", wanted: Catalogue | None = None) -> Log:
    """Read a log that is in memory.

    Args:
        data: The raw log.
        source: What it is called in the report.
        wanted: What to look for; the built-in packs and readers by default.
    """
    scanner = Scanner(wanted or catalogue(), source=source)
    scanner.feed(data)
    return scanner.finish()
