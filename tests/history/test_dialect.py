from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import sqlglot

from sickbay.core.errors import BadRequest
from sickbay.history import dialect, statements
from sickbay.history.dialect import clickhouse, inlined, translated
from tests.history.translations import pinned, wanted

if TYPE_CHECKING:
    from pathlib import Path

PARAMETER = re.compile(r"\{(\w+): ([^}]+)\}")


def of(sql: str) -> str:
    return " ".join(translated(sqlglot.parse_one(sql, read="duckdb")).split())


def test_clickhouse_is_asked_what_is_pinned() -> None:
    assert wanted() == pinned(), "python -m tests.history.translations --update"


@pytest.mark.parametrize("name", statements.names())
def test_every_parameter_has_the_type_that_the_query_declares(name: str) -> None:
    types = {
        "BIGINT": "Nullable(Int64)",
        "BOOLEAN": "Nullable(Bool)",
        "TIMESTAMPTZ": "Nullable(DateTime64(6, 'UTC'))",
        "VARCHAR": "Nullable(String)",
        "VARCHAR[]": "Array(Nullable(String))",
    }
    declared = statements.query(name).parameters
    found = set(PARAMETER.findall(clickhouse(name)))
    assert found == {(name, types[kind]) for name, kind in declared.items()}
    assert "$" not in clickhouse(name)


@pytest.mark.parametrize(
    ("duckdb", "there"),
    [
        pytest.param(
            "SELECT CAST(t AS TIMESTAMPTZ)",
            "SELECT CAST(t AS Nullable(DateTime64(6, 'UTC')))",
            id="microseconds",
        ),
        pytest.param(
            "SELECT 1 LIMIT CAST($n AS BIGINT)",
            "SELECT 1 LIMIT COALESCE({n: Nullable(Int64)}, 9223372036854775807)",
            id="no limit",
        ),
        pytest.param(
            "SELECT regexp_matches(a, 'x.y')",
            "SELECT match(a, CONCAT('(?-s)', 'x.y'))",
            id="a dot is no end of line",
        ),
        pytest.param(
            "SELECT lower(lower(a))", "SELECT lowerUTF8(lowerUTF8(a))", id="letters"
        ),
        pytest.param("SELECT var_pop(a)", "SELECT varPopStable(a)", id="variance"),
        pytest.param(
            "SELECT count(*) FILTER (WHERE a)",
            "SELECT toInt64(COUNT(*) FILTER(WHERE a))",
            id="counts have signs",
        ),
        pytest.param(
            "SELECT row_number() OVER (ORDER BY a)",
            "SELECT toInt64(ROW_NUMBER() OVER (ORDER BY a))",
            id="places have signs",
        ),
        pytest.param(
            "SELECT CAST(count(*) AS BIGINT), sum(a) FILTER (WHERE b)",
            "SELECT CAST(COUNT(*) AS Nullable(Int64)), SUM(a) FILTER(WHERE b)",
            id="what is a number already",
        ),
        pytest.param(
            "WITH a AS (SELECT 1 AS x), b AS (SELECT x FROM a) SELECT * FROM a, b",
            "WITH a AS MATERIALIZED ( SELECT 1 AS x ), b AS ( SELECT x FROM a )"
            " SELECT * FROM a, b",
            id="what is read twice is kept",
        ),
        pytest.param(
            "SELECT strftime(a, '%H:%M')",
            "SELECT formatDateTime(a, '%H:%i')",
            id="time",
        ),
        pytest.param(
            "SELECT lag(a) OVER (ORDER BY b)",
            "SELECT lag(toNullable(a)) OVER (ORDER BY b)",
            id="no row is no empty text",
        ),
        pytest.param(
            "SELECT median(a)", "SELECT quantileExactInclusive(0.5)(a)", id="median"
        ),
        pytest.param(
            "SELECT 1 /* * / DROP */ -- x", "SELECT 1", id="comments stay behind"
        ),
    ],
)
def test_what_would_be_another_question_is_asked_otherwise(
    duckdb: str, there: str
) -> None:
    assert of(duckdb) == there


def test_an_earlier_clickhouse_is_asked_without_keeping_anything() -> None:
    found = clickhouse("tallies")
    assert "MATERIALIZED" in found
    assert "MATERIALIZED" not in inlined(found)


@pytest.mark.parametrize("name", ["mode", "quantile_disc"])
def test_what_clickhouse_cannot_be_asked_is_said(name: str) -> None:
    with pytest.raises(BadRequest, match="ClickHouse") as caught:
        of(f"SELECT {name}(a, 0.5)")
    assert "quantile_cont" in caught.value.hint


def test_a_file_says_what_clickhouse_is_asked_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "queries" / "clickhouse"
    there.mkdir(parents=True)
    (there / "counts.sql").write_text("SELECT 1 AS own\n")
    monkeypatch.setattr(dialect, "files", lambda _: tmp_path)
    assert clickhouse.__wrapped__("counts") == "SELECT 1 AS own"
