from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from sickbay.core.errors import Malformed, SickbayError
from sickbay.history.delta.entry import Action, Added, encoded
from sickbay.history.delta.tables import Tables
from sickbay.history.face import Keep
from tests.history.drawn import batches, drawn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sickbay.history.face import Status, Tidied
    from tests.history.places import Place

BUILDS = drawn(1, builds=8)
WHOLE = """
SELECT
    (SELECT count(*) FROM results) = sum(results)
    AND (SELECT count(*) FROM jobs) = sum(jobs)
    AND (SELECT count(*) FROM causes) = sum(causes) AS whole
FROM builds
"""


def _first_file(folder: Path, table: str) -> Path:
    return min(
        (folder / table).glob("*.parquet"), key=lambda path: path.stat().st_mtime_ns
    )


def _entry(folder: Path, table: str, number: int) -> Path:
    return folder / table / "_delta_log" / f"{number:020}.json"


def _cut(folder: Path) -> Path:
    path = _first_file(folder, "results")
    path.write_bytes(path.read_bytes()[:-20])
    return path


def _garbage(folder: Path) -> Path:
    path = _first_file(folder, "jobs")
    path.write_bytes(b"\0" * path.stat().st_size)
    return path


def _rotten(folder: Path) -> Path:
    """Its end is whole: only whoever reads it all finds out."""
    path = _first_file(folder, "results")
    data = bytearray(path.read_bytes())
    data[4:200] = bytes(196)
    path.write_bytes(data)
    return path


def _gone(folder: Path) -> Path:
    path = _first_file(folder, "builds")
    path.unlink()
    return path


def _entry_garbage(folder: Path) -> Path:
    path = _entry(folder, "results", 3)
    path.write_bytes(b'{"add": {"path": "\xff\n')
    return path


def _entry_empty(folder: Path) -> Path:
    path = _entry(folder, "jobs", 3)
    path.write_bytes(b"")
    return path


def _beginning(folder: Path) -> Path:
    path = _entry(folder, "causes", 0)
    path.write_bytes(b"nothing of use\n")
    return path


def _checkpoint(folder: Path) -> Path:
    DeltaTable(folder / "builds").create_checkpoint()
    [path] = (folder / "builds" / "_delta_log").glob("*.checkpoint.parquet")
    path.write_bytes(b"PAR1")
    return path


DAMAGES = [
    pytest.param(_cut, 7, id="a file was cut"),
    pytest.param(_garbage, 7, id="a file holds garbage"),
    pytest.param(_rotten, 7, id="a file holds garbage in the middle"),
    pytest.param(_gone, 7, id="a file is gone"),
    pytest.param(_entry_garbage, 7, id="an entry holds garbage"),
    pytest.param(_entry_empty, 7, id="an entry is empty"),
    pytest.param(_beginning, 7, id="the first entry holds garbage"),
    pytest.param(_checkpoint, 8, id="a checkpoint holds garbage"),
]


@pytest.mark.parametrize(("damage", "left"), DAMAGES)
def test_what_is_damaged_is_mended(
    in_folder: Place, damage: Callable[[Path], Path], left: int
) -> None:
    asyncio.run(_fill(in_folder))
    path = damage(in_folder.folder)

    done = asyncio.run(_repaired(in_folder))

    assert str(path) in {skipped.what for skipped in done.repaired}
    status = asyncio.run(_status(in_folder))
    assert not status.problems
    assert status.builds == left
    assert asyncio.run(_whole(in_folder))
    lost = {build.build_id for build in BUILDS} & {one.what for one in done.repaired}
    assert len(lost) == len(BUILDS) - left
    asyncio.run(_fill(in_folder))
    assert asyncio.run(_status(in_folder)).builds == len(BUILDS)


@pytest.mark.parametrize(
    ("damage", "left"), [one for one in DAMAGES if one.values[0] is not _rotten]
)
def test_damage_is_named_with_the_way_to_mend_it(
    in_folder: Place, damage: Callable[[Path], Path], left: int
) -> None:
    del left
    asyncio.run(_fill(in_folder))
    path = damage(in_folder.folder)

    problems = asyncio.run(_status(in_folder)).problems

    assert problems
    said = " ".join(f"{one.what} {one.why}" for one in problems)
    assert str(path) in said or str(path.parent.parent) in said
    if damage in {_entry_garbage, _entry_empty, _beginning}:
        with pytest.raises(SickbayError) as caught:
            Tables(in_folder.folder).snapshot()
        assert "--repair" in caught.value.hint


