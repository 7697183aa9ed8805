"""Counts tests over builds, from what each attempt of each job says of each test.

What is counted are cells: a test in a build in one variant of its jobs passed, failed,
or did both, however often it was tried there. The rules are those of
``ci.history.outcomes``, for all tests at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from sickbay.ci.history.comparison import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa
    from numpy.typing import NDArray

    Ints: TypeAlias = NDArray[np.int64]

_PASS, _FAIL, _LOST, _SEEN, _AGAIN = 1, 2, 4, 8, 16
"""Bits of what an attempt says: ``_LOST`` failed with its machine, ``_SEEN`` has the
test among its results, ``_AGAIN`` ran it more than once."""
_SAID = 5
"""How many bits."""
_BASE, _NEW = 1, 2
"""Bits of the sides that a build is on."""

SHORTEST_S = 0.001
"""Times below are those of clocks."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Of tests in the order of their numbers; see ``ci.history.models.Tally``."""

    tests: list[str]
    builds: Ints
    failed_builds: Ints
    passes: Ints
    failures: Ints
    pairs: Ints
    split_pairs: Ints
    transitions: Ints


@dataclass(frozen=True, slots=True)
class _Cells:
    """In the order of tests, builds and variants."""

    t: Ints
    n: Ints
    v: Ints
    good: Ints
    bad: Ints
    lost: Ints
    again: Ints


def counted(table: pa.Table) -> Counts:
    """The counts of ``queries/tallies.sql``."""
    names = _names(table)
    most = len(names)
    commits = _by_build(table, "c")
    cells = _judged(_cells(table))
    starts = _starts(cells.t, cells.n)
    t = cells.t[starts]
    broken = _any(cells.bad & ~cells.good, starts)
    flips = (np.diff(broken) != 0) & (np.diff(t) == 0)
    pairs, split = _pairs(cells, commits, most)
    return Counts(
        tests=names,
        builds=_per(t, most),
        failed_builds=_per(t[_any(cells.bad, starts) == 1], most),
        passes=_per(cells.t[cells.good == 1], most),
        failures=_per(cells.t[cells.bad == 1], most),
        pairs=pairs,
        split_pairs=split,
        transitions=_per(t[1:][flips], most),
    )


def _names(table: pa.Table) -> list[str]:
    """The tests in the order of their numbers: rows of their own say them."""
    known = table.filter(table["test_id"].is_valid()).sort_by("t")
    return list(known["test_id"].to_pylist())


def _column(table: pa.Table, name: str) -> Ints:
    column: Ints = table[name].to_numpy().astype(np.int64)
    return column


def _cells(table: pa.Table) -> _Cells:
    t, n, v = (_column(table, name) for name in "tnv")
    variant = int(v.max(initial=0)).bit_length()
    build = variant + int(n.max(initial=0)).bit_length()
    keys = ((t << build | n << variant | v) << _SAID) | _column(table, "said")
    keys = np.sort(keys[n > 0])
    places, said = keys >> _SAID, keys & ((1 << _SAID) - 1)
    starts = _starts(places)
    places, all_said = places[starts], _any(said, starts)
    seen = _sum(said & _SEEN == _SEEN, starts)
    return _Cells(
        t=places >> build,
        n=places >> variant & ((1 << build - variant) - 1),
        v=places & ((1 << variant) - 1),
        good=all_said & _PASS,
        bad=(all_said & _FAIL) >> 1,
        lost=(all_said & _LOST) >> 2,
        again=((seen > 1) | (all_said & _AGAIN > 0)).astype(np.int64),
    )


