"""Runs a statement that somebody wrote where it can do no harm.

The statement is checked and written anew (``history.guard``). It runs in a database of
its own that may open the files of the tables and nothing else, whose settings are
locked, whose memory is bounded, and that is interrupted when its time is over.
"""

from __future__ import annotations

from contextlib import closing
from threading import Timer
from typing import TYPE_CHECKING

import duckdb

from sickbay.core.errors import BadRequest, Denied, SickbayError, TimedOut, TooLarge
from sickbay.history.duck.views import connected, in_utc, prepare
from sickbay.history.face import Answer
from sickbay.history.guard import checked, written
from sickbay.history.schema import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

    from sickbay.history.duck.views import Snapshot

_LONGEST = 10_000
"""Characters of a value: a row must not hold a table."""
_WRONG = (
    duckdb.BinderException,
    duckdb.CatalogException,
    duckdb.ConversionException,
    duckdb.InvalidInputException,
    duckdb.InvalidTypeException,
    duckdb.OutOfRangeException,
    duckdb.ParserException,
    duckdb.SyntaxException,
    duckdb.TypeMismatchException,
)


def selected(
    snapshot: Snapshot, sql: str, *, max_rows: int, max_s: float, max_bytes: int
) -> Answer:
    """The rows of a statement; see ``History.select``.

    Raises:
        duckdb.Error: The files cannot be read.
    """
    text = written(checked(sql))
    with closing(_database(snapshot, max_bytes)) as connection:
        timer = Timer(max_s, connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            table = _rows(connection, text, max_rows + 1)
        except duckdb.Error as error:
            known = _mapped(error, max_s)
            if known is None:
                raise
            raise known from error
        finally:
            timer.cancel()
    if table.nbytes > max_bytes:
        raise TooLarge(f"the answer has {table.nbytes >> 20} MB", hint=_NARROWER)
    return Answer(table=table.slice(0, max_rows), cut=table.num_rows > max_rows)


_NARROWER = "aggregate, or narrow it by pipeline, time or test_id"


def _database(snapshot: Snapshot, max_bytes: int) -> duckdb.DuckDBPyConnection:
    connection = connected(max_bytes=max_bytes)
    prepare(connection, snapshot)
    paths = [path for files in snapshot.files.values() for path in files]
    connection.execute("SET allowed_paths = $paths", {"paths": paths})
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _rows(connection: duckdb.DuckDBPyConnection, text: str, most: int) -> pa.Table:
    """At most so many, no text longer than ``_LONGEST``, columns by their own names."""
    shape = connection.sql(
        f"SELECT * FROM ({text}) LIMIT 0"  # noqa: S608 - checked
    )
    names = [f"c{number}" for number in range(len(shape.columns))]
    values = ", ".join(
        f"left({name}, {_LONGEST})" if str(kind) == "VARCHAR" else name
        for name, kind in zip(names, shape.types, strict=True)
    )
    found = f"({text}) AS found({', '.join(names)})"
    relation = connection.sql(
        f"SELECT {values} FROM {found} LIMIT {most}"  # noqa: S608 - checked
    )
    return in_utc(relation.to_arrow_table()).rename_columns(shape.columns)


def _mapped(error: duckdb.Error, max_s: float) -> SickbayError | None:
    said = str(error).partition("\n")[0].partition(": ")[2][:300]
    if isinstance(error, duckdb.InterruptException):
        return TimedOut(f"the statement took longer than {max_s:g} s", hint=_NARROWER)
    if isinstance(error, duckdb.OutOfMemoryException):
        return TooLarge("the statement needs too much memory", hint=_NARROWER)
    if isinstance(error, duckdb.PermissionException):
        return Denied("the statement may read the tables and nothing else")
    if isinstance(error, _WRONG) and ".parquet" not in str(error):
        return BadRequest(said, hint=_columns(str(error)))
    return None


def _columns(said: str) -> str:
    """What a table has, where a column was not found."""
    if "olumn" not in said:
        return ""
    return "; ".join(f"{name}: {', '.join(TABLES[name].names)}" for name in TABLES)
