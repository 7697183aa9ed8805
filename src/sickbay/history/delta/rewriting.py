"""Makes one sorted file of several, without the rows that go."""

from __future__ import annotations

import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from sickbay.core.errors import Unavailable
from sickbay.history.delta.entry import Added, stats
from sickbay.history.delta.log import MEND, first_line
from sickbay.history.delta.retention import COLUMNS
from sickbay.history.duck.views import rows_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path
    from typing import Self

ORDER = {
    "results": "test_id, ordered_at, ingest_id, job_id",
    "jobs": "variant, ingest_id, job_id",
    "causes": "cause_id, ordered_at, ingest_id, job_id",
    "builds": "ordered_at, build_id, ingest_id",
}
SORTED = "sorted-"
"""How the names of files begin that this module wrote."""

SPILL = ".spill"
MEMORY = "1GB"
ROW_GROUP = 24 * 2048
"""Rows: few enough to read one test's without many others', a multiple of vectors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """What came of some files; ``added`` is None where no row stayed."""

    added: Added | None
    before: int
    after: int


class Rewriter:
    """Reads, sorts and writes files of a store; more than fits memory goes to its disk.

    Args:
        folder: Of the store.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": MEMORY,
                "temp_directory": str(folder / SPILL),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            },
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def interrupt(self) -> None:
        """Give up what is being done, from another thread."""
        with suppress(duckdb.Error):  # it may be closed
            self._connection.interrupt()

    def know(self, *, stay: Collection[int], go: Collection[int]) -> None:
        """Say which ingestions count, and which are to be dropped."""
        for name, numbers in (("stay", stay), ("go", go)):
            table = pa.table({"ingest_id": pa.array(numbers, pa.int64())})
            self._connection.register(name, table)

    def builds(self, files: Collection[str]) -> list[dict[str, Any]]:
        """What of all ingestions of builds tells which of them go."""
        with self._mapped():
            rows = self._connection.sql(f"FROM ({self._all('builds', files)})")
            found: pa.Table = rows.select(*COLUMNS).to_arrow_table()
        return [dict(row) for row in found.to_pylist()]

    def holding(self, name: str, files: Mapping[str, bool]) -> frozenset[str]:
        """Which files have rows that go.

        Args:
            name: Of the table.
            files: Their names, and whether a row that belongs to no build goes, too.
        """
        with self._mapped():
            return frozenset(file for file in files if self._loses(name, files, file))

    def _loses(self, name: str, files: Mapping[str, bool], file: str) -> bool:
        gone = self._rows(name, {file: files[file]}, stay=False)
        return bool(self._found(f"FROM ({gone}) SELECT 1 LIMIT 1"))

    def rewrite(self, name: str, files: Mapping[str, bool]) -> Rewritten:
        """Write the rows of files that stay into one, sorted.

        Args:
            name: Of the table.
            files: Their names, and whether a row that belongs to no build goes, too.

        Raises:
            Unavailable: They cannot be read or written, or rows would be lost.
        """
        path = self._folder / name / f"{SORTED}{uuid.uuid4().hex}.parquet"
        try:
            with self._mapped():
                return self._rewritten(name, files, path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def unwhole(
        self, files: Mapping[str, Collection[str]]
    ) -> tuple[dict[int, str], frozenset[str]]:
        """Ingestions that lack rows they should have, and builds that have only rows.

        Args:
            files: Of all tables, their names.
        """
        with self._mapped():
            rows = {name: self._all(name, some) for name, some in files.items()}
            builds = f"({rows.pop('builds')})"
            lacking = " UNION ".join(
                f"FROM {builds} b LEFT JOIN (FROM ({part}) SELECT ingest_id, "
                "count(*) AS there GROUP BY ingest_id) r USING (ingest_id) SELECT "
                f"b.ingest_id, b.build_id WHERE ifnull(there, 0) <> ifnull(b.{name}, 0)"
                for name, part in rows.items()
            )
            parts = " UNION ".join(
                f"FROM ({part}) SELECT build_id" for part in rows.values()
            )
            alone = f"({parts}) EXCEPT (FROM {builds} SELECT build_id)"
            return (
                dict(self._found(lacking)),
                frozenset(build for (build,) in self._found(alone)),
            )

    def _rewritten(self, name: str, files: Mapping[str, bool], path: Path) -> Rewritten:
        quoted = str(path).replace("'", "''")
        self._connection.execute(
            f"COPY (FROM ({self._rows(name, files)}) ORDER BY {ORDER[name]}) "
            f"TO '{quoted}' "
            f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
        )
        before = sum(
            pq.read_metadata(self._path(name, file)).num_rows for file in files
        )
        after = pq.read_metadata(path).num_rows
        gone = self._rows(name, files, stay=False)
        [(dropped,)] = self._found(f"FROM ({gone}) SELECT count(*)")
        if before != after + dropped:
            raise Unavailable(
                f"{name}: of {before} rows {after} would be left, but {dropped} go"
            )
        if not after:
            path.unlink()
            return Rewritten(added=None, before=before, after=0)
        added = Added(path=path.name, size=path.stat().st_size, stats=stats(after))
        return Rewritten(added=added, before=before, after=after)

    def _rows(self, name: str, files: Mapping[str, bool], *, stay: bool = True) -> str:
        """Those rows of files that stay, or those that go."""
        return " UNION ALL ".join(
            f"FROM ({self._all(name, some)}) "
            f"WHERE {'' if stay else 'NOT '}{_stays(strict=strict)}"
            for strict in (True, False)
            if (some := [file for file in files if files[file] is strict])
        )

    def _path(self, name: str, file: str) -> str:
        return str(self._folder / name / file)

    def _all(self, name: str, files: Collection[str]) -> str:
        paths = [self._path(name, file) for file in files]
        return rows_of(self._connection, name, paths)

    def _found(self, statement: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement).fetchall()

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except duckdb.Error as exc:
            reason = first_line(exc)
            raise Unavailable(
                f"the history in {self._folder} cannot be tidied: {reason}", hint=MEND
            ) from exc


def _stays(*, strict: bool) -> str:
    if strict:
        return "(ingest_id IN (SELECT ingest_id FROM stay))"
    return "(ingest_id NOT IN (SELECT ingest_id FROM go))"
