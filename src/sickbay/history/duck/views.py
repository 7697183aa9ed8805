"""Views on the files of a history: of all rows, those that count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import duckdb
import pyarrow as pa

from sickbay.history.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence

_TYPES = {
    pa.string(): "VARCHAR",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float32(): "FLOAT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
}

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "allow_community_extensions": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
    "temp_directory": "",  # the default would be in whatever folder we were started
}
"""Nothing is fetched, and nothing but the tables is to be had by a name."""


class Snapshot(Protocol):
    """The files of the tables at one moment.

    Attributes:
        files: Their full paths, by table; no files are an empty table.
        version: Another one where the files are others.
    """

    @property
    def files(self) -> Mapping[str, Sequence[str]]:
        """See above."""

    @property
    def version(self) -> Hashable:
        """See above."""


def connected(*, max_bytes: int | None = None) -> duckdb.DuckDBPyConnection:
    """A database in memory, of which it takes at most so much."""
    limit = {"memory_limit": f"{max_bytes}B"} if max_bytes else {}
    connection = duckdb.connect(":memory:", config=_SETTINGS | limit)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET parquet_metadata_cache = true")
    return connection


def prepare(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    """Make the tables of a snapshot known to a connection, all at once.

    ``builds`` is read now, so that whether a row counts is looked up in memory: it
    does where its ingestion is the newest of its build, and numbers of ingestions are
    unique in a history.

    Raises:
        duckdb.Error: A file is gone or damaged.
    """
    connection.begin()
    try:
        for statement in _statements(connection, snapshot):
            connection.execute(statement)
        connection.commit()
    except duckdb.Error:
        connection.rollback()
        raise


def _statements(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot
) -> Iterator[str]:
    sources = {
        name: rows_of(connection, name, snapshot.files.get(name, ())) for name in TABLES
    }
    newest = (
        "SELECT * EXCLUDE (rank) FROM (SELECT *, row_number() OVER "
        "(PARTITION BY build_id ORDER BY ingest_id DESC) AS rank FROM builds_read) "
        "WHERE rank = 1"
    )
    yield f"CREATE OR REPLACE VIEW builds_read AS {sources.pop('builds')}"
    yield f"CREATE OR REPLACE TABLE builds AS {newest}"
    counts = "ingest_id IN (SELECT ingest_id FROM builds)"
    for name, source in sources.items():
        yield f"CREATE OR REPLACE VIEW {name} AS FROM ({source}) WHERE {counts}"


def rows_of(
    connection: duckdb.DuckDBPyConnection, name: str, files: Sequence[str]
) -> str:
    """All rows of some files; a column that none of them has is empty."""
    if not files:
        return f"SELECT {_columns(name, ())} WHERE false"
    paths = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
    source = f"read_parquet([{paths}], union_by_name=true)"
    found = connection.sql(f"FROM {source} LIMIT 0").columns
    return f"SELECT {_columns(name, found)} FROM {source}"  # noqa: S608 - quoted above


def _columns(name: str, there: Collection[str]) -> str:
    return ", ".join(
        field.name
        if field.name in there
        else f"CAST(NULL AS {_type(field)}) AS {field.name}"
        for field in TABLES[name]
    )


def _type(field: pa.Field) -> str:
    timed = pa.types.is_timestamp(field.type)
    return "TIMESTAMPTZ" if timed else _TYPES[field.type]


def in_utc(table: pa.Table) -> pa.Table:
    """The same, with the time zone called as in the schema."""
    fields = [
        field.with_type(pa.timestamp("us", tz="UTC"))
        if pa.types.is_timestamp(field.type)
        else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))
