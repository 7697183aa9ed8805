"""Three stores of the same rows: ours, SQLite with an index, and a file of DuckDB's.

The rivals are what one would write in an afternoon: tables with the same columns, an
index on what is looked up, one transaction for every batch, and a ranking in SQL.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import duckdb

from sickbay.ci.history.models import Line
from sickbay.history.face import Keep
from sickbay.history.opening import opened_history
from sickbay.history.reading import Reading
from sickbay.history.schema import TABLES

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    import pyarrow as pa

    from sickbay.history.face import History
    from sickbay.history.rows import Batch

ALL = 1 << 40
LAST = 50
TIMELINE = """
SELECT b.number, b.sha, b.title, r.job_id, r.variant, r.outcome, r.attempts,
    r.duration_s, r.signature, r.message
FROM results AS r JOIN builds AS b ON b.ingest_id = r.ingest_id
WHERE r.test_id = ?
ORDER BY r.ordered_at DESC
"""
RANKING = """
WITH runs AS (
    SELECT test_id, ordered_at,
        max(CASE WHEN outcome = 'passed' THEN 0 ELSE 1 END) AS bad
    FROM results GROUP BY test_id, ingest_id, ordered_at
), course AS (
    SELECT test_id, bad,
        lag(bad) OVER (PARTITION BY test_id ORDER BY ordered_at) AS earlier
    FROM runs
)
SELECT test_id, count(*), sum(bad), sum(CASE WHEN bad <> earlier THEN 1 ELSE 0 END)
FROM course GROUP BY test_id HAVING sum(bad) > 0
"""

Ranked = dict[str, tuple[int, int]]
"""In how many builds each test ran, and in how many of them it failed."""


class Store(Protocol):
    """What is measured."""

    name: str

    def put(self, batch: Batch) -> None:
        """Keep some builds, so that every reader has them from now on."""

    def settle(self) -> None:
        """Do what it does in its own time."""

    def timeline(self, test_id: str) -> int:
        """Read all runs of one test; how many there are."""

    def ranking(self) -> Ranked:
        """Read all tests that failed."""

    def reopen(self) -> None:
        """Forget what is in memory."""

    def size(self) -> int:
        """Bytes on disk."""


class Ours:
    """Tables in a folder."""

    name = "sickbay"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runner = asyncio.Runner()
        self._open()

    def _open(self) -> None:
        self._context: AbstractAsyncContextManager[History] = opened_history(
            self._folder, dead_for=timedelta(0)
        )
        self._history = self._runner.run(self._entered())

    async def _entered(self) -> History:
        return await self._context.__aenter__()

    async def _left(self) -> None:
        await self._context.__aexit__(None, None, None)

    def put(self, batch: Batch) -> None:
        """See ``Store``."""
        self._runner.run(self._put(batch))

    async def _put(self, batch: Batch) -> None:
        await self._history.put(batch)

    def settle(self) -> None:
        """See ``Store``."""

        async def settled() -> None:
            await self._history.tidy(keep=Keep(), force=True)

        self._runner.run(settled())

    def timeline(self, test_id: str) -> int:
        """See ``Store``."""
        return int(self._runner.run(self._timeline(test_id)).num_rows)

    async def _timeline(self, test_id: str) -> pa.Table:
        line = dict.fromkeys(("pipeline", "branch", "since", "until", "message"))
        return await self._history.ask("timeline", **line, newest=ALL, test_id=test_id)

    def past(self, test_id: str) -> int:
        """The newest builds, the test's runs in them and their jobs, as records."""
        reading = Reading(self._history)
        return len(self._runner.run(reading.past(test_id, Line(most=LAST))).runs)

    def ranking(self) -> Ranked:
        """See ``Store``."""
        tallies = self._runner.run(Reading(self._history).tallies(Line(most=ALL), ALL))
        return {one.test_id: (one.builds, one.failed_builds) for one in tallies}

    def reopen(self) -> None:
        """See ``Store``."""
        self.close()
        self._runner = asyncio.Runner()
        self._open()

    def close(self) -> None:
        """Let go of it."""
        self._runner.run(self._left())
        self._runner.close()

    def size(self) -> int:
        """See ``Store``."""
        return sum(file.stat().st_size for file in self._folder.rglob("*.*"))


class DuckFile:
    """One file of DuckDB's."""

    name = "DuckDB file"

    def __init__(self, folder: Path) -> None:
        self._path = folder / "history.duckdb"
        self._connection = duckdb.connect(str(self._path))
        for name, schema in TABLES.items():
            empty = schema.empty_table()
            self._connection.register("empty", empty)
            self._connection.execute(f"CREATE TABLE {name} AS FROM empty")

    def put(self, batch: Batch) -> None:
        """See ``Store``."""
        self._connection.begin()
        for name, table in batch.tables.items():
            self._connection.register("rows", table)
            self._connection.execute(f"INSERT INTO {name} FROM rows")
        self._connection.commit()

    def settle(self) -> None:
        """See ``Store``."""
        self._connection.execute("CHECKPOINT")

    def timeline(self, test_id: str) -> int:
        """See ``Store``."""
        return len(self._connection.execute(TIMELINE, [test_id]).fetchall())

    def ranking(self) -> Ranked:
        """See ``Store``."""
        return _ranked(self._connection.execute(RANKING).fetchall())

    def reopen(self) -> None:
        """See ``Store``."""
        self._connection.close()
        self._connection = duckdb.connect(str(self._path))

    def size(self) -> int:
        """See ``Store``."""
        return self._path.stat().st_size


class Sqlite:
    """SQLite with an index for the timeline, its log written ahead."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._path = folder / "history.sqlite"
        self._open()
        for name, schema in TABLES.items():
            self._connection.execute(f"CREATE TABLE {name} ({', '.join(schema.names)})")
        self._connection.execute("CREATE INDEX runs ON results (test_id, ordered_at)")
        self._connection.execute("CREATE INDEX ids ON builds (ingest_id)")

    def _open(self) -> None:
        self._connection = sqlite3.connect(self._path)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA cache_size = -262144")  # KiB: its index fits

    def put(self, batch: Batch) -> None:
        """See ``Store``."""
        with self._connection:
            for name, table in batch.tables.items():
                marks = ", ".join("?" * table.num_columns)
                self._connection.executemany(
                    f"INSERT INTO {name} VALUES ({marks})",  # noqa: S608 - ours
                    zip(*map(_values, table.columns), strict=True),
                )

    def settle(self) -> None:
        """See ``Store``."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def timeline(self, test_id: str) -> int:
        """See ``Store``."""
        return len(self._connection.execute(TIMELINE, [test_id]).fetchall())

    def ranking(self) -> Ranked:
        """See ``Store``."""
        return _ranked(self._connection.execute(RANKING).fetchall())

    def reopen(self) -> None:
        """See ``Store``."""
        self._connection.close()
        self._open()

    def size(self) -> int:
        """See ``Store``."""
        return self._path.stat().st_size


def _values(column: pa.ChunkedArray) -> list[Any]:
    if str(column.type).startswith("timestamp"):
        column = column.cast("int64")
    return list(column.to_pylist())


def _ranked(rows: list[tuple[Any, ...]]) -> Ranked:
    return {test_id: (builds, failed) for test_id, builds, failed, _ in rows}


def emptied(folder: Path) -> Path:
    """The folder, with nothing in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
