"""A large history: writing, one test's timeline, the ranking of all, and disk.

The same generated rows go into our tables, into SQLite with an index, and into a file
of DuckDB's: first 500 builds of 2,000 results one a commit, then the rest many a
commit. All have to find the same failures. Reading is measured when each has settled
(ours tidies itself meanwhile, at the latest when it is told to): the best of several
warm runs, and the first after opening anew. Times are wall clock.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from parts.history_rows import PER_BUILD, World
from parts.history_stores import DuckFile, Ours, Sqlite, emptied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from parts.history_stores import Ranked, Store
    from sickbay.history.rows import Batch

KINDS = (Ours, DuckFile, Sqlite)
ONE_BY_ONE = 500
AT_ONCE = 50
LOOKED_UP = 20
MILLION = 1_000_000


@dataclass
class Measured:
    """One store with one number of rows; seconds, rows a second and bytes."""

    store: str
    rows: int
    one: float | None = None
    bulk: float | None = None
    settle_s: float = 0.0
    cold_s: float = 0.0
    warm_s: float = 0.0
    past_s: float | None = None
    ranking_s: float = 0.0
    size: int = 0
    ranked: Ranked = field(default_factory=dict)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 10], metavar="M")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--only", nargs="*", default=["sickbay", "DuckDB file", "SQLite"]
    )
    given = parser.parse_args()
    steps = [millions * MILLION // PER_BUILD for millions in sorted(given.rows)]
    world = World(builds=steps[-1])
    print(
        f"{world.tests:,} tests, {PER_BUILD:,} results a build, {os.cpu_count()} cores"
    )
    head()
    found: list[Measured] = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            if kind.name in given.only:
                store = kind(emptied(Path(folder) / kind.name))
                for one in grown(store, world, steps, given.rounds):
                    show(one)
                    found.append(one)
    return same(found)


def grown(
    store: Store, world: World, steps: list[int], rounds: int
) -> Iterable[Measured]:
    """A store, measured at each size it is filled to."""
    done = 0
    one = None
    for builds in steps:
        bulk = None
        if not done:
            done = min(ONE_BY_ONE, builds)
            one = written(store, world.batches(0, done), done)
        if builds > done:
            rest = world.batches(done, builds, per=AT_ONCE)
            bulk = written(store, rest, builds - done)
            done = builds
        yield read(
            store, Measured(store.name, builds * PER_BUILD, one, bulk), world, rounds
        )
        one = None


def written(store: Store, batches: Iterable[Batch], builds: int) -> float:
    """Rows a second; making the rows does not count."""
    taken = 0.0
    for batch in batches:
        taken += timed(partial(store.put, batch))
    return builds * PER_BUILD / taken


def read(store: Store, found: Measured, world: World, rounds: int) -> Measured:
    """Measure what is read."""
    found.settle_s = timed(store.settle)
    found.size = store.size()
    tests = world.names.to_pylist()[:: world.tests // LOOKED_UP]
    store.reopen()
    found.cold_s = timed(partial(store.timeline, tests[0]))
    found.warm_s = min(
        timed(partial(store.timeline, test)) for _ in range(rounds) for test in tests
    )
    if isinstance(store, Ours):
        found.past_s = min(
            timed(partial(store.past, test)) for _ in range(rounds) for test in tests
        )
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        found.ranked = store.ranking()
        times.append(time.perf_counter() - start)
        if times[-1] > 10:  # noqa: PLR2004 - seconds: one run says it
            break
    found.ranking_s = min(times)
    return found


def timed(act: Callable[[], object]) -> float:
    """Seconds it takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def head() -> None:
    """Print what the columns are."""
    print(
        f"{'':24}{'1 a commit':>11}{'many':>11}{'settle':>8}{'timeline ms':>16}"
        f"{'records':>9}{'ranking':>9}{'disk':>8}"
    )
    print(
        f"{'':24}{'rows/s':>11}{'rows/s':>11}{'s':>8}{'first':>8}{'warm':>8}"
        f"{'ms':>9}{'s':>9}{'MB':>8}",
        flush=True,
    )


def show(one: Measured) -> None:
    """Print one line."""
    past = f"{one.past_s * 1000:9.1f}" if one.past_s is not None else f"{'':9}"
    single = f"{one.one:11,.0f}" if one.one else f"{'':11}"
    bulk = f"{one.bulk:11,.0f}" if one.bulk else f"{'':11}"
    print(
        f"{one.store:13}{one.rows / MILLION:7.0f} M  {single}{bulk}"
        f"{one.settle_s:8.1f}{one.cold_s * 1000:8.1f}{one.warm_s * 1000:8.1f}{past}"
        f"{one.ranking_s:9.2f}{one.size / 1e6:8.0f}",
        flush=True,
    )


def same(found: list[Measured]) -> int:
    """Say whether all find the same; 1 where they do not."""
    wrong = 0
    for one in found:
        others = [other for other in found if other.rows == one.rows]
        wrong += any(other.ranked != one.ranked for other in others)
    tests = {one.rows: len(one.ranked) for one in found}
    said = ", ".join(f"{n:,} of {rows / MILLION:.0f} M" for rows, n in tests.items())
    print(f"tests that failed: {said}; {'NOT ' if wrong else ''}the same in all stores")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
