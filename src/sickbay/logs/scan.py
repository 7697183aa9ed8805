"""From bytes in any chunks to a ``Log``: cut, clean, find, keep what matters.

Memory stays bounded whatever the size of the log: the first bytes are kept
whole, after them the neighbourhood of what was found, and the end.
"""

from __future__ import annotations

from collections import Counter, deque
from functools import cache
from typing import TYPE_CHECKING

from sickbay.core.results import Skipped
from sickbay.logs.anchors import Marks
from sickbay.logs.catalogue import Catalogue, catalogue
from sickbay.logs.clean import Cleaner
from sickbay.logs.dialects import ends_lines_with_returns
from sickbay.logs.hits import Found, HitBook, by_line
from sickbay.logs.keep import Keeper, Limits
from sickbay.logs.log import Log
from sickbay.logs.runs import Runs
from sickbay.logs.sections import SectionReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sickbay.logs.keep import Window
    from sickbay.logs.runs import Run

HEAD = 64 << 10
"""Bytes from which the kind of line ends is told."""

MAX_MARKS = 250_000
"""Lines of one anchor that are kept from the beginning, and as many from the end."""

NEWLINE = ord("\n")

WITH_ARRAYS = 3 << 20
"""Bytes of a block from which counting its lines at once pays off."""

ANCHOR_WINDOWS = 16
"""Lines of one anchor in one block whose surroundings are kept, not they alone."""

HIT_BEFORE, HIT_AFTER = 8, 12
"""Lines around a rule's hit that are kept of a log too big to keep whole."""


