from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.toolsets.history.stand import Stand, filled
from tests.toolsets.history.stories import BREAKS, EVIL, STORIES, told

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CANARY = "canary-51f0e2-file"

REACHING = (
    "SELECT * FROM '{file}'",
    'SELECT * FROM "{file}"',
    "SELECT * FROM read_text('{file}')",
    "SELECT * FROM READ_CSV_AUTO('{file}')",
    "SELECT * FROM read_csv(['{file}'])",
    "SELECT (SELECT content FROM read_text('{file}')) FROM builds",
    "SELECT * FROM builds WHERE title = (SELECT * FROM '{file}')",
    "WITH x AS (SELECT * FROM '{file}') SELECT * FROM x",
    "SELECT * FROM builds, LATERAL (SELECT * FROM read_text('{file}'))",
    "SELECT * FROM builds UNION ALL BY NAME SELECT * FROM '{file}'",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM query('SELECT * FROM ''{file}''')",
    "SELECT * FROM query_table('{file}')",
    "SELECT /* builds */ * FROM /**/ '{file}' -- builds",
    "FROM '{file}'",
    "DESCRIBE '{file}'",
    "SUMMARIZE '{file}'",
    "COPY builds TO '{folder}/stolen.csv'",
    "COPY (SELECT 1) TO '{folder}/stolen.csv'",
    "ATTACH '{folder}/stolen.db'",
    "EXPORT DATABASE '{folder}/stolen'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "SELECT getenv('HOME')",
    "SELECT current_setting('temp_directory')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM pg_catalog.pg_class",
    "SELECT * FROM sqlite_master",
    "CREATE TABLE stolen AS SELECT * FROM builds",
    "INSERT INTO builds SELECT * FROM builds",
    "DELETE FROM builds",
    "DROP VIEW builds",
    "SELECT 1; DROP VIEW builds",
)

ENDLESS = (
    "SELECT count(*) FROM results a, results b, results c, results d, results e",
    "SELECT * FROM results a, results b, results c, results d ORDER BY a.line, d.line",
)

ODD = ("' OR 1=1 --", "%", "_", "\\", "$$", "a'; DROP TABLE builds; --", "\u202e", "*")


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that no answer may have a word of."""
    path = tmp_path / "secret.csv"
    path.write_text(f"{CANARY}\n{CANARY}\n")
    return path


@pytest.mark.parametrize("sql", REACHING)
def test_attack_sql_reaches_nothing_but_its_tables(
    stand: Stand, secret: Path, sql: str
) -> None:
    asked = sql.format(file=secret, folder=secret.parent)
    before = sorted(secret.parent.iterdir())
    found = stand.ask("history_query", sql=asked)
    answer = {**found, "sql": ""}
    assert found["error"]["kind"] in {"bad_request", "denied"}
    assert found["error"]["hint"]
    assert CANARY not in json.dumps(answer)
    new = {path.name for path in secret.parent.iterdir()} - {p.name for p in before}
    assert new <= {"cache", "state"}


@pytest.mark.parametrize("sql", ENDLESS)
def test_attack_sql_without_end_is_stopped(
    tmp_path: Path, store: Path, sql: str
) -> None:
    short = Stand(tmp_path, store, query_s=0.3, query_bytes=64 << 20)
    found = short.ask("history_query", sql=sql)
    assert found["error"]["kind"] in {"timed_out", "too_large"}


def test_attack_a_value_without_end_is_not_built(tmp_path: Path, store: Path) -> None:
    small = Stand(tmp_path, store, query_s=2, query_bytes=64 << 20)
    sql = "SELECT repeat(title, 100000000) AS x FROM builds"
    found = small.ask("history_query", sql=sql)
    assert found["error"]["kind"] in {"too_large", "denied", "timed_out", "bad_request"}


def strings(data: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from strings(value)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        pytest.param("history_compare", {"one": "40", "other": "30"}, id="compare"),
        pytest.param("history_clusters", {}, id="clusters"),
        pytest.param("history_test_history", {"test_nodeid": EVIL}, id="test"),
        pytest.param("history_flaky_tests", {"least_score": 0}, id="flaky"),
        pytest.param("history_culprit", {"test_nodeid": EVIL}, id="culprit"),
    ],
)
def test_attack_names_and_lines_stay_data(
    stand: Stand, tool: str, arguments: dict[str, Any]
) -> None:
    found = stand.ask(tool, **arguments)
    assert found["error"] is None, found["error"]
    for text in strings(found):
        assert not set(text) & {"\x1b", "\u202e"}
    apart = {path.split(".")[0] for path in found["untrusted"]}
    for key, value in found.items():
        if key not in apart and key not in {"test_nodeid", "untrusted", "summary"}:
            assert "@everyone" not in json.dumps(value), key


@pytest.mark.parametrize("text", ODD)
def test_attack_a_name_is_a_value_and_no_sql(stand: Stand, text: str) -> None:
    calls = [
        ("history_clusters", {"test_nodeid": text, "pipeline": "acme/ci"}),
        ("history_clusters", {"pipeline": text}),
        ("history_compare", {"one": f"branch:{text}"}),
        ("history_compare", {"one": text}),
    ]
    for found in stand.ask_all(*calls):
        assert found["outcome"] in {"empty", "error"}
        assert (found["error"] or {"kind": "not_found"})["kind"] == "not_found"
    assert stand.ask("history_status")["builds"] == 46


def damaged(folder: Path, table: str) -> Path:
    """A store with a file of one table that is none."""
    store = filled(folder, told(STORIES, builds=3))
    for path in (store / table).rglob("*.parquet"):
        path.write_bytes(b"PAR1 nothing of the kind PAR1")
    return store


@pytest.mark.parametrize("table", ["builds", "results", "jobs"])
def test_a_damaged_file_is_named_with_the_way_to_mend_it(
    tmp_path: Path, table: str
) -> None:
    stand = Stand(tmp_path, damaged(tmp_path / "history", table))
    asked = {"test_nodeid": BREAKS.test_id}
    found = stand.ask("history_test_history", **asked)
    assert found["error"]["kind"] in {"malformed", "unavailable"}
    assert "tidy --repair" in found["error"]["hint"]
    status = stand.ask("history_status")
    assert status["problems"]
    assert status["next_steps"] == ["sickbay history tidy --repair"]


def test_what_is_kept_is_for_its_user_only(tmp_path: Path) -> None:
    store = filled(tmp_path / "state" / "history", told(STORIES, builds=2))
    folders = itertools.chain([store], (p for p in store.rglob("*") if p.is_dir()))
    modes = {folder.stat().st_mode & 0o777 for folder in folders}
    assert modes <= {0o700, 0o755}
    assert store.stat().st_mode & 0o777 == 0o700
