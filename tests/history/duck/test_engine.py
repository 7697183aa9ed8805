from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sickbay.core.errors import Malformed, Unavailable
from sickbay.history.duck.engine import Engine
from sickbay.history.statements import names
from tests.history.drawn import batches, drawn
from tests.history.duck.stand import LINE, Files, asked_of, kept, parameters


@pytest.mark.parametrize("name", names())
def test_an_empty_history_has_the_columns_of_a_full_one(
    name: str, tmp_path: Path
) -> None:
    empty = Engine(Files).ask(name, parameters(name))
    full = asked_of(tmp_path, drawn(1)).ask(name, parameters(name))
    assert empty.schema == full.schema
    assert empty.num_rows == 0 or name == "newest"


def counts(engine: Engine, table: str) -> list[dict[str, Any]]:
    sql = f"SELECT build_id, count(*) AS n FROM {table} GROUP BY 1 ORDER BY 1"  # noqa: S608 - ours
    answer = engine.select(sql, max_rows=1000, max_s=60, max_bytes=1 << 30)
    return list(answer.table.to_pylist())


@pytest.mark.parametrize("per", [1, 5])
def test_of_a_build_ingested_again_only_the_new_counts(
    per: int, tmp_path: Path
) -> None:
    old, new = drawn(3), drawn(4)
    engine = asked_of(tmp_path, [*old, *new], per=per)
    (tmp_path / "new").mkdir()
    fresh = asked_of(tmp_path / "new", new)
    there = {record.build_id for record in new}
    gone = [record for record in old if record.build_id not in there]
    assert {r.build_id for r in old} & there
    for table in ("results", "jobs", "causes"):
        both, only = (counts(asked, table) for asked in (engine, fresh))
        kept_ids = {record.build_id for record in gone}
        assert [row for row in both if row["build_id"] not in kept_ids] == only


def test_rows_without_their_build_do_not_count(tmp_path: Path) -> None:
    files = kept(tmp_path, batches(drawn(1), per=5))
    first = Files({**files.files, "builds": files.files["builds"][:1]})
    found = Engine(lambda: first).ask("test_ids", parameters("test_ids"))
    runs = sum(len(record.results) for record in drawn(1)[:5])
    assert sum(found["runs"].to_pylist()) == runs


def test_files_that_went_are_looked_for_again(tmp_path: Path) -> None:
    files = kept(tmp_path, batches(drawn(1)), version=2)
    gone = dict.fromkeys(files.files, ("/nowhere/x.parquet",))
    given = iter([Files(gone, 1), files])
    assert Engine(lambda: next(given)).ask("builds", LINE).num_rows == len(drawn(1))


def test_half_a_character_is_found_nowhere(tmp_path: Path) -> None:
    engine = asked_of(tmp_path, drawn(1))
    assert not engine.ask("builds", {**LINE, "branch": "\ud83d"}).num_rows
    answer = engine.select(
        "SELECT 1 FROM builds WHERE branch = '\ud83d'",
        max_rows=1,
        max_s=60,
        max_bytes=1 << 28,
    )
    assert not answer.table.num_rows


def test_files_that_stay_away_are_named(tmp_path: Path) -> None:
    files = kept(tmp_path, batches(drawn(1)))
    engine = Engine(lambda: files)
    engine.ask("builds", LINE)
    lost = files.files["results"][3]
    Path(lost).unlink()
    with pytest.raises(Unavailable, match=lost) as caught:
        engine.ask("test_ids", parameters("test_ids"))
    assert "--repair" in caught.value.hint


@pytest.mark.parametrize(
    "content", [b"", b"no Parquet", b"PAR1" + b"\0" * 50 + b"PAR1"]
)
def test_files_that_are_damaged_are_named(content: bytes, tmp_path: Path) -> None:
    files = kept(tmp_path, batches(drawn(1)))
    broken = files.files["results"][3]
    Path(broken).write_bytes(content)
    with pytest.raises(Malformed, match=broken) as caught:
        Engine(lambda: files).ask("test_ids", parameters("test_ids"))
    assert "--repair" in caught.value.hint


def test_columns_that_old_files_lack_are_empty(tmp_path: Path) -> None:
    files = kept(tmp_path, batches(drawn(1), per=100))
    path = files.files["jobs"][0]
    pq.write_table(pq.read_table(path).drop(["host", "url"]), path)
    found = Engine(lambda: files).ask("timeline_jobs", parameters("timeline_jobs"))
    assert found.num_rows
    assert found["host"].null_count == found.num_rows


def test_what_was_written_meanwhile_is_there(tmp_path: Path) -> None:
    every = list(batches(drawn(1)))
    now = [kept(tmp_path, every[:3], version=3)]
    engine = Engine(lambda: now[0])
    assert engine.ask("builds", LINE).num_rows == 3
    now[0] = kept(tmp_path, every, version=4)
    assert engine.ask("builds", LINE).num_rows == len(every)


def test_threads_ask_while_files_change(tmp_path: Path) -> None:
    every = list(batches(drawn(1)))
    states = [kept(tmp_path, every[:n], version=n) for n in (5, 10, 15, 20)]
    turn = iter(states * 20)
    engine = Engine(lambda: next(turn))
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda _: engine.ask("builds", LINE).num_rows, range(60))
        assert set(found) <= {5, 10, 15, 20}


def test_paths_with_quotes_are_read(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s a "folder" [x]*?'
    folder.mkdir()
    assert asked_of(folder, drawn(1)).ask("builds", LINE).num_rows == len(drawn(1))
