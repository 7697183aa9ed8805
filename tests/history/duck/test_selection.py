from __future__ import annotations

import sys
from datetime import UTC
from typing import TYPE_CHECKING

import duckdb
import pytest

from sickbay.core.errors import BadRequest, Denied, TimedOut, TooLarge, Unavailable
from sickbay.history.duck import selection
from sickbay.history.duck.apart import locked
from sickbay.history.duck.request import Asked
from sickbay.history.duck.selection import selected
from tests.history.drawn import batches, drawn
from tests.history.duck.stand import kept

if TYPE_CHECKING:
    from pathlib import Path

    from sickbay.history.face import Answer
    from tests.history.duck.stand import Files

MEMORY = 256 << 20
DOUBLED = ", ".join(
    ["WITH a0 AS (SELECT max(title) AS x FROM builds)"]
    + [f"a{n} AS (SELECT x || x AS x FROM a{n - 1})" for n in range(1, 36)]  # noqa: S608 - ours
    + ["b AS (SELECT length(x) FROM a35) FROM b"]
)
SQUARED = f"SELECT replace('{'a' * 70_000}', 'a', '{'b' * 70_000}')"


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return kept(tmp_path, batches(drawn(1), per=5))


def ask(files: Files, sql: str, *, most: int = 1000, seconds: float = 30.0) -> Answer:
    return selected(files, sql, max_rows=most, max_s=seconds, max_bytes=MEMORY)


def test_rows_come_as_they_were_asked_for(files: Files) -> None:
    found = ask(files, "SELECT number, created_at FROM builds ORDER BY 2 DESC", most=2)
    newest = sorted(drawn(1), key=lambda record: record.created_at)[:-3:-1]
    assert found.table.to_pylist() == [
        {"number": record.number, "created_at": record.created_at.astimezone(UTC)}
        for record in newest
    ]
    assert found.cut


@pytest.mark.parametrize(("most", "cut"), [(19, True), (20, False), (21, False)])
def test_it_is_said_whether_there_are_more(
    files: Files, most: int, *, cut: bool
) -> None:
    found = ask(files, "SELECT 1 FROM builds", most=most)
    assert (found.table.num_rows, found.cut) == (min(most, 20), cut)


def test_values_are_plain_whatever_they_were(files: Files) -> None:
    sql = (
        "SELECT sum(line), INTERVAL 3 DAY, CAST(1 AS DECIMAL(9, 2)), "
        "string_agg(test_id, ''), max(ordered_at), bool_or(true) FROM results"
    )
    row = next(iter(ask(files, sql).table.to_pylist()[0].values()))
    assert isinstance(row, int)
    types = {str(kind) for kind in ask(files, sql).table.schema.types}
    assert types == {"int64", "string", "timestamp[us, tz=UTC]", "bool"}


def test_a_row_holds_no_table(files: Files) -> None:
    sql = "SELECT string_agg(test_id, '') OVER () AS x FROM results"
    assert len(ask(files, sql, most=1).table["x"][0].as_py()) == 10_000


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        pytest.param("SELECT nope FROM builds", "nope", id="column"),
        pytest.param("SELECT build_id + true FROM builds", "No function", id="type"),
        pytest.param("SELECT CAST(title AS INT) FROM builds", "convert", id="cast"),
        pytest.param(
            "SELECT regexp_matches(title, '(') FROM builds", "missing", id="pattern"
        ),
        pytest.param("SELECT " + "1 + " * 1_300 + "1", "deeply", id="depth"),
        pytest.param("SELECT 1 FROM builds GROUP BY 7", "GROUP BY", id="group"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(files: Files, sql: str, said: str) -> None:
    with pytest.raises(BadRequest, match=said) as caught:
        ask(files, sql)
    assert "\n" not in caught.value.message


def test_an_unknown_column_brings_those_of_the_named_tables(files: Files) -> None:
    with pytest.raises(BadRequest) as caught:
        ask(files, "SELECT nope FROM causes")
    assert "cause_id" in caught.value.hint
    assert "tests_run" not in caught.value.hint


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param(
            "SELECT count(*) FROM results a, results b, results c, results d",
            id="joins",
        ),
        pytest.param(
            f"SELECT levenshtein('{'a' * 200_000}', '{'b' * 200_000}')",
            id="one-call-that-nothing-interrupts",
        ),
    ],
)
def test_what_takes_too_long_is_stopped(files: Files, sql: str) -> None:
    with pytest.raises(TimedOut):
        ask(files, sql, seconds=0.1)


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param(DOUBLED, id="doubled-text"),
        pytest.param(SQUARED, id="a-text-that-the-engine-does-not-count"),
        pytest.param(
            "SELECT a.job_id, b.job_id, count(*) FROM results a, results b, builds c "
            "GROUP BY a.job_id || b.test_id || c.sha || a.test_id, 1, 2",
            id="many-groups",
        ),
    ],
)
def test_what_takes_too_much_memory_is_stopped(files: Files, sql: str) -> None:
    with pytest.raises(TooLarge):
        selected(files, sql, max_rows=10, max_s=60, max_bytes=48 << 20)


def test_an_answer_is_no_copy_of_the_history(files: Files) -> None:
    sql = (
        "SELECT " + "a.test_id || b.test_id || c.test_id AS x, " * 100 + "1 "
        "FROM results a, results b, results c"
    )
    with pytest.raises(TooLarge):
        ask(files, sql, most=10_000)


def test_the_process_that_runs_it_has_no_credentials(
    files: Files, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SICKBAY_BUILDKITE__TOKEN", "canary")
    told = tmp_path / "environment"
    program = f"import os; open({str(told)!r}, 'w').write(str(dict(os.environ)))"
    monkeypatch.setattr(selection, "_COMMAND", (sys.executable, "-c", program))
    with pytest.raises(Unavailable, match="did not start"):
        ask(files, "SELECT 1")
    assert "PATH" in told.read_text()
    assert "canary" not in told.read_text()


def test_what_is_denied_is_not_run(files: Files) -> None:
    with pytest.raises(Denied):
        ask(files, "SELECT * FROM read_parquet('builds-0.parquet')")


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("SELECT * FROM read_csv('/etc/passwd')", id="file"),
        pytest.param("SELECT * FROM '/etc/passwd.csv'", id="file-as-table"),
        pytest.param("SELECT * FROM read_text('/proc/self/environ')", id="environment"),
        pytest.param("SELECT * FROM glob('/*')", id="folder"),
        pytest.param("COPY builds TO '/tmp/sickbay-stolen.csv'", id="write"),
        pytest.param("ATTACH '/tmp/sickbay-stolen.db'", id="attach"),
        pytest.param("INSTALL httpfs", id="install"),
        pytest.param("SET enable_external_access = true", id="unlock"),
        pytest.param("SET memory_limit = '1TB'", id="memory"),
        pytest.param("SELECT * FROM files", id="python-variable"),
    ],
)
def test_the_engine_itself_denies_what_the_guard_would(files: Files, sql: str) -> None:
    connection = locked(
        Asked(files=files.files, text="", max_rows=1, max_s=1, max_bytes=MEMORY)
    )
    with pytest.raises(duckdb.Error):
        connection.execute(sql).fetchall()
    assert connection.execute("SELECT count(*) FROM builds").fetchall() == [(20,)]
