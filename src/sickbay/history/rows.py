"""Rows of builds: records as Arrow tables, the same for every engine."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from msgspec.structs import asdict, replace

from sickbay.history.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sickbay.ci.records import BuildRecord

_RANDOM_BITS = 12
_LONGEST = 4_000
"""Characters of a name, or of a line: nobody reads more of one."""

_YEARS = range(1970, 2200)
"""Of what is kept: others cannot be counted with."""

_LONG = frozenset({"excerpt", "missing"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Builds as tables, by the names and in the order of ``schema.TABLES``."""

    tables: Mapping[str, pa.Table]

    @property
    def builds(self) -> int:
        """How many."""
        return int(self.tables["builds"].num_rows)

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.num_rows for table in self.tables.values())


def ingest_ids() -> Iterator[int]:
    """Numbers of ingestions: later ones are larger, and no two processes share one.

    Microseconds and random bits, in 63 bits together until the year 2040.
    """
    last = 0
    while True:
        drawn = secrets.randbits(_RANDOM_BITS)
        last = max(last + 1, (time.time_ns() // 1000 << _RANDOM_BITS) | drawn)
        yield last


def ingest_id_at(moment: datetime) -> int:
    """The least of the numbers that ingestions of a moment have."""
    return int(moment.timestamp() * 1_000_000) << _RANDOM_BITS


def batch(builds: Iterable[BuildRecord], ids: Iterator[int], now: datetime) -> Batch:
    """The rows of builds.

    Args:
        builds: Each is one ingestion.
        ids: Numbers for them, as ``ingest_ids`` gives them.
        now: When they are ingested.
    """
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for told in builds:
        build = _timely(told, now)
        key = {"build_id": build.build_id, "ingest_id": next(ids)}
        found = _rows(build)
        for name, some in found.items():
            rows[name] += [{**key, **row} for row in some]
        rows["builds"].append(
            {**key, **_build(build), "ingested_at": now}
            | {name: len(some) for name, some in found.items()}
        )
    return Batch(
        tables={name: _table(rows[name], schema) for name, schema in TABLES.items()}
    )


def _timely(build: BuildRecord, now: datetime) -> BuildRecord:
    """The build without times that no build can have: anybody may date a commit."""
    if _sane(build.created_at) and _sane(build.committed_at):
        return build
    return replace(
        build,
        created_at=build.created_at if _sane(build.created_at) else now,
        committed_at=build.committed_at if _sane(build.committed_at) else None,
    )


def _sane(moment: datetime | None) -> bool:
    return moment is None or moment.year in _YEARS


def _table(rows: Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows in their columns; a number that no machine can have meant is not known."""
    try:
        table = pa.Table.from_pylist(rows, schema=schema)
    except (pa.ArrowInvalid, OverflowError, UnicodeEncodeError):
        fitting = [
            {k: _fitting(v, schema.field(k)) for k, v in r.items()} for r in rows
        ]
        table = pa.Table.from_pylist(fitting, schema=schema)
    columns = [_sound(table.column(field.name), field) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _sound(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    """The column without numbers that are none, and names without end."""
    if pa.types.is_floating(field.type):
        real = pc.and_(pc.is_finite(column), pc.greater_equal(column, 0))
        return pc.if_else(real, column, None)
    if pa.types.is_string(field.type) and field.name not in _LONG:
        longest = pc.max(pc.binary_length(column)).as_py() or 0
        if longest > _LONGEST:
            return pc.utf8_slice_codeunits(column, 0, _LONGEST)
    return column


def _fitting(value: Any, field: pa.Field) -> Any:  # noqa: ANN401 - any value of a row
    if isinstance(value, str):  # a lone half of a pair of surrogates is no text
        return value.encode(errors="replace").decode()
    if isinstance(value, int) and pa.types.is_integer(field.type):
        most = 1 << field.type.bit_width - 1
        return value if -most <= value < most else None
    return value


def _rows(build: BuildRecord) -> dict[str, list[dict[str, Any]]]:
    at = {"ordered_at": build.ordered_at}
    jobs = {job.job_id: job for job in build.jobs}
    results = []
    for result in build.results:
        job = jobs.get(result.job_id)
        place = {"variant": job.variant, "shard": job.shard} if job else {}
        results.append({**asdict(result), **at, **place})
    return {
        "results": results,
        "jobs": [asdict(job) for job in build.jobs],
        "causes": [{**asdict(cause), **at} for cause in build.causes],
    }


def _build(build: BuildRecord) -> dict[str, Any]:
    missing = [[skipped.what, skipped.why] for skipped in build.missing]
    return {
        "source": build.source,
        "pipeline": build.pipeline,
        "number": build.number,
        "url": build.url,
        "branch": build.branch,
        "sha": build.sha,
        "title": build.title,
        "author": build.author,
        "state": build.state,
        "pull_request": build.pull_request,
        "created_at": build.created_at,
        "committed_at": build.committed_at,
        "finished_at": build.finished_at,
        "ordered_at": build.ordered_at,
        "missing": json.dumps(missing) if missing else None,
    }
