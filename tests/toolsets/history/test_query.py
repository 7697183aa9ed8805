from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sickbay.history.schema import TABLES
from tests.toolsets.history.stand import Stand
from tests.toolsets.history.stories import BREAKS, EVIL

if TYPE_CHECKING:
    from pathlib import Path

FAILED = "SELECT count(*) AS n FROM results WHERE outcome = 'failed' AND test_id = "


def test_rows_have_the_columns_that_were_selected(stand: Stand) -> None:
    found = stand.ask("history_query", sql=f"{FAILED}'{BREAKS.test_id}'")
    assert (found["columns"], found["rows"]) == (["n"], [[10]])
    assert found["row_count"] == 1


def test_tables_join_by_build(stand: Stand) -> None:
    sql = (
        "SELECT b.branch, count(*) AS n FROM results AS r "
        "JOIN builds AS b ON b.build_id = r.build_id GROUP BY b.branch ORDER BY 1"
    )
    found = stand.ask("history_query", sql=sql)
    assert [row[0] for row in found["rows"]] == ["main", "topic"]


@pytest.mark.parametrize("table", TABLES)
def test_every_table_can_be_read(stand: Stand, table: str) -> None:
    found = stand.ask("history_query", sql=f"SELECT * FROM {table}", limit=3)  # noqa: S608 - our own names
    assert found["columns"] == TABLES[table].names
    assert len(found["rows"]) == 3
    assert "more than these 3 rows" in found["notes"][0]


def test_pages_together_are_all_rows(stand: Stand) -> None:
    sql = "SELECT build_id, test_id FROM results ORDER BY build_id, test_id"
    whole = stand.whole("history_query", "rows", sql=sql, limit=300)
    assert len(whole["rows"]) == 300
    assert whole["rows"] == sorted(whole["rows"])


def test_moments_are_in_utc(stand: Stand) -> None:
    found = stand.ask("history_query", sql="SELECT max(created_at) AS t FROM builds")
    assert found["rows"][0][0].endswith("Z")


def test_nothing_found_is_empty(stand: Stand) -> None:
    found = stand.ask("history_query", sql="SELECT * FROM builds WHERE number = 'no'")
    assert (found["outcome"], found["rows"]) == ("empty", [])


@pytest.mark.parametrize(
    ("sql", "kinds"),
    [
        pytest.param("SELECT nothing FROM builds", {"bad_request"}, id="column"),
        pytest.param("SELECT * FROM nowhere", {"bad_request", "denied"}, id="table"),
        pytest.param("SELEC 1", {"bad_request"}, id="no SQL"),
        pytest.param("", {"bad_request"}, id="empty"),
        pytest.param("DROP TABLE builds", {"bad_request", "denied"}, id="drop"),
        pytest.param(
            "SELECT * FROM read_text('/etc/passwd')", {"denied"}, id="read a file"
        ),
        pytest.param(
            "SELECT * FROM '/etc/passwd'", {"bad_request", "denied"}, id="file as table"
        ),
        pytest.param(
            "SELECT 1; SELECT 2", {"bad_request", "denied"}, id="two statements"
        ),
    ],
)
def test_what_is_wrong_is_said_and_what_to_do(
    stand: Stand, sql: str, kinds: set[str]
) -> None:
    found = stand.ask("history_query", sql=sql)
    assert found["error"]["kind"] in kinds
    assert found["error"]["hint"]
    assert found["rows"] == []


def test_an_unknown_column_is_told_which_there_are(stand: Stand) -> None:
    found = stand.ask("history_query", sql="SELECT test FROM results")
    said = f"{found['error']['message']} {found['error']['hint']}"
    assert "test_id" in said


def test_a_limit_of_the_operator_holds(tmp_path: Path, store: Path) -> None:
    small = Stand(tmp_path, store, query_rows=5)
    found = small.ask("history_query", sql="SELECT * FROM results", limit=100)
    assert found["row_count"] == 5
    assert found["notes"]


def test_attack_text_of_strangers_stays_data(stand: Stand) -> None:
    sql = "SELECT DISTINCT test_id FROM results WHERE test_id LIKE '%evil%'"
    answers: list[dict[str, Any]] = stand.ask_all(("history_query", {"sql": sql}))
    shown = answers[0]["rows"][0][0]
    assert shown == EVIL.replace("\u202e", "").replace("\x1b[31m", "")


def test_no_rows_of_an_empty_history_are_told_from_none_found(tmp_path: Path) -> None:
    stand = Stand(tmp_path, tmp_path / "none")
    found = stand.ask("history_query", sql="SELECT * FROM builds")
    assert found["outcome"] == "empty"
    assert "sickbay ingest junit" in found["notes"][0]
