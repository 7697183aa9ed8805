"""What only the failing log says: its lines that a passing log has nothing like."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from sickbay.logs.known import Known
from sickbay.logs.lines import decoded
from sickbay.logs.log import Log
from sickbay.logs.report import SCHEMA, Coverage, Skipped
from sickbay.logs.signature import likeness

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sickbay.logs.known import Status
    from sickbay.logs.lines import Lines
    from sickbay.logs.report import Cause

    Block = tuple[int, Sequence[str]]

Kind = Literal["failure", "other", "noise"]

CONTEXT = 2
"""Known lines that are shown before and after, and that a hunk may span."""
MAX_ROWS = 50_000
"""Lines that are kept for hunks; the last ones, since logs fail at the end."""
MAX_HUNKS = 200
MAX_HUNK_LINES = 60
_BATCH = 20_000
_QUIET = 0.3
_HOT = 0.6


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a hunk.

    Args:
        number: Raw number in the failing log.
        text: The cleaned line.
        status: ``same`` is context; see ``known.Status``.
    """

    number: int
    text: str
    status: Status


@dataclass(frozen=True, slots=True)
class Hunk:
    """Neighbouring lines that only the failing log has.

    Args:
        rank: 1 for the one that looks most like the failure.
        line_start: Raw number of its first such line.
        line_end: Raw number of its last one.
        score: How much it looks like the failure, 0 to 1.
        kind: ``noise`` for what every run says a little differently.
        lines: With ``CONTEXT`` lines around; of a long hunk the head and the tail.
        left_out: How many lines are missing in ``lines``.
    """

    rank: int
    line_start: int
    line_end: int
    score: float
    kind: Kind
    lines: tuple[DiffLine, ...]
    left_out: int = 0


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


