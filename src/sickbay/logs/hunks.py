"""Neighbouring lines that only a failing log has, the most telling first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Literal

from sickbay.logs.known import Status
from sickbay.logs.lines import decoded
from sickbay.logs.signature import likeness

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.known import Known
    from sickbay.logs.report import Cause

    Row = tuple[int, bytes, Status]

Kind = Literal["failure", "other", "noise"]

CONTEXT = 2
"""Known lines that are shown before and after, and that a hunk may span."""
MAX_HUNK_LINES = 60
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
        lines: With ``CONTEXT`` lines around; of a long hunk its first line, its last,
            and the surroundings of those that look most like the failure.
        left_out: How many lines are missing in ``lines``.
    """

    rank: int
    line_start: int
    line_end: int
    score: float
    kind: Kind
    lines: tuple[DiffLine, ...]
    left_out: int = 0


def ranked(
    rows: Sequence[Row], known: Known, causes: Sequence[Cause] = ()
) -> list[Hunk]:
    """The hunks of the rows, the ones on causes first, then those most like a failure.

    Of equals the later one comes first, since logs fail at the end.

    Args:
        rows: Lines of the failing log that differ, and the ones around them.
        known: The passing log.
        causes: What explains the failing log.
    """

    def order_of(hunk: Hunk) -> tuple[float, float, int]:
        cause = min((c.rank for c in causes if _touches(hunk, c)), default=inf)
        return cause, -hunk.score, -hunk.line_start

    order = sorted(_hunks(rows, known, causes), key=order_of)
    return [replace(hunk, rank=rank) for rank, hunk in enumerate(order, 1)]


def _touches(hunk: Hunk, cause: Cause) -> bool:
    overlap = hunk.line_start <= cause.line_end and cause.line_start <= hunk.line_end
    return overlap and hunk.kind == "failure"


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
    rows: Sequence[Row], known: Known, causes: Sequence[Cause]
) -> Iterator[Hunk]:
    """Cut the lines at gaps, and where a quiet stretch begins or ends."""
    group: list[tuple[DiffLine, float]] = []
    routine = known.routine([raw for _, raw, _ in rows])
    for (number, raw, status), count in zip(rows, routine, strict=True):
        if group and number > group[-1][0].number + 1:
            yield from _cut(group)
            group = []
        line = DiffLine(number, decoded(raw), status)
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
    around = group[max(start - CONTEXT, 0) : end + 1 + CONTEXT]
    shown = tuple(_loudest(around))
    first, last = group[start][0].number, group[end][0].number
    left_out = len(around) - len(shown)
    yield Hunk(0, first, last, round(score, 4), kind, shown, left_out)


def _loudest(group: Sequence[tuple[DiffLine, float]]) -> Iterator[DiffLine]:
    """Its ends, and what surrounds the lines that weigh most, later ones first."""
    kept = set(range(len(group)))
    if len(group) > MAX_HUNK_LINES:
        by_weight = sorted(kept, key=lambda index: (-group[index][1], -index))
        kept = {*range(CONTEXT + 1), *range(len(group) - CONTEXT - 1, len(group))}
        for index in by_weight:
            window = range(
                max(index - CONTEXT, 0), min(index + CONTEXT + 1, len(group))
            )
            if len(kept.union(window)) <= MAX_HUNK_LINES:
                kept.update(window)
            elif len(kept) >= MAX_HUNK_LINES - CONTEXT:
                break
    return (group[index][0] for index in sorted(kept))
