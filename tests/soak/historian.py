"""Those who use the history in a soak: one process each, that says what it did.

A line for each thing done: ``put BUILD INGESTION`` when a build is acknowledged,
``read`` and how many builds there were, ``tidied``, and ``NO`` with what must not be.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import msgspec

from sickbay.core.errors import SickbayError
from sickbay.history.face import Keep
from sickbay.history.opening import opened_history
from sickbay.history.rows import batch, ingest_ids
from tests.history.drawn import drawn

if TYPE_CHECKING:
    from sickbay.history.face import History

BUILDS = 40
"""Names of builds that all writers share: they replace each other's."""

OWN = 0.5
"""Share of builds that only their writer puts."""

WHOLE = """
WITH
    r AS (SELECT ingest_id, count(*) AS n FROM results GROUP BY ingest_id),
    j AS (SELECT ingest_id, count(*) AS n FROM jobs GROUP BY ingest_id),
    c AS (SELECT ingest_id, count(*) AS n FROM causes GROUP BY ingest_id)
SELECT
    b.build_id,
    b.ingest_id,
    b.results = coalesce(r.n, 0)
    AND b.jobs = coalesce(j.n, 0)
    AND b.causes = coalesce(c.n, 0) AS whole
FROM builds b
LEFT JOIN r ON r.ingest_id = b.ingest_id
LEFT JOIN j ON j.ingest_id = b.ingest_id
LEFT JOIN c ON c.ingest_id = b.ingest_id
"""
"""Each build, and whether all rows are there that its own row counts."""


async def write(history: History, chance: Random) -> None:
    """Put builds, some alone and some together, one after the other."""
    ids, own = ingest_ids(), f"{chance.getrandbits(64):016x}"
    pool = drawn(chance.randrange(1000), builds=8)
    for number in range(sys.maxsize):
        some = chance.sample(pool, chance.choice((1, 1, 1, 3)))
        named = [
            msgspec.structs.replace(build, build_id=_name(chance, own, number, place))
            for place, build in enumerate(some)
        ]
        put = batch(named, ids, datetime.now(UTC))
        await history.put(put)
        rows = put.tables["builds"].select(["build_id", "ingest_id"]).to_pylist()
        for row in rows:
            _say(f"put {row['build_id']} {row['ingest_id']}")


async def read(history: History, _: Random) -> None:
    """Look at all builds: none is there in part, none goes, none becomes older."""
    seen: dict[str, int] = {}
    while True:
        found = await builds(history)
        for build, (ingestion, whole) in found.items():
            if not whole:
                _say(f"NO: {build} {ingestion} is not whole")
            if ingestion < seen.get(build, 0):
                _say(f"NO: {build} is {ingestion} again, was {seen[build]}")
        for build in seen.keys() - found.keys():
            _say(f"NO: {build} is gone")
        seen = {build: ingestion for build, (ingestion, _) in found.items()}
        _say(f"read {len(seen)}")


async def optimise(history: History, chance: Random) -> None:
    """Tidy, whether it pays or not."""
    while True:
        done = await history.tidy(keep=Keep(), force=chance.random() < 0.5)
        _say(f"tidied {done.why_not or done.files_before - done.files_after}")


async def builds(history: History) -> dict[str, tuple[int, bool]]:
    """The ingestion of each build that counts, and whether all its rows are there."""
    answer = await history.select(
        WHOLE, max_rows=1_000_000, max_s=120, max_bytes=1 << 30
    )
    return {
        row["build_id"]: (row["ingest_id"], row["whole"])
        for row in answer.table.to_pylist()
    }


def _name(chance: Random, own: str, number: int, place: int) -> str:
    if chance.random() < OWN:
        return f"own:{own}:{number}:{place}"
    return f"shared:{chance.randrange(BUILDS)}:{place}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def _live(role: str, folder: Path, seed: int) -> None:
    doing = {"write": write, "read": read, "optimise": optimise}[role]
    async with opened_history(folder) as history:
        try:
            await doing(history, Random(seed))  # noqa: S311 - no secret
        except SickbayError as exc:
            _say(f"NO: {role} failed: {exc}")


if __name__ == "__main__":
    asyncio.run(_live(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