def sided(table: pa.Table) -> tuple[dict[str, Side], dict[str, Side]]:
    """What became of the tests of ``queries/outcomes.sql`` on either side."""
    names = _names(table)
    cells = _cells(table)
    sides = _by_build(table, "side")
    starts = _starts(cells.t, cells.n)
    t, side = cells.t[starts], sides[cells.n[starts]]
    decided = _any(cells.good | cells.bad, starts) == 1
    broken = _any(cells.bad & ~cells.good, starts) == 1
    mixed = (_any(cells.bad & cells.good, starts) == 1) & ~broken
    lost = (_any(cells.lost, starts) == 1) & ~decided
    found = []
    for bit in (_BASE, _NEW):
        here = side & bit > 0
        columns = [
            _per(t[here & which], len(names))
            for which in (decided, broken, mixed, lost)
        ]
        times = _times(table, sides & bit > 0, len(names))
        rows = zip(names, *columns, *times, strict=True)
        found.append(dict(_sides(rows)))
    return found[0], found[1]


def _sides(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, Side]]:
    for name, builds, failed, flaky, lost, timed, logs, squares in rows:
        if not builds and not lost:
            continue
        mean = float(logs / timed) if timed else None
        spread = squares - timed * mean * mean if mean is not None else 0.0
        yield (
            name,
            Side(
                builds=int(builds),
                failed=int(failed),
                flaky=int(flaky),
                infra=int(lost),
                timed=int(timed),
                log_mean=mean,
                log_sd=sqrt(max(0.0, spread) / (timed - 1)) if timed > 1 else None,
            ),
        )


def _times(
    table: pa.Table, here: NDArray[np.bool_], most: int
) -> tuple[NDArray[np.number], ...]:
    """How many runs of each test are timed; their logarithms' sums, and squares'."""
    seconds = table["seconds"].to_numpy().astype(np.float64)
    kept = here[_column(table, "n")] & (seconds >= SHORTEST_S)
    t, logs = _column(table, "t")[kept], np.log(seconds[kept])
    sums = np.bincount(t, weights=logs, minlength=most + 1)[1:]
    squares = np.bincount(t, weights=logs * logs, minlength=most + 1)[1:]
    return _per(t, most), sums, squares


def _judged(cells: _Cells) -> _Cells:
    """Those in which the test itself decided."""
    kept = (cells.good | cells.bad) == 1
    return _Cells(*(column[kept] for column in _columns(cells)))


def _columns(cells: _Cells) -> tuple[Ints, ...]:
    return (cells.t, cells.n, cells.v, cells.good, cells.bad, cells.lost, cells.again)


def _by_build(table: pa.Table, name: str) -> Ints:
    """What a column says of each build, by the number of the build."""
    n = _column(table, "n")
    values = np.zeros(n.max(initial=0) + 1, np.int64)
    values[n] = _column(table, name)
    return values


def _pairs(cells: _Cells, commits: Ints, most: int) -> tuple[Ints, Ints]:
    """Commits on which a variant ran it twice, and where it passed and failed."""
    twice = np.bincount(commits)[commits] > 1
    mixed = cells.good & cells.bad
    kept = twice[cells.n] | (cells.again == 1) | (mixed == 1)
    t, c, v = cells.t[kept], commits[cells.n[kept]], cells.v[kept]
    order = np.lexsort((v, c, t))
    starts = _starts(t[order], c[order], v[order])
    good, bad, again = (
        column[kept][order] for column in (cells.good, cells.bad, cells.again)
    )
    split = (_any(good, starts) & _any(bad, starts)) == 1
    runs = np.diff(np.append(starts, order.size))
    pairs = split | (runs > 1) | (_any(again, starts) == 1)
    t = t[order][starts]
    return _per(t[pairs], most), _per(t[split], most)


def _starts(*columns: Ints) -> Ints:
    """Where rows differ from the one before."""
    changes = np.zeros(columns[0].size, bool)
    changes[:1] = True
    for column in columns:
        changes[1:] |= np.diff(column) != 0
    return np.flatnonzero(changes)


def _any(column: Ints, starts: Ints) -> Ints:
    return np.bitwise_or.reduceat(column, starts) if starts.size else column[:0]


def _sum(column: NDArray[np.bool_], starts: Ints) -> Ints:
    counts = column.astype(np.int64)
    return np.add.reduceat(counts, starts) if starts.size else counts[:0]


def _per(tests: Ints, most: int) -> Ints:
    """How many rows each test has."""
    return np.bincount(tests, minlength=most + 1)[1:]
