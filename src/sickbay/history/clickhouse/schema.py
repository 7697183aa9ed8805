"""The tables of a history in ClickHouse: statements that make and migrate them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from sickbay.history.schema import TABLES, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STORED = "_rows"
"""Behind the name of a table; the view with the bare name has what counts of it."""

COUNTING = f"SELECT ingest_id FROM builds{STORED} FINAL"  # noqa: S608 - our own name
"""The ingestions that count."""

ROW = "row"
"""Where a row stands in its ingestion: two that are alike are two all the same."""

_TYPES: Mapping[pa.DataType, str] = {
    pa.string(): "String",
    pa.bool_(): "Bool",
    pa.int32(): "Int32",
    pa.int64(): "Int64",
    pa.float32(): "Float32",
    pa.float64(): "Float64",
    pa.timestamp("us", tz="UTC"): "DateTime64(6, 'UTC')",
}

_FEW = {
    *("author", "branch", "category", "exception", "host", "infra", "listing"),
    *("outcome", "pipeline", "runner", "signal", "source", "state", "trouble"),
    "variant",
}
"""Texts of which there are so few that numbers can stand for them."""

_REMEMBERED = 1000
"""Insertions: one of them that comes again is not done again."""

_ORDERS: Mapping[str, tuple[str, ...]] = {
    "results": ("test_id", "ordered_at", "build_id", "ingest_id", ROW),
    "jobs": ("build_id", "ingest_id", ROW),
    "causes": ("ordered_at", "build_id", "ingest_id", ROW),
    "builds": ("build_id",),
}
"""Of tables. Rows alike in it are one: sent twice, or the newest of a build."""

_ENGINES: Mapping[str, str] = {
    "results": "ReplacingMergeTree PARTITION BY toYYYYMM(ordered_at)",
    "jobs": "ReplacingMergeTree",
    "causes": "ReplacingMergeTree PARTITION BY toYYYYMM(ordered_at)",
    "builds": "ReplacingMergeTree(ingest_id)",
}


def statements() -> Iterator[str]:
    """What makes the tables, whatever is there of them already; the last says so."""
    for name in TABLES:
        yield from _table(name)
    for name in reversed(TABLES):
        yield _view(name)
    yield (
        "CREATE TABLE IF NOT EXISTS schema_version (version Int32)"
        " ENGINE = ReplacingMergeTree ORDER BY version"
    )
    yield f"INSERT INTO schema_version VALUES ({VERSION:d})"  # noqa: S608 - a number


def insertion(name: str) -> str:
    """What goes before rows of a table, as Parquet."""
    return f"INSERT INTO {name}{STORED} ({', '.join(_columns(name))}) FORMAT Parquet"


def _columns(name: str) -> list[str]:
    return [*TABLES[name].names, *([] if name == "builds" else [ROW])]


def _table(name: str) -> Iterator[str]:
    """A table with the columns of its order; then those that it lacks."""
    fields = {field.name: field.type for field in TABLES[name]} | {ROW: pa.int32()}
    first = dict.fromkeys([*_ORDERS[name], "ingest_id"])
    kinds = {
        column: _kind(column, fields[column], null=column not in first)
        for column in _columns(name)
    }
    made = ", ".join(f"{column} {kinds[column]}" for column in first)
    order = ", ".join(_ORDERS[name])
    yield (
        f"CREATE TABLE IF NOT EXISTS {name}{STORED} ({made})"
        f" ENGINE = {_ENGINES[name]} ORDER BY ({order})"
        f" SETTINGS non_replicated_deduplication_window = {_REMEMBERED}"
    )
    added = ", ".join(
        f"ADD COLUMN IF NOT EXISTS {column} {kind}"
        for column, kind in kinds.items()
        if column not in first
    )
    yield f"ALTER TABLE {name}{STORED} {added}"


def _view(name: str) -> str:
    """What counts: the newest ingestion of each build, and the rows of those.

    Only where it decides is it ``FINAL``, which takes twenty times as long.
    """
    ours = ", ".join(TABLES[name].names)
    made = f"CREATE OR REPLACE VIEW {name} AS"
    view = f"{made} SELECT {ours} FROM {name}{STORED}"  # noqa: S608 - our own
    return (
        f"{view} {'FINAL' if name == 'builds' else f'WHERE ingest_id IN ({COUNTING})'}"
    )


def _kind(column: str, of: pa.DataType, *, null: bool) -> str:
    """The type of a column, and how it is packed."""
    kind = f"Nullable({_TYPES[of]})" if null else _TYPES[of]
    if column in _FEW:
        return f"LowCardinality({kind})"
    near = not null and not pa.types.is_string(of)
    return f"{kind} CODEC({'Delta, ZSTD' if near else 'ZSTD'})"
