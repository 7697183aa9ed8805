"""What only the failing log says: its lines that a passing log has nothing like."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import asdict, dataclass, replace
from itertools import compress, count, islice
from typing import TYPE_CHECKING, Any

from sickbay.core.results import Coverage, Skipped
from sickbay.logs.hunks import CONTEXT, ranked
from sickbay.logs.known import Known
from sickbay.logs.log import Log
from sickbay.logs.report import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sickbay.logs.hunks import Hunk, Row
    from sickbay.logs.known import Status
    from sickbay.logs.lines import Lines
    from sickbay.logs.report import Cause

    Block = tuple[int, Sequence[bytes]]

MAX_ROWS = 20_000
"""Lines that are kept for hunks, of the last ones, since logs fail at the end; and as
many of those before that look like failures."""
MAX_HUNKS = 200
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Diff:
    """What only the failing log says, most telling first.

    Args:
        passed: Name of the passing log.
        failed: Name of the failing log.
        new_lines: How many of its lines have nothing like them in the passing log.
        hunks: Best first; noise last.
        coverage: Lines of the failing log that were compared.
        schema: Version of the JSON form.
    """

    passed: str
    failed: str
    new_lines: int
    hunks: tuple[Hunk, ...]
    coverage: Coverage
    schema: int = SCHEMA

    def to_dict(self) -> dict[str, Any]:
        """The diff as JSON-ready data, ``schema`` first."""
        data = asdict(self)
        return {"schema": data.pop("schema"), **data}


class Comparison:
    """Compares two logs that come in pieces, first the one that passed.

    Memory stays bounded whatever the size of the logs.
    """

    def __init__(self) -> None:
        self._known = Known()
        self._counts: Counter[Status] = Counter()
        self._last: deque[Row] = deque(maxlen=MAX_ROWS)
        self._loud: deque[Row] = deque(maxlen=MAX_ROWS)
        self._noticed = 0
        self._first = 1
        self._done = 0
        self._texts: list[bytes] = []
        self._statuses: list[Status] = []
        self._is_loud: list[bool] = []

    def passed(self, texts: Sequence[bytes]) -> None:
        """Take the next cleaned lines of the log that passed."""
        for part in _parts(texts):
            self._known.add(part)

    def failed(self, texts: Sequence[bytes], first: int | None = None) -> None:
        """Take the next cleaned lines of the log that failed.

        Args:
            texts: The lines.
            first: Raw number of the first; by default the one after the last.
        """
        if first is not None and first != self._first + len(self._texts):
            self._note(len(self._texts))
            self._first, self._done = first, 0
            self._forget(len(self._texts))
        for part in _parts(texts):
            self._compare(part)

    def _compare(self, texts: Sequence[bytes]) -> None:
        statuses, loud = self._known.compared(texts)
        self._counts.update(statuses)
        self._texts += texts
        self._statuses += statuses
        self._is_loud += loud
        limit = max(len(self._texts) - CONTEXT, self._done)
        self._note(limit)
        cut = max(limit - CONTEXT, 0)
        self._forget(cut)
        self._first, self._done = self._first + cut, limit - cut

    def finish(self, causes: Sequence[Cause] = ()) -> Diff:
        """The difference, once both logs were taken.

        Args:
            causes: What explains the failing log; hunks on them come first.
        """
        self._note(len(self._texts))
        rows = sorted({row[0]: row for row in (*self._loud, *self._last)}.items())
        hunks = ranked([row for _, row in rows], self._known, causes)
        skipped = []
        if left_out := self._noticed - len(rows):
            why = "too many; the last ones and those like failures are kept"
            skipped.append(Skipped(f"{left_out} differing lines", why))
        if len(hunks) > MAX_HUNKS:
            why = f"only the best {MAX_HUNKS} are kept"
            skipped.append(Skipped(f"{len(hunks) - MAX_HUNKS} hunks", why))
        if self._known.forgotten:
            what = f"{self._known.forgotten} lines of the passing log"
            skipped.append(Skipped(what, "it has too many different ones"))
        total = self._counts.total()
        coverage = Coverage(total, total, tuple(skipped))
        new = self._counts["new"]
        return Diff("passed", "failed", new, tuple(hunks[:MAX_HUNKS]), coverage)

    def _note(self, limit: int) -> None:
        """Keep the lines up to ``limit`` that differ, and the ones around them."""
        differing = [status != "same" for status in self._statuses]
        near = _near(differing)[self._done : limit]
        rows = zip(
            count(self._first + self._done),
            self._texts[self._done : limit],
            self._statuses[self._done : limit],
            strict=False,  # the numbers go on
        )
        found = list(compress(rows, near))
        self._noticed += len(found)
        self._last.extend(found)
        loud = list(map(bool.__and__, differing, self._is_loud))
        near_loud = compress(_near(loud)[self._done : limit], near)
        self._loud.extend(compress(found, near_loud))

    def _forget(self, cut: int) -> None:
        del self._texts[:cut], self._statuses[:cut], self._is_loud[:cut]


def diff(
    passed: Log | Lines, failed: Log | Lines, *, causes: Sequence[Cause] = ()
) -> Diff:
    """What only the failing log says, once what always varies is masked.

    Of logs that are not kept whole, the kept lines are compared; ``Comparison`` takes
    logs of any size.

    Args:
        passed: A log of the same job that passed.
        failed: The log that failed.
        causes: What explains the failing log; hunks on them come first.
    """
    gaps = [
        Skipped(f"{lines.total - len(lines)} lines of the {which} log", "not kept")
        for which, lines in (("passing", _lines(passed)), ("failing", _lines(failed)))
        if lines.total > len(lines)
    ]
    comparison = Comparison()
    for _, texts in _batches(_lines(passed)):
        comparison.passed(texts)
    for first, texts in _batches(_lines(failed)):
        comparison.failed(texts, first)
    found = comparison.finish(causes)
    return replace(
        found,
        passed=passed.source if isinstance(passed, Log) else found.passed,
        failed=failed.source if isinstance(failed, Log) else found.failed,
        coverage=replace(
            found.coverage,
            total=_lines(failed).total,
            skipped=(*gaps, *found.coverage.skipped),
        ),
    )


def diff_blocks(
    passed: Iterable[bytes], failed: Iterable[bytes], *, causes: Sequence[Cause] = ()
) -> Diff:
    """The same for cleaned logs that come in blocks of whole lines, of any size."""
    comparison = Comparison()
    for block in passed:
        comparison.passed(split(block))
    for block in failed:
        comparison.failed(split(block))
    return comparison.finish(causes)


def split(block: bytes) -> list[bytes]:
    """The lines of a block of whole lines."""
    return block.removesuffix(b"\n").split(b"\n")


def _parts(texts: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Some thousands at a time, which what is worked out for each of them fits in."""
    return (texts[at : at + _BATCH] for at in range(0, len(texts), _BATCH))


def _near(wanted: Sequence[bool]) -> bytes:
    """For every line, whether it or one close to it is wanted."""
    near = bytearray(len(wanted) + 2 * CONTEXT)
    window = b"\1" * (2 * CONTEXT + 1)
    for index in compress(count(), wanted):
        near[index : index + len(window)] = window
    return bytes(near[CONTEXT : CONTEXT + len(wanted)])


def _lines(log: Log | Lines) -> Lines:
    return log.lines if isinstance(log, Log) else log


def _batches(lines: Lines) -> Iterator[Block]:
    """Neighbouring kept lines, some thousands at a time."""
    numbered = iter(lines)
    while batch := list(islice(numbered, _BATCH)):
        start = 0
        for index in range(1, len(batch) + 1):
            if index == len(batch) or batch[index][0] != batch[index - 1][0] + 1:
                texts = [text.encode("utf-8") for _, text in batch[start:index]]
                yield batch[start][0], texts
                start = index
