"""The state of a history in ClickHouse, and what goes from it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sickbay.history.clickhouse.schema import COUNTING, STORED
from sickbay.history.clickhouse.wire import rows
from sickbay.history.face import Status, TableStatus, Tidied
from sickbay.history.rows import ingest_id_at
from sickbay.history.schema import TABLES, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sickbay.clients.clickhouse.database import Database, Settings
    from sickbay.history.face import Keep

UNFINISHED = timedelta(hours=24)
"""How long rows wait for the row of their build, which is written last."""

_WAITING: Settings = {"mutations_sync": 2, "alter_sync": 2}
_AT_ONCE = 5_000
"""Ingestions that one statement names."""

_PARTS = (
    "SELECT table, sum(rows) AS rows, count() AS files, sum(bytes_on_disk) AS bytes"
    " FROM system.parts WHERE active AND database = currentDatabase()"
    " GROUP BY table"
)
_BUILDS = (
    "SELECT count() AS builds, sum(results) AS results, min(created_at) AS oldest,"
    " max(created_at) AS newest, max(ingested_at) AS ingested_at FROM builds"
)
_THERE = " UNION DISTINCT ".join(
    f"SELECT build_id, ingest_id FROM {name}{STORED}"  # noqa: S608 - our own name
    for name in TABLES
)
_DEAD = f"""
SELECT there.ingest_id AS ingest_id, there.ingest_id < counts.ingest_id AS replaced
FROM ({_THERE}) AS there
LEFT JOIN (SELECT build_id, ingest_id FROM builds{STORED} FINAL) AS counts
ON counts.build_id = there.build_id
WHERE there.ingest_id NOT IN ({COUNTING})
ORDER BY ingest_id
"""  # noqa: S608 - our own names
_AGES = """
SELECT build_id, ingest_id, created_at, 1 + jobs + results + causes AS rows
FROM builds ORDER BY created_at, build_id
"""


async def status(database: Database) -> Status:
    """What is in it."""
    [found] = (await rows(database, _BUILDS)).to_pylist()
    parts = await _parts(database)
    dead = await rows(database, _DEAD)
    return Status(
        place=f"{database.url} {database.name}",
        engine="clickhouse",
        schema=VERSION,
        builds=found["builds"],
        results=found["results"] or 0,
        superseded=sum(map(bool, dead.column("replaced").to_pylist())),
        oldest=found["oldest"],
        newest=found["newest"],
        ingested_at=found["ingested_at"],
        bytes=sum(part.bytes for part in parts.values()),
        tables=parts,
    )


async def tidy(
    database: Database, keep: Keep, *, now: datetime, force: bool = False
) -> Tidied:
    """Drop what is superseded, was never finished, or is past what is kept.

    Which ingestions go is decided first: one that comes meanwhile is not among them.
    """
    before = await _parts(database)
    dead = await _dead(database, now)
    old = await _old(database, keep, now, sum(part.bytes for part in before.values()))
    if not (dead or old or force):
        return Tidied(
            why_not="nothing is superseded or too old; ClickHouse compacts by itself"
        )
    for some in (*_slices(dead), *_slices(old)):
        for name in reversed(TABLES):  # a build goes at once, with its first row
            await database.write(_removal(name, some), _WAITING)
    for name in TABLES if force else ():
        await database.write(f"OPTIMIZE TABLE {name}{STORED} FINAL", _WAITING)
    after = await _parts(database)
    return Tidied(
        files_before=sum(part.files for part in before.values()),
        files_after=sum(part.files for part in after.values()),
        bytes_before=sum(part.bytes for part in before.values()),
        bytes_after=sum(part.bytes for part in after.values()),
        rows_before=sum(part.rows for part in before.values()),
        rows_after=sum(part.rows for part in after.values()),
        dropped_builds=len(old),
    )


async def _parts(database: Database) -> Mapping[str, TableStatus]:
    """What each table takes."""
    found = {row["table"]: row for row in (await rows(database, _PARTS)).to_pylist()}
    return {
        name: TableStatus(
            **{key: found[name + STORED][key] for key in ("rows", "files", "bytes")}
        )
        if name + STORED in found
        else TableStatus()
        for name in TABLES
    }


async def _dead(database: Database, now: datetime) -> list[int]:
    """Ingestions that a later one replaced, or that were begun and are long over."""
    found = await rows(database, _DEAD)
    over = ingest_id_at(now - UNFINISHED)
    return [
        row["ingest_id"]
        for row in found.to_pylist()
        if row["replaced"] or row["ingest_id"] < over
    ]


async def _old(database: Database, keep: Keep, now: datetime, size: int) -> list[int]:
    """Ingestions of builds past what is kept, the oldest first."""
    if keep.age is None and keep.bytes is None:
        return []
    builds = (await rows(database, _AGES)).to_pylist()
    left = sum(build["rows"] for build in builds)
    each = size / left if left else 0.0
    old = []
    for build in builds:
        past = keep.age is not None and build["created_at"] < now - keep.age
        if not past and (keep.bytes is None or left * each <= keep.bytes):
            break
        old.append(build["ingest_id"])
        left -= build["rows"]
    return old


def _removal(name: str, ingestions: Sequence[int]) -> str:
    numbers = ", ".join(f"{number:d}" for number in ingestions)
    return f"ALTER TABLE {name}{STORED} DELETE WHERE ingest_id IN ({numbers})"


def _slices(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), _AT_ONCE):
        yield numbers[start : start + _AT_ONCE]
