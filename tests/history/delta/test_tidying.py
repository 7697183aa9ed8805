from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filelock import FileLock

from sickbay.core.errors import SickbayError, Unavailable
from sickbay.history.delta.rewriting import Rewriter
from sickbay.history.delta.tables import Tables, together
from sickbay.history.delta.tidying import LOCK, Tidying
from sickbay.history.face import Keep
from sickbay.history.schema import TABLES
from tests.history.drawn import batches, drawn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from sickbay.history.delta.log import State
    from sickbay.history.face import Tidied
    from sickbay.history.rows import Batch

BUILDS = drawn(1, builds=12)
BATCHES = batches([*BUILDS, *BUILDS[:4]])
"""Twelve builds, of which four were put twice."""

NOW = datetime.now(UTC)
DAY = timedelta(hours=24)
TIDY = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sickbay.history.delta.rewriting import Rewriter
from sickbay.history.delta.tables import Tables
from sickbay.history.delta.tidying import Tidying
from sickbay.history.face import Keep

tables = Tables(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
with Rewriter(tables.folder) as rewriter:
    for _ in range(3):
        Tidying(
            tables, rewriter, keep=Keep(), now=datetime.now(UTC),
            dead_for=timedelta(hours=24), force=True,
        ).done()
"""


def _filled(folder: Path, some: Iterable[Batch] = BATCHES) -> Tables:
    tables = Tables(folder)
    for batch in some:
        for name in TABLES:
            tables.append(name, batch.tables[name])
    return tables


def _tidied(
    tables: Tables,
    *,
    keep: Keep = Keep(),  # noqa: B008 - frozen
    now: datetime = NOW,
    dead_for: timedelta = DAY,
    force: bool = True,
) -> Tidied:
    with Rewriter(tables.folder) as rewriter:
        return Tidying(
            tables, rewriter, keep=keep, now=now, dead_for=dead_for, force=force
        ).done()


def _rows(tables: Tables, name: str) -> list[dict[str, object]]:
    return _read(tables.folder, name, tables.states())


def _read(
    folder: Path, name: str, states: Mapping[str, State]
) -> list[dict[str, object]]:
    paths = [folder / name / path for path in states[name].files]
    return [row for path in paths for row in pq.read_table(path).to_pylist()]


def _same(rows: list[dict[str, object]], expected: pa.Table) -> bool:
    def key(row: dict[str, object]) -> str:
        return json.dumps(row, sort_keys=True, default=str)

    return sorted(rows, key=key) == sorted(expected.to_pylist(), key=key)


def _all(some: Iterable[Batch], name: str) -> pa.Table:
    return pa.concat_tables([batch.tables[name] for batch in some])


def test_each_table_becomes_one_sorted_file_with_the_rows_that_count(
    tmp_path: Path,
) -> None:
    tables = _filled(tmp_path)

    done = _tidied(tables)

    files = tables.snapshot().files
    assert [len(files[name]) for name in TABLES] == [1, 1, 1, 1]
    for name in TABLES:
        assert _same(_rows(tables, name), _all(BATCHES[4:], name))
    assert done.dropped_builds == 0
    assert done.rows_before == sum(batch.rows for batch in BATCHES)
    assert done.rows_after == sum(batch.rows for batch in BATCHES[4:])
    [path] = files["results"]
    tests = pq.read_table(path)["test_id"].to_pylist()
    assert tests == sorted(tests)


def test_what_is_tidy_is_left_alone(tmp_path: Path) -> None:
    tables = _filled(tmp_path)
    _tidied(tables)
    before = tables.snapshot()

    assert _tidied(tables).why_not == "it is tidy"
    assert tables.snapshot().files == before.files


def test_what_does_not_pay_is_left_alone(tmp_path: Path) -> None:
    tables = _filled(tmp_path, BATCHES[:5])

    assert _tidied(tables, force=False).why_not == "it is tidy"


def test_there_is_nothing_to_tidy_before_anything_is_put(tmp_path: Path) -> None:
    done = _tidied(Tables(tmp_path / "none"))

    assert done.why_not == "there is no history yet"
    assert not (tmp_path / "none").exists()


def test_only_one_tidies(tmp_path: Path) -> None:
    tables = _filled(tmp_path)
    before = tables.snapshot()

    with FileLock(tmp_path / LOCK):
        done = _tidied(tables)

    assert done.why_not == "another process is tidying it"
    assert tables.snapshot() is before


def test_two_processes_that_tidy_at_once_multiply_nothing(tmp_path: Path) -> None:
    tables = _filled(tmp_path)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", TIDY, tmp_path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.communicate("go\n", timeout=60)

    assert [process.returncode for process in processes] == [0, 0]
    for name in TABLES:
        assert _same(_rows(tables, name), _all(BATCHES[4:], name))


def test_what_is_put_meanwhile_is_kept(tmp_path: Path) -> None:
    tables = _filled(tmp_path, BATCHES[:6])
    writer = threading.Thread(target=_filled, args=(tmp_path, BATCHES[6:]))
    writer.start()
    while writer.is_alive():
        _tidied(tables)
    writer.join()
    _tidied(tables)

    for name in TABLES:
        assert _same(_rows(tables, name), _all(BATCHES[4:], name))


@pytest.mark.parametrize("when", TABLES)
def test_a_build_that_is_seen_is_whole_while_others_drop_what_it_replaced(
    tmp_path: Path, when: str
) -> None:
    tables = _filled(tmp_path, BATCHES[:-1])
    meanwhile = [BATCHES[-1]]

    def state_of(name: str) -> State:
        found = tables.state(name)
        if name == when and meanwhile:
            _filled(tmp_path, [meanwhile.pop()])
            _tidied(Tables(tmp_path))
        return found

    states = together(state_of)

    builds = {row["ingest_id"]: row for row in _read(tmp_path, "builds", states)}
    for name in [name for name in TABLES if name != "builds"]:
        rows = Counter(row["ingest_id"] for row in _read(tmp_path, name, states))
        assert {number: rows[number] for number in builds} == {
            number: row[name] for number, row in builds.items()
        }


def test_rows_whose_build_never_came_go_after_a_day(tmp_path: Path) -> None:
    tables = _filled(tmp_path, BATCHES[4:6])
    tables.append("results", BATCHES[6].tables["results"])

    _tidied(tables)
    assert _same(_rows(tables, "results"), _all(BATCHES[4:7], "results"))

    _tidied(tables, now=datetime.now(UTC) + DAY + timedelta(minutes=1))
    assert _same(_rows(tables, "results"), _all(BATCHES[4:6], "results"))


def test_tidying_does_not_make_what_nobody_needs_younger(tmp_path: Path) -> None:
    tables = _filled(tmp_path, BATCHES[4:6])
    tables.append("results", BATCHES[6].tables["results"])
    [*_, last] = tables.state("results").files.values()

    _tidied(tables)

    [file] = tables.state("results").files.values()
    assert file.modification_time == last.modification_time


def test_builds_too_old_go_with_all_their_rows(tmp_path: Path) -> None:
    tables = _filled(tmp_path, BATCHES[4:])
    days = [batch.tables["builds"]["created_at"][0].as_py() for batch in BATCHES[4:]]
    newest = max(days)

    done = _tidied(tables, keep=Keep(age=timedelta(hours=20)), now=newest, force=False)

    young = [
        batch
        for batch, day in zip(BATCHES[4:], days, strict=True)
        if newest - day <= timedelta(hours=20)
    ]
    assert done.dropped_builds == len(days) - len(young) > 0
    for name in TABLES:
        assert _same(_rows(tables, name), _all(young, name))


def test_the_oldest_go_where_the_store_is_too_large(tmp_path: Path) -> None:
    tables = _filled(tmp_path, BATCHES[4:])
    _tidied(tables)
    size = sum(file.stat().st_size for file in tmp_path.glob("*/sorted-*.parquet"))

    _tidied(tables, keep=Keep(bytes=size // 2), force=False)

    left = {str(row["build_id"]) for row in _rows(tables, "builds")}
    created = {
        row["build_id"]: row["created_at"]
        for row in _all(BATCHES[4:], "builds").to_pylist()
    }
    assert 0 < len(left) < len(created)
    gone = created.keys() - left
    assert max(created[build] for build in gone) < min(created[b] for b in left)


def test_files_stay_for_a_day_for_those_who_read_them(tmp_path: Path) -> None:
    tables = _filled(tmp_path)
    before = tables.snapshot()

    _tidied(tables)

    rows = [
        row for path in before.files["jobs"] for row in pq.read_table(path).to_pylist()
    ]
    assert _same(rows, _all(BATCHES, "jobs"))


def test_files_that_went_long_ago_are_deleted(tmp_path: Path) -> None:
    tables = _filled(tmp_path)

    _tidied(tables, dead_for=timedelta(0))

    there = {str(path) for path in tmp_path.glob("*/*.parquet")}
    assert there == {
        path for files in tables.snapshot().files.values() for path in files
    }


def test_a_file_that_is_being_put_is_not_deleted(tmp_path: Path) -> None:
    tables = _filled(tmp_path)
    (tmp_path / "results" / "young.parquet").touch()

    _tidied(tables, dead_for=timedelta(0))

    assert (tmp_path / "results" / "young.parquet").exists()


def test_the_log_is_summed_up(tmp_path: Path) -> None:
    tables = _filled(tmp_path)

    _tidied(tables)

    for name in TABLES:
        assert (tmp_path / name / "_delta_log" / "_last_checkpoint").exists()
        files = Tables(tmp_path).state(name).files
        assert files.keys() == tables.state(name).files.keys()


def test_what_another_program_removed_meanwhile_is_not_put_back(tmp_path: Path) -> None:
    tables = _filled(tmp_path)
    [first, *_] = tables.state("jobs").files
    tables.replace("jobs", [first], None)

    with pytest.raises(Unavailable, match="another program changed"):
        tables.replace("jobs", [first], None)


def test_damage_is_said_and_changes_nothing(tmp_path: Path) -> None:
    tables = _filled(tmp_path)
    before = tables.snapshot()
    (tmp_path / "results" / next(iter(tables.state("results").files))).write_bytes(b"")

    with pytest.raises(SickbayError, match="cannot be tidied") as caught:
        _tidied(tables)
    assert "--repair" in caught.value.hint
    assert tables.snapshot().files["results"] == before.files["results"]
    assert not list((tmp_path / "results").glob("sorted-*"))


def test_entries_of_those_that_died_go_after_a_day(tmp_path: Path) -> None:
    tables = _filled(tmp_path)
    draft = tmp_path / "jobs" / "_delta_log" / "_left.tmp"
    draft.touch()

    _tidied(tables)
    assert draft.exists()

    _tidied(tables, now=datetime.now(UTC) + DAY + timedelta(minutes=1))
    assert not draft.exists()


def test_what_was_spilled_by_one_that_died_goes(tmp_path: Path) -> None:
    tables = _filled(tmp_path)
    (tmp_path / ".spill").mkdir()
    (tmp_path / ".spill" / "left").touch()

    _tidied(tables)

    assert not (tmp_path / ".spill").exists()
