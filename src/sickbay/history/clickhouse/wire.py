"""Rows on their way to ClickHouse and back: Parquet there, Arrow here."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import pyarrow as pa
import pyarrow.parquet as pq

from sickbay.core.errors import Malformed
from sickbay.history.clickhouse.schema import ROW

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sickbay.clients.clickhouse.database import Database, Settings
    from sickbay.clients.clickhouse.values import Value

READING: Settings = {
    "aggregate_functions_null_for_empty": 1,
    "join_use_nulls": 1,
    "session_timezone": "UTC",
}
"""Where its own way would be another answer."""

_NARROW = (pa.int8(), pa.int16(), pa.uint8(), pa.uint16())
_UTC = pa.timestamp("us", tz="UTC")


async def rows(
    database: Database,
    sql: str,
    parameters: Mapping[str, Any] | None = None,
    limits: Settings | None = None,
) -> pa.Table:
    """The rows of a statement, with types as DuckDB would give them.

    Args:
        database: Where it is asked.
        sql: A statement that reads.
        parameters: Values of the ``{name: Type}`` in it.
        limits: Settings besides the usual ones.

    Raises:
        SickbayError: It is refused, or not to be had.
    """
    given = {name: _bound(value) for name, value in (parameters or {}).items()}
    asked = f"{sql}\nFORMAT ArrowStream"
    body = await database.read(asked, given, {**READING, **(limits or {})})
    return await anyio.to_thread.run_sync(unpacked, body)


def packed(name: str, table: pa.Table) -> bytes:
    """Rows as Parquet, numbered unless they are builds."""
    if name != "builds":
        numbers = pa.array(range(table.num_rows), pa.int32())
        table = table.append_column(ROW, numbers)
    into = pa.BufferOutputStream()
    pq.write_table(table, into, compression="zstd")
    return bytes(into.getvalue())


def token(table: pa.Table) -> str:
    """What rows are known by, should they be sent twice: their ingestions."""
    ingestions = table.column("ingest_id").unique().to_pylist()
    named = ",".join(map(str, sorted(ingestions)))
    return sha256(f"{named} {table.num_rows}".encode()).hexdigest()


def unpacked(body: bytes) -> pa.Table:
    """Rows from an Arrow stream.

    Raises:
        Malformed: It is none.
    """
    try:
        table = pa.ipc.open_stream(body).read_all()
        return table.cast(pa.schema([_plain(field) for field in table.schema]))
    except pa.ArrowException as exc:
        raise Malformed(f"ClickHouse answered no table: {exc}") from exc


def _plain(field: pa.Field) -> pa.Field:
    """A column as DuckDB has it: few widths of numbers, and time with a zone."""
    kind = field.type
    if kind in _NARROW:
        kind = pa.int32()
    elif pa.types.is_integer(kind) and kind != pa.int32():
        kind = pa.int64()
    elif pa.types.is_timestamp(kind):
        kind = _UTC
    return pa.field(field.name, kind)


def _bound(value: Any) -> Value:  # noqa: ANN401 - whatever a query has a parameter for
    """A parameter's value as ClickHouse reads it; a moment without its zone, in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    if isinstance(value, (list, tuple)):
        return [_bound(one) for one in value]
    bound: Value = value
    return bound
