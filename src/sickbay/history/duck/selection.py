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
from sickbay.history.guard import checked, tables, written
from sickbay.history.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from sickbay.history.duck.views import Snapshot

_LONGEST = 10_000
"""Characters of a value: a row must not hold a table."""
_PLAIN = ("BIGINT", "BOOLEAN", "DATE", "DOUBLE", "FLOAT", "INTEGER", "TIMESTAMP")
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
    tree = checked(sql)
    text = written(tree)
    with closing(locked(snapshot, max_bytes)) as connection:
        timer = Timer(max_s, connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            table = _rows(connection, text, max_rows + 1)
        except duckdb.Error as error:
            known = _mapped(error, max_s, tables(tree))
            if known is None:
                raise
            raise known from error
        finally:
            timer.cancel()
    if table.nbytes > max_bytes:
        raise TooLarge(f"the answer has {table.nbytes >> 20} MB", hint=_NARROWER)
    return Answer(table=table.slice(0, max_rows), cut=table.num_rows > max_rows)


_NARROWER = "aggregate, or narrow it by pipeline, time or test_id"


def locked(snapshot: Snapshot, max_bytes: int) -> duckdb.DuckDBPyConnection:
    """A database that reads the tables, and nothing else whatever it is told."""
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
    values = ", ".join(map(_value, names, map(str, shape.types)))
    found = f"({text}) AS found({', '.join(names)})"
    relation = connection.sql(
        f"SELECT {values} FROM {found} LIMIT {most}"  # noqa: S608 - checked
    )
    return in_utc(relation.to_arrow_table()).rename_columns(shape.columns)


def _value(name: str, kind: str) -> str:
    if kind in {"HUGEINT", "UHUGEINT"}:  # what sums of whole numbers are
        return f"CAST({name} AS BIGINT)"
    if kind.startswith(_PLAIN):
        return name
    return f"left(CAST({name} AS VARCHAR), {_LONGEST})"


def _mapped(
    error: duckdb.Error, max_s: float, named: Sequence[str]
) -> SickbayError | None:
    said = str(error).partition("\n")[0].partition(": ")[2][:300]
    if isinstance(error, duckdb.InterruptException):
        return TimedOut(f"the statement took longer than {max_s:g} s", hint=_NARROWER)
    if isinstance(error, duckdb.OutOfMemoryException):
        return TooLarge("the statement needs too much memory", hint=_NARROWER)
    if isinstance(error, duckdb.PermissionException):
        return Denied(
            "the statement may read the tables and nothing else",
            hint=f"they are {', '.join(sorted(TABLES))}",
        )
    if isinstance(error, _WRONG) and ".parquet" not in str(error):
        deep = "expression depth" in said
        return BadRequest(
            "the statement is nested too deeply" if deep else said,
            hint=_columns(named) if isinstance(error, duckdb.BinderException) else "",
        )
    return None


def _columns(named: Sequence[str]) -> str:
    return "; ".join(f"{name} has {', '.join(TABLES[name].names)}" for name in named)
