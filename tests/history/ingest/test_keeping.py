from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from itertools import count
from typing import TYPE_CHECKING, cast

import anyio
import pytest
from filelock import FileLock
from msgspec.structs import replace

from sickbay.core.errors import Unavailable
from sickbay.history.ingest.keeping import LOCK, add, keep, kept
from sickbay.history.rows import batch
from tests.history.drawn import drawn
from tests.history.ingest.stand import FAILED, NOW, at, case, read, rows, suite, written

if TYPE_CHECKING:
    from pathlib import Path

    from sickbay.history.face import History
    from tests.history.places import Place

PART = """
import asyncio, sys
from pathlib import Path
from tests.history.ingest.stand import NOW, at, read
from sickbay.history.ingest.keeping import add
from sickbay.history.opening import opened_history

async def main(folder, reports, job):
    async with opened_history(Path(folder)) as history:
        record = read(Path(reports), at(job=job))
        await add(history, record, locks=Path(folder).parent, now=NOW)

asyncio.run(main(*sys.argv[1:]))
"""


def test_a_build_comes_back_as_it_was_kept(place: Place) -> None:
    async def story() -> None:
        async with place.opened() as history:
            for record in drawn(5, builds=6):
                await keep(history, record, now=NOW)
                found = await kept(history, record.build_id)
                assert found is not None
                for name in ("jobs", "results", "causes"):
                    mine, theirs = getattr(record, name), getattr(found, name)
                    assert Counter(map(told, theirs)) == Counter(map(told, mine))
                assert told_of(found) == told_of(record)
            assert await kept(history, "nothing") is None

    def told(row: object) -> str:
        return repr(row).split("duration_s=")[0]  # stored in single precision

    def told_of(record: object) -> list[object]:
        names = ("build_id", "title", "created_at", "committed_at", "missing", "url")
        return [getattr(record, name) for name in names]

    asyncio.run(story())


def test_what_comes_later_wins_though_its_clock_is_behind(place: Place) -> None:
    async def story() -> None:
        async with place.opened() as history:
            (record,) = drawn(1, builds=1)
            await history.put(batch([record], count(1 << 62), NOW))
            await keep(history, replace(record, state="later"), now=NOW)
            found = await kept(history, record.build_id)
            assert found is not None
            assert found.state == "later"

    asyncio.run(story())


def test_jobs_of_a_build_add_up_and_the_same_job_is_replaced(
    in_folder: Place, tmp_path: Path
) -> None:
    folder = written(tmp_path / "r", r=suite(case("a"), case("b", FAILED)))

    async def story() -> None:
        async with in_folder.opened() as history:
            for job in ("unit", "gpu", "unit"):
                await add(history, read(folder, at(job=job)), locks=tmp_path, now=NOW)
            found = await rows(
                history, "select variant, count(*) n from results group by 1 order by 1"
            )
            assert found == [{"variant": "gpu", "n": 2}, {"variant": "unit", "n": 2}]
            assert len(await rows(history, "select * from builds")) == 1

    asyncio.run(story())


def test_jobs_that_are_ingested_at_the_same_time_all_stay(
    in_folder: Place, tmp_path: Path
) -> None:
    folder = written(tmp_path / "r", r=suite(case("a")))
    jobs = [f"job-{number}" for number in range(3)]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PART, str(in_folder.folder), str(folder), job]
        )
        for job in jobs
    ]
    assert [one.wait(timeout=60) for one in running] == [0] * len(jobs)

    async def story() -> list[str]:
        async with in_folder.opened() as history:
            found = await rows(history, "select variant from results order by 1")
            return [row["variant"] for row in found]

    assert asyncio.run(story()) == jobs


def test_who_gives_up_does_not_keep_others_out(tmp_path: Path, place: Place) -> None:
    class GivenUp:
        """A history whose first answer is not waited for."""

        def __init__(self, scope: anyio.CancelScope) -> None:
            self.scope = scope

        async def ask(self, query: str, **_: object) -> None:
            self.scope.cancel(query)
            await anyio.sleep_forever()

    async def given_up() -> bool:
        with anyio.CancelScope() as scope:
            history = cast("History", GivenUp(scope))
            await add(history, drawn(1)[0], locks=tmp_path, now=NOW)
        return scope.cancelled_caught

    async def next_one() -> None:
        async with place.opened() as history:
            await add(history, drawn(1)[0], locks=tmp_path, now=NOW)

    assert asyncio.run(given_up())
    with FileLock(tmp_path / LOCK, timeout=0):
        pass
    asyncio.run(next_one())


def test_a_folder_that_cannot_be_written_is_said(
    in_folder: Place, tmp_path: Path
) -> None:
    folder = written(tmp_path / "r", r=suite(case("a")))
    (tmp_path / "file").touch()

    async def story() -> None:
        async with in_folder.opened() as history:
            await add(history, read(folder), locks=tmp_path / "file", now=NOW)

    with pytest.raises(Unavailable, match="cannot write"):
        asyncio.run(story())