class Scanner:
    """Reads one log, fed in chunks of any size.

    Args:
        wanted: The rules and anchors to look for; ``None`` for nothing.
        source: What the log is called in the report.
        limits: How much is looked at in one go, and kept.
        hear: Called with every cleaned block of whole lines, in order, and the raw
            number of its first line.
    """

    def __init__(
        self,
        wanted: Catalogue | None,
        *,
        source: str,
        limits: Limits | None = None,
        hear: Callable[[bytes, int], object] | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._engine = wanted.engine if wanted else None
        self._wanted = wanted or Catalogue((), 0)
        self._hear = hear
        self._source = source
        self._cleaner = Cleaner()
        self._sections = SectionReader()
        self._keeper = Keeper(self._limits)
        self._hits = HitBook(self._wanted)
        self._runs = Runs(self._wanted.runs if wanted else ())
        self._run_marks: dict[str, list[range]] = {}
        self._marks: dict[str, list[int]] = {}
        self._last_marks: dict[str, deque[int]] = {}
        self._in_block: Counter[str] = Counter()
        self._dropping = False
        self._buffer = bytearray()
        self._next_line = 1
        self._bytes = 0
        self._cut_bytes = 0
        self._in_cut_line = False
        self._returns: bool | None = None
        self._enough = max(self._limits.block, HEAD)

    def feed(self, data: bytes | memoryview) -> None:
        """Take the next bytes of the log."""
        self._bytes += len(data)
        view, step = memoryview(data), self._limits.block
        for offset in range(0, len(view), step):
            part = view[offset : offset + step]
            self._buffer += bytes(part).replace(b"\r", b"\n") if self._returns else part
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
            marks=Marks(self._all_marks(), self._run_marks),
            hits=self._hits.in_order(),
            counted=self._hits.counted(),
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
        if self._returns is None:
            self._returns = ends_lines_with_returns(bytes(self._buffer[:HEAD]))
            if self._returns:
                self._buffer = self._buffer.replace(b"\r", b"\n")
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
            with memoryview(buffer) as view:
                whole = bytes(view[:end])
            del buffer[:end]
            self._block(whole)
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
        ends_before = line_ends(block)
        self._in_block.clear()
        candidates: dict[int, list[Found]] = {}
        if self._hear:
            self._hear(block, first)
        runs = self._runs.of(block)
        windows = [*self._note_runs(runs, block, first)]
        spans = [(run.start, run.stop) for run in runs]
        hits = self._engine.scan(block, spans) if self._engine else []
        for line in by_line(block, hits):
            line.number = first + ends_before(line.start)
            window = self._note(line, candidates)
            if window:
                windows.append(window)
        windows += [
            (line.number, line.start, HIT_BEFORE, HIT_AFTER)
            for line in self._hits.add(block, candidates)
        ]
        self._keeper.add(block, first, sorted(windows))
        self._next_line += ends_before(len(block)) + (not block.endswith(b"\n"))

    def _note_runs(
        self, runs: Sequence[Run], block: bytes, first: int
    ) -> Iterator[Window]:
        """File the runs of a block, and say what of them is worth keeping."""
        ends_before = line_ends(block)
        for run in runs:
            number = first + ends_before(run.start)
            numbers = range(number, number + run.lines)
            self._run_marks.setdefault(run.name, []).append(numbers)
            yield number, run.start, 0, run.lines - 1

    def _note(self, line: Found, candidates: dict[int, list[Found]]) -> Window | None:
        """File the anchors on a line; put it down for the rules that may match it."""
        rules = len(self._wanted.rules)
        before = after = -1
        dropped = self._dropping
        for ident in line.idents:
            if ident < rules:
                continue
            anchor = self._wanted.anchors[ident - rules]
            if anchor.name.startswith("drop."):
                self._dropping = anchor.name == "drop.begin" or (
                    self._dropping and anchor.name != "drop.end"
                )
                dropped = True
                continue
            self._mark(anchor.name, line.number)
            self._in_block[anchor.name] += 1
            near = self._in_block[anchor.name] <= ANCHOR_WINDOWS
            before = max(before, anchor.before if near else 0)
            after = max(after, anchor.after if near else 0)
        if not dropped:
            for ident in line.idents:
                if ident < rules:
                    candidates.setdefault(ident, []).append(line)
        return None if before < 0 else (line.number, line.start, before, after)

    def _mark(self, name: str, number: int) -> None:
        numbers = self._marks.setdefault(name, [])
        if len(numbers) < MAX_MARKS:
            numbers.append(number)
        else:
            self._last_marks.setdefault(name, deque(maxlen=MAX_MARKS)).append(number)

    def _all_marks(self) -> dict[str, list[int]]:
        return {
            name: [*numbers, *self._last_marks.get(name, ())]
            for name, numbers in self._marks.items()
        }

    def _skipped(self) -> tuple[Skipped, ...]:
        skipped = list(self._keeper.skipped())
        if self._cut_bytes:
            why = f"the rest of a line longer than {self._limits.max_line} bytes"
            skipped.append(Skipped(f"{self._cut_bytes} bytes", why))
        for name in self._last_marks:
            why = f"only the first and the last {MAX_MARKS} such lines are followed up"
            skipped.append(Skipped(name, why))
        return tuple(skipped)


def line_ends(block: bytes) -> Callable[[int], int]:
    """What tells how many line ends are before an offset; offsets must ascend."""
    seen = count = 0
    counted = _counter(block)

    def before(offset: int) -> int:
        nonlocal seen, count
        count += counted(seen, offset)
        seen = offset
        return count

    return before


def _counter(block: bytes) -> Callable[[int, int], int]:
    """What counts the line ends between two offsets."""
    if len(block) < WITH_ARRAYS:
        return lambda start, stop: block.count(b"\n", start, stop)
    import numpy as np  # noqa: PLC0415 - loading it takes longer than a small log

    view = np.frombuffer(block, np.uint8)
    return lambda start, stop: int(np.count_nonzero(view[start:stop] == NEWLINE))


def read_log(data: bytes, source: str = "log", wanted: Catalogue | None = None) -> Log:
    """Read a log that is in memory.

    Args:
        data: The raw log.
        source: What it is called in the report.
        wanted: What to look for; the built-in packs and readers by default.
    """
    scanner = Scanner(wanted or _default(), source=source)
    scanner.feed(data)
    return scanner.finish()


@cache
def _default() -> Catalogue:
    return catalogue()