def diff(
    passed: Log | Lines, failed: Log | Lines, *, causes: Sequence[Cause] = ()
) -> Diff:
    """What only the failing log says, once what always varies is masked.

    Of logs that are not kept whole, the kept lines are compared; ``diff_blocks`` takes
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
    found = _diff(_batches(_lines(passed)), _batches(_lines(failed)), causes)
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
    return _diff(_split(passed), _split(failed), causes)


def _lines(log: Log | Lines) -> Lines:
    return log.lines if isinstance(log, Log) else log


def _batches(lines: Lines) -> Iterator[Block]:
    """Neighbouring kept lines, some thousands at a time."""
    numbered = iter(lines)
    while batch := list(islice(numbered, _BATCH)):
        start = 0
        for index in range(1, len(batch) + 1):
            if index == len(batch) or batch[index][0] != batch[index - 1][0] + 1:
                yield batch[start][0], [text for _, text in batch[start:index]]
                start = index


def _split(blocks: Iterable[bytes]) -> Iterator[Block]:
    first = 1
    for block in blocks:
        texts = [decoded(raw) for raw in block.removesuffix(b"\n").split(b"\n")]
        yield first, texts
        first += len(texts)


def _diff(
    passed: Iterable[Block], failed: Iterable[Block], causes: Sequence[Cause]
) -> Diff:
    known = Known()
    for _, texts in passed:
        known.add(texts)
    counts: Counter[Status] = Counter()
    rows: deque[DiffLine] = deque(maxlen=MAX_ROWS)
    noticed = 0
    for line in _noticed(_compared(known, failed, counts)):
        rows.append(line)
        noticed += 1
    scored = _ranked(_hunks(list(rows), known, causes))
    skipped = []
    if noticed > MAX_ROWS:
        skipped.append(
            Skipped(f"the first {noticed - MAX_ROWS} differing lines", "too many")
        )
    if len(scored) > MAX_HUNKS:
        count = len(scored) - MAX_HUNKS
        skipped.append(Skipped(f"{count} hunks", f"only the best {MAX_HUNKS} are kept"))
    total = counts.total()
    coverage = Coverage(total, total, tuple(skipped))
    hunks = tuple(scored[:MAX_HUNKS])
    return Diff("passed", "failed", counts["new"], hunks, coverage)


def _compared(
    known: Known, blocks: Iterable[Block], counts: Counter[Status]
) -> Iterator[tuple[int, Sequence[str], Sequence[Status]]]:
    seen: Counter[int] = Counter()
    for first, texts in blocks:
        statuses = known.statuses(texts, seen)
        counts.update(statuses)
        yield first, texts, statuses


def _noticed(
    blocks: Iterable[tuple[int, Sequence[str], Sequence[Status]]],
) -> Iterator[DiffLine]:
    """The lines that differ, and the ones around them, across the ends of blocks."""
    first, done = 1, 0
    texts: list[str] = []
    statuses: list[Status] = []
    for start, more_texts, more_statuses in blocks:
        if start != first + len(texts):
            yield from _near(first, texts, statuses, range(done, len(texts)))
            first, done, texts, statuses = start, 0, [], []
        texts += more_texts
        statuses += more_statuses
        limit = max(len(texts) - CONTEXT, done)
        yield from _near(first, texts, statuses, range(done, limit))
        cut = max(limit - CONTEXT, 0)
        first, done = first + cut, limit - cut
        del texts[:cut], statuses[:cut]
    yield from _near(first, texts, statuses, range(done, len(texts)))


def _near(
    first: int, texts: Sequence[str], statuses: Sequence[Status], wanted: range
) -> Iterator[DiffLine]:
    near = {
        index
        for centre, status in enumerate(statuses)
        if status != "same"
        for index in range(centre - CONTEXT, centre + CONTEXT + 1)
        if index in wanted
    }
    for index in sorted(near):
        yield DiffLine(first + index, texts[index], statuses[index])


def _weight(line: DiffLine, routine: int, causes: Sequence[Cause]) -> float:
    """How much one line of the failing log looks like the failure, 0 to 1.

    Args:
        line: The line.
        routine: How many different lines of the passing log begin like it.
        causes: What explains the failing log.
    """
    if line.status == "same":
        return 0.0
    share = {"new": 1.0, "changed": 0.4, "more": 0.2}[line.status] / (1 + routine / 3)
    weight = 0.5 * share + likeness(line.text) * (0.15 + 0.35 * share)
    if any(cause.line_start <= line.number <= cause.line_end for cause in causes):
        weight += 0.3
    return min(weight, 1.0)


def _hunks(
    rows: Sequence[DiffLine], known: Known, causes: Sequence[Cause]
) -> Iterator[Hunk]:
    """Cut the lines at gaps, and where a quiet stretch begins or ends."""
    group: list[tuple[DiffLine, float]] = []
    routine = known.routine([line.text for line in rows])
    for line, count in zip(rows, routine, strict=True):
        if group and line.number > group[-1][0].number + 1:
            yield from _cut(group)
            group = []
        group.append((line, _weight(line, count, causes)))
    if group:
        yield from _cut(group)


def _cut(group: Sequence[tuple[DiffLine, float]]) -> Iterator[Hunk]:
    loud = [index for index, (_, weight) in enumerate(group) if weight >= _QUIET]
    stretches: list[list[int]] = []
    for index in loud:
        if stretches and index - stretches[-1][1] <= 2 * CONTEXT:
            stretches[-1][1] = index
        else:
            stretches.append([index, index])
    at = 0
    for start, end in stretches:
        yield from _hunk(group, at, start - 1)
        yield from _hunk(group, start, end)
        at = end + 1
    yield from _hunk(group, at, len(group) - 1)


def _hunk(
    group: Sequence[tuple[DiffLine, float]], start: int, end: int
) -> Iterator[Hunk]:
    differing = [i for i in range(start, end + 1) if group[i][0].status != "same"]
    if not differing:
        return
    start, end = differing[0], differing[-1]
    weights = [group[index][1] for index in differing]
    best = max(weights)
    loud = sum(weight >= _HOT for weight in weights)
    score = 0.8 * best + 0.2 * loud / (loud + 3)
    kind: Kind = "noise" if best < _QUIET else "failure" if best >= _HOT else "other"
    shown = [line for line, _ in group[max(start - CONTEXT, 0) : end + 1 + CONTEXT]]
    left_out = max(len(shown) - MAX_HUNK_LINES, 0)
    if left_out:
        half = MAX_HUNK_LINES // 2
        shown = [*shown[:half], *shown[-half:]]
    first, last = group[start][0].number, group[end][0].number
    yield Hunk(0, first, last, round(score, 4), kind, tuple(shown), left_out)


def _ranked(hunks: Iterable[Hunk]) -> list[Hunk]:
    """Best first; of equals the later one, since logs fail at the end."""
    order = sorted(hunks, key=lambda hunk: (-hunk.score, -hunk.line_start))
    return [replace(hunk, rank=rank) for rank, hunk in enumerate(order, 1)]