def test_a_damaged_file_keeps_no_build_out(in_folder: Place) -> None:
    asyncio.run(_fill(in_folder))
    _cut(in_folder.folder)

    async def put() -> None:
        more = batches([*BUILDS, *drawn(2, builds=6)])[len(BUILDS) :]
        async with in_folder.filled(more):
            pass

    asyncio.run(put())

    kept = pq.ParquetDataset(
        [*Tables(in_folder.folder).snapshot().files["builds"]]
    ).read(["build_id"])
    wanted = {build.build_id for build in (*BUILDS, *drawn(2, builds=6))}
    assert {*kept["build_id"].to_pylist()} == wanted


def test_a_damaged_log_takes_no_build_in(in_folder: Place) -> None:
    asyncio.run(_fill(in_folder))
    path = _entry_garbage(in_folder.folder)

    with pytest.raises(Malformed, match=r"results|damaged") as caught:
        asyncio.run(_fill(in_folder))

    assert "--repair" in caught.value.hint
    assert str(path.parent.parent) in caught.value.message


def test_an_entry_that_cannot_be_read_is_an_error_of_ours(in_folder: Place) -> None:
    asyncio.run(_fill(in_folder))
    path = _entry(in_folder.folder, "jobs", 3)
    path.unlink()
    path.mkdir()

    with pytest.raises(SickbayError, match="jobs"):
        Tables(in_folder.folder).snapshot()
    assert asyncio.run(_status(in_folder)).problems


def test_an_entry_that_was_overlooked_is_no_damage(
    in_folder: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(_fill(in_folder))
    path = _entry(in_folder.folder, "jobs", 3)
    data = path.read_bytes()
    path.unlink()
    monkeypatch.setattr("time.sleep", lambda _: path.write_bytes(data))

    assert Tables(in_folder.folder).snapshot().files["jobs"]


def test_who_tidies_may_overlook_an_entry_too(
    in_folder: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _entry(in_folder.folder, "jobs", 3)

    async def tidied() -> Tidied:
        async with in_folder.filled(batches(BUILDS)) as history:
            data = path.read_bytes()
            path.unlink()
            monkeypatch.setattr("time.sleep", lambda _: path.write_bytes(data))
            return await history.tidy(keep=Keep(), force=True)

    assert asyncio.run(tidied()).files_after < len(BUILDS)


@pytest.mark.parametrize(
    "path",
    ["../../elsewhere.parquet", "/elsewhere.parquet", "..%2F..%2Felsewhere.parquet"],
)
@pytest.mark.parametrize("followed", [True, False])
def test_attack_a_log_that_leads_elsewhere_is_not_followed(
    in_folder: Place, path: str, *, followed: bool
) -> None:
    asyncio.run(_fill(in_folder))
    tables = Tables(in_folder.folder)
    version = tables.states()["builds"].version
    added = Action(add=Added(path=path, size=1, data_change=True))
    _entry(in_folder.folder, "builds", version + 1).write_bytes(encoded([added]))

    with pytest.raises(Malformed, match="elsewhere"):
        (tables if followed else Tables(in_folder.folder)).snapshot()


def test_what_is_whole_is_not_repaired(in_folder: Place) -> None:
    asyncio.run(_fill(in_folder))
    before = Tables(in_folder.folder).snapshot()

    assert not asyncio.run(_repaired(in_folder)).repaired
    assert Tables(in_folder.folder).snapshot().files == before.files


def test_a_build_that_is_only_begun_is_no_damage(in_folder: Place) -> None:
    asyncio.run(_fill(in_folder))
    [*_, begun] = batches([*BUILDS, *drawn(2, builds=1)])
    Tables(in_folder.folder).append("results", begun.tables["results"])

    assert not asyncio.run(_repaired(in_folder)).repaired


async def _fill(place: Place) -> None:
    async with place.filled(batches(BUILDS)):
        pass


async def _status(place: Place) -> Status:
    async with place.opened() as history:
        return await history.status()


async def _repaired(place: Place) -> Tidied:
    async with place.opened() as history:
        return await history.tidy(keep=Keep(), repair=True)


async def _whole(place: Place) -> bool:
    """Whether there are all the rows that the builds count."""
    async with place.opened() as history:
        answer = await history.select(WHOLE, max_rows=1, max_s=60, max_bytes=1 << 30)
        return bool(answer.table.to_pylist() == [{"whole": True}])
