from __future__ import annotations

import asyncio
import errno
import stat
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from sickbay.core.errors import Unavailable, Unsupported
from sickbay.history.delta.tables import VERSION_KEY, Tables, writing
from sickbay.history.schema import TABLES, VERSION
from tests.history.drawn import batches, drawn

if TYPE_CHECKING:
    from pathlib import Path

    from sickbay.history.rows import Batch
    from tests.history.places import Place

BATCHES = batches(drawn(1, builds=12))
APPENDING = """
import sys
from pathlib import Path
from sickbay.history.delta.tables import Tables
from sickbay.history.schema import TABLES
from tests.history.drawn import batches, drawn

tables = Tables(Path(sys.argv[1]))
for batch in batches(drawn(1, builds=12)):
    tables.append("results", batch.tables["results"])
"""


def _put(tables: Tables, batch: Batch) -> None:
    for name in TABLES:
        tables.append(name, batch.tables[name])


def _rows(tables: Tables, name: str) -> list[dict[str, object]]:
    paths = tables.snapshot().files[name]
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def test_there_are_no_files_before_anything_is_put(tmp_path: Path) -> None:
    snapshot = Tables(tmp_path / "none").snapshot()

    assert dict(snapshot.files) == dict.fromkeys(TABLES, ())
    assert not (tmp_path / "none").exists()


def test_what_is_put_is_there_for_others(tmp_path: Path) -> None:
    one, other = Tables(tmp_path), Tables(tmp_path)
    other.snapshot()

    _put(one, BATCHES[0])

    for name in TABLES:
        assert _rows(other, name) == BATCHES[0].tables[name].to_pylist()


def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    _put(Tables(tmp_path / "some" / "history"), BATCHES[0])

    assert stat.S_IMODE((tmp_path / "some" / "history").stat().st_mode) == 0o700


def test_unchanged_is_the_same_snapshot(tmp_path: Path) -> None:
    tables = Tables(tmp_path)
    _put(tables, BATCHES[0])
    before = tables.snapshot()

    assert tables.snapshot() is before
    _put(Tables(tmp_path), BATCHES[1])
    assert tables.snapshot().version != before.version


def test_deltalake_reads_what_is_put(tmp_path: Path) -> None:
    tables = Tables(tmp_path)
    for batch in BATCHES:
        _put(tables, batch)

    for name, schema in TABLES.items():
        table = DeltaTable(tmp_path / name)
        there = pa.table(table.to_pyarrow_table()).select(schema.names)
        assert there.num_rows == sum(b.tables[name].num_rows for b in BATCHES)
        assert table.version() == len(tables.state(name).files) - 1


def test_what_deltalake_writes_is_followed(tmp_path: Path) -> None:
    tables = Tables(tmp_path)
    _put(tables, BATCHES[0])
    write_deltalake(tmp_path / "jobs", BATCHES[1].tables["jobs"], mode="append")

    assert len(tables.snapshot().files["jobs"]) == 2


def test_a_log_that_was_summed_up_meanwhile_is_read_anew(tmp_path: Path) -> None:
    slept, tables = Tables(tmp_path), Tables(tmp_path)
    _put(tables, BATCHES[0])
    slept.snapshot()
    for batch in BATCHES[1:]:
        _put(tables, batch)
    for name in TABLES:
        DeltaTable(tmp_path / name).create_checkpoint()
        log = tmp_path / name / "_delta_log"
        for entry in sorted(log.glob("*.json"))[:-1]:
            entry.unlink()

    assert {name: len(files) for name, files in slept.snapshot().files.items()} == {
        name: len(files) for name, files in tables.snapshot().files.items()
    }


def test_a_folder_that_was_deleted_is_empty(tmp_path: Path) -> None:
    tables = Tables(tmp_path / "history")
    _put(tables, BATCHES[0])
    (tmp_path / "history").rename(tmp_path / "elsewhere")

    assert not any(tables.snapshot().files.values())


