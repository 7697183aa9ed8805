from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from sickbay.core.errors import BadRequest, Unavailable
from sickbay.history.delta.tables import Tables
from sickbay.history.face import Keep
from sickbay.history.opening import opened_history
from sickbay.history.schema import VERSION
from tests.history.drawn import NOW, batches, drawn

if TYPE_CHECKING:
    from pathlib import Path

    from sickbay.history.face import History, Status
    from tests.history.places import Place

BUILDS = 40
BATCHES = batches(drawn(1, builds=BUILDS))
RESULTS = sum(batch.tables["results"].num_rows for batch in BATCHES)


def test_builds_that_wait_are_written_together(in_folder: Place) -> None:
    async def put() -> Status:
        async with in_folder.opened() as history:
            await asyncio.gather(*(history.put(batch) for batch in BATCHES))
            return await history.status()

    status = asyncio.run(put())

    assert (status.builds, status.results) == (BUILDS, RESULTS)
    assert Tables(in_folder.folder).state("builds").version < BUILDS - 1


def test_none_is_acknowledged_that_was_not_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    async def put() -> list[object]:
        async with opened_history(tmp_path / "file" / "history") as history:
            return await asyncio.gather(
                *(history.put(batch) for batch in BATCHES[:3]), return_exceptions=True
            )

    assert [type(error) for error in asyncio.run(put())] == [Unavailable] * 3


def test_one_who_gives_up_takes_nothing_from_others(in_folder: Place) -> None:
    async def put() -> Status:
        async with in_folder.opened() as history:
            waiting = [asyncio.create_task(history.put(one)) for one in BATCHES]
            await waiting[0]
            waiting[1].cancel()
            waiting[2].cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            done = [task for task in waiting if not task.cancelled()]
            assert len(done) >= BUILDS - 2
            return await history.status()

    assert asyncio.run(put()).builds >= BUILDS - 2


def test_a_build_that_is_put_again_is_replaced(in_folder: Place) -> None:
    async def put() -> Status:
        async with in_folder.filled(batches([*first, *second])) as history:
            return await history.status()

    first = drawn(1, builds=3)
    second = [structs.replace(build, results=build.results[:2]) for build in first]

    status = asyncio.run(put())

    assert (status.builds, status.superseded) == (3, 3)
    assert status.results == 2 * 3


def test_a_history_that_is_not_there_is_empty(in_folder: Place) -> None:
    async def ask() -> Status:
        async with in_folder.opened() as history:
            return await history.status()

    status = asyncio.run(ask())

    assert (status.builds, status.schema, status.oldest) == (0, VERSION, None)
    assert not in_folder.folder.exists()


@pytest.mark.parametrize(
    "name", ["a b", "it's", "st*r", "br[ab]", "q?", "#1", "\u00e9"]
)
def test_any_folder_will_do(tmp_path: Path, name: str) -> None:
    async def put() -> int:
        async with opened_history(tmp_path / name) as history:
            for batch in BATCHES[:2]:
                await history.put(batch)
            await history.tidy(keep=Keep(), force=True)
            return (await history.status()).builds

    assert asyncio.run(put()) == 2


@pytest.mark.parametrize("name", ["a%20b", "a\nb", "a\\b"])
def test_a_folder_that_would_be_another_one_is_refused(
    tmp_path: Path, name: str
) -> None:
    async def open_it() -> None:
        async with opened_history(tmp_path / name):
            pass

    with pytest.raises(BadRequest, match="cannot be kept in"):
        asyncio.run(open_it())


def test_many_small_files_become_few_by_themselves(in_folder: Place) -> None:
    async def put() -> None:
        async with in_folder.filled(BATCHES):
            pass
        async with in_folder.filled(BATCHES):  # whoever was first may have been cut off
            pass

    asyncio.run(put())

    files = Tables(in_folder.folder).snapshot().files
    assert any(path.split("/")[-1].startswith("sorted-") for path in files["results"])
    assert len(files["results"]) < BUILDS


def test_files_that_went_while_they_were_read_are_listed_again(tmp_path: Path) -> None:
    """The worst case: what is replaced is deleted at once."""

    async def ask(history: History, done: asyncio.Event) -> None:
        while not done.is_set():
            found = await history.ask("counts")
            assert sum(found["builds"].to_pylist()) == BUILDS

    async def both() -> None:
        async with opened_history(
            tmp_path, now=lambda: NOW, dead_for=timedelta(0)
        ) as history:
            await history.put(batches(drawn(1, builds=BUILDS), per=BUILDS)[0])
            done = asyncio.Event()
            asking = asyncio.create_task(ask(history, done))
            for _ in range(3):
                await history.put(batches(drawn(1, builds=BUILDS), per=BUILDS)[0])
                await history.tidy(keep=Keep(), force=True)
            done.set()
            await asking

    asyncio.run(both())


def test_tidying_keeps_what_the_caller_says(in_folder: Place) -> None:
    async def tidy() -> tuple[int, int]:
        newest = datetime(2026, 3, 1, 6, tzinfo=UTC) + timedelta(hours=6 * BUILDS)
        async with in_folder.opened(now=newest) as history:
            await history.put(batches(drawn(1, builds=BUILDS), per=BUILDS)[0])
            done = await history.tidy(keep=Keep(age=timedelta(days=1)), force=True)
            return done.dropped_builds, (await history.status()).builds

    assert asyncio.run(tidy()) == (BUILDS - 4, 4)


@pytest.mark.parametrize("force", [pytest.param(True, id="by force"), False])
def test_tidying_while_it_tidies_itself_waits(in_folder: Place, *, force: bool) -> None:
    async def tidy() -> str | None:
        async with in_folder.filled(BATCHES) as history:
            return (await history.tidy(keep=Keep(), force=force)).why_not

    assert asyncio.run(tidy()) in {None, "it is tidy"}
