"""Runs a checked statement in a process of its own, which ends when it goes too far.

A function of texts neither stops when DuckDB is told to, nor does DuckDB count the
memory it takes: two lines of SQL hold a processor for days, or fill the machine. So
this runs where the operating system sets the limits, with no credentials in its
environment. The database may open the files of the tables and nothing else, and its
settings are locked.

The request comes as JSON on standard input; the answer is a line of JSON on standard
output, followed by the rows in Arrow's stream format.
"""

from __future__ import annotations

import resource
import signal
import sys
from contextlib import closing
from math import ceil
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

import duckdb
import msgspec
import pyarrow as pa

from sickbay.core.errors import BadRequest, Denied, SickbayError, TimedOut, TooLarge
from sickbay.history.duck.request import (
    FILES,
    FULL,
    GRACE_S,
    NARROWER,
    READY,
    Asked,
    Said,
    late,
)
from sickbay.history.duck.views import connected, in_utc, prepare
from sickbay.history.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

THREADS = 4

_OUTSIDE = 256 << 20
"""Bytes beside those that DuckDB counts: Arrow's, and texts in the making."""

_ANSWER = 64 << 20
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


def main() -> None:
    """Answer one request."""
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    bounded(asked)
    out = sys.stdout.buffer
    out.write(READY)
    out.flush()
    try:
        table = rows_of(asked)
    except SickbayError as error:
        _say(Said(error=error.kind, message=error.message, hint=error.hint))
        return
    except duckdb.Error as error:
        _say(Said(error=FILES, message=str(error)))
        return
    _say(Said(cut=table.num_rows > asked.max_rows))
    with pa.ipc.new_stream(out, table.schema) as stream:
        stream.write_table(table.slice(0, asked.max_rows))


def _say(said: Said) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")


def bounded(asked: Asked) -> None:
    """Have the system end this process when it takes too much."""
    seconds = ceil(asked.max_s) + GRACE_S
    signal.alarm(seconds)
    cpu_s = seconds * THREADS
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = _taken() + asked.max_bytes + _OUTSIDE
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def _taken() -> int:
    """Bytes of data that this process has already; 0 where nobody says."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[5])
    except OSError:
        return 0
    return pages * resource.getpagesize()


def rows_of(asked: Asked) -> pa.Table:
    """The rows of a statement, one more than wanted if there are more.

    Raises:
        SickbayError: The statement is wrong, or goes too far.
        duckdb.Error: The files cannot be read.
    """
    with closing(locked(asked)) as connection:
        timer = Timer(asked.max_s, connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            table = _rows(connection, asked.text, asked.max_rows + 1)
        except duckdb.Error as error:
            known = _mapped(error, asked)
            if known is None:
                raise
            raise known from error
        finally:
            timer.cancel()
    if table.nbytes > min(asked.max_bytes, _ANSWER):
        raise TooLarge(f"the answer has {table.nbytes >> 20} MB", hint=NARROWER)
    return table


def locked(asked: Asked) -> duckdb.DuckDBPyConnection:
    """A database that reads the tables, and nothing else whatever it is told."""
    connection = connected(max_bytes=asked.max_bytes)
    connection.execute(f"SET threads = {THREADS}")
    prepare(connection, asked)
    paths = [path for files in asked.files.values() for path in files]
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


def _mapped(error: duckdb.Error, asked: Asked) -> SickbayError | None:
    said = str(error).partition("\n")[0].partition(": ")[2][:300]
    if isinstance(error, duckdb.InterruptException):
        return TimedOut(late(asked.max_s), hint=NARROWER)
    if isinstance(error, duckdb.OutOfMemoryException):
        return TooLarge(FULL, hint=NARROWER)
    if isinstance(error, duckdb.PermissionException):
        return Denied(
            "the statement may read the tables and nothing else",
            hint=f"they are {', '.join(sorted(TABLES))}",
        )
    if isinstance(error, _WRONG) and ".parquet" not in str(error):
        deep = "expression depth" in said
        columns = isinstance(error, duckdb.BinderException)
        return BadRequest(
            "the statement is nested too deeply" if deep else said,
            hint=_columns(asked.tables) if columns else "",
        )
    return None


def _columns(named: Sequence[str]) -> str:
    return "; ".join(f"{name} has {', '.join(TABLES[name].names)}" for name in named)


if __name__ == "__main__":
    main()