def test_processes_that_append_at_once_lose_nothing(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", APPENDING, tmp_path]) for _ in range(2)
    ]

    assert [process.wait(60) for process in processes] == [0, 0]
    rows = _rows(Tables(tmp_path), "results")
    assert len(rows) == 2 * sum(batch.tables["results"].num_rows for batch in BATCHES)


def test_a_build_that_is_seen_is_there_whole(tmp_path: Path) -> None:
    tables = Tables(tmp_path)

    def write() -> None:
        for batch in BATCHES:
            _put(Tables(tmp_path), batch)

    writer = threading.Thread(target=write)
    writer.start()
    looks = 0
    while writer.is_alive() or not looks:
        files = tables.snapshot().files
        builds = {
            row["ingest_id"]: row["results"]
            for path in files["builds"]
            for row in pq.read_table(path).to_pylist()
        }
        results = [
            row["ingest_id"]
            for path in files["results"]
            for row in pq.read_table(path, columns=["ingest_id"]).to_pylist()
        ]
        assert {number: results.count(number) for number in builds} == builds
        looks += 1
    writer.join()


def test_what_died_before_its_last_row_does_not_count(in_folder: Place) -> None:
    tables = Tables(in_folder.folder)
    _put(tables, BATCHES[0])
    for name in list(TABLES)[:-1]:
        tables.append(name, BATCHES[1].tables[name])

    assert asyncio.run(_counted(in_folder)) == BATCHES[0].tables["results"].num_rows


async def _counted(place: Place) -> int:
    async with place.opened() as history:
        answer = await history.select(
            "SELECT count(*) AS n FROM results", max_rows=1, max_s=60, max_bytes=1 << 30
        )
        return int(answer.table["n"][0].as_py())


def test_a_store_of_a_later_version_is_refused(tmp_path: Path) -> None:
    later = {VERSION_KEY: str(VERSION + 1)}
    DeltaTable.create(
        tmp_path / "builds",
        TABLES["builds"],
        raise_if_key_not_exists=False,
        configuration=dict(later),
    )

    with pytest.raises(Unsupported, match="later version") as caught:
        Tables(tmp_path).snapshot()
    assert "upgrade" in caught.value.hint
    with pytest.raises(Unsupported):
        _put(Tables(tmp_path), BATCHES[0])


def test_an_earlier_version_is_read_and_brought_up_to_date(in_folder: Place) -> None:
    """Version 0 had no ``missing``, and said nothing of versions."""
    for name in TABLES:
        old = BATCHES[0].tables[name]
        if name == "builds":
            old = old.drop_columns(["missing"])
        write_deltalake(in_folder.folder / name, old)

    found = asyncio.run(_missing(in_folder))

    assert found["before"] == [None]
    assert sorted(found["after"], key=str) == sorted(
        [None, BATCHES[4].tables["builds"]["missing"][0].as_py()], key=str
    )
    builds = DeltaTable(in_folder.folder / "builds")
    assert builds.metadata().configuration[VERSION_KEY] == str(VERSION)
    assert [field.name for field in builds.schema().fields] == TABLES["builds"].names


async def _missing(place: Place) -> dict[str, list[str | None]]:
    found = {}
    async with place.opened() as history:
        for when in ("before", "after"):
            answer = await history.select(
                "SELECT missing FROM builds", max_rows=9, max_s=60, max_bytes=1 << 30
            )
            found[when] = answer.table["missing"].to_pylist()
            await history.put(BATCHES[4])
    return found


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Unavailable, match="cannot be written") as caught:
        _put(Tables(tmp_path / "file" / "history"), BATCHES[0])
    assert "SICKBAY_HISTORY__PATH" in caught.value.hint


def test_a_full_disk_is_called_that(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="the disk is full"), writing(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_another_programs_form_is_refused(tmp_path: Path) -> None:
    _put(Tables(tmp_path), BATCHES[0])
    table = DeltaTable(tmp_path / "jobs")
    with suppress(NotImplementedError):
        table.alter.set_table_properties({"delta.enableChangeDataFeed": "true"})

    with pytest.raises(Unsupported, match="another program"):
        _put(Tables(tmp_path), BATCHES[1])
