from __future__ import annotations

import pytest

from sickbay.core.errors import BadRequest, Denied
from sickbay.history.guard import checked, tables, written

FINE = [
    "SELECT 1",
    "FROM builds",
    "SELECT test_id, count(*) FILTER (WHERE outcome = 'failed') AS n FROM results",
    "SELECT 1 FROM jobs GROUP BY ALL HAVING n > 2 ORDER BY n DESC NULLS LAST LIMIT 5",
    "WITH a AS (SELECT 1 AS x), b AS (SELECT x FROM a) SELECT * FROM a, b",
    "SELECT median(duration_s), quantile_cont(duration_s, 0.9) FROM results",
    "SELECT date_trunc('day', created_at), now() - INTERVAL 3 DAY FROM builds",
    "SELECT lag(state) OVER (PARTITION BY branch ORDER BY ordered_at) FROM builds",
    "SELECT CASE WHEN title ILIKE '%fix%' THEN title[1:5] ELSE NULL END FROM builds",
    "SELECT 1 UNION ALL SELECT 2 EXCEPT SELECT 3",
    "SELECT * EXCLUDE (url) FROM Builds WHERE sha IN (SELECT sha FROM BUILDS)",
    "SELECT x FROM (VALUES (1), (2)) AS t(x) -- from builds; drop table builds",
]

NO_QUESTIONS = [
    "",
    "-- nothing",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE builds",
    "DROP TABLE builds",
    "COPY builds TO '/tmp/x'",
    "ATTACH 'x.db'",
    "INSTALL httpfs",
    "SET memory_limit = '1TB'",
    "PRAGMA version",
    "EXPLAIN SELECT 1",
    "CREATE TABLE x AS SELECT 1",
    "WITH x AS (SELECT 1) DELETE FROM builds",
    "SELECT FROM WHERE",
    "SELECT '",
    "SELECT " + "(" * 500 + "1" + ")" * 500,
    "SELECT " + "NOT " * 2_900 + "true",
    "SELECT " + "1," * 5_000 + "1",
]

OUT_OF_REACH = [
    pytest.param("SELECT * FROM read_csv('/etc/passwd')", id="table-function"),
    pytest.param("SELECT * FROM '/etc/passwd'", id="file"),
    pytest.param('SELECT * FROM "/etc/passwd"', id="file-as-name"),
    pytest.param("SELECT * FROM builds, 'x.parquet'", id="file-beside"),
    pytest.param("SELECT * FROM builds JOIN glob('*') ON true", id="joined-function"),
    pytest.param("SELECT * FROM builds, LATERAL (SELECT 1)", id="lateral"),
    pytest.param("SELECT * FROM main.builds", id="schema"),
    pytest.param("SELECT * FROM information_schema.tables", id="catalogue"),
    pytest.param("SELECT * FROM duckdb_settings", id="engine's-view"),
    pytest.param(
        "WITH duckdb_settings AS (SELECT * FROM duckdb_settings) SELECT 1 FROM builds",
        id="common-table-reads-what-it-shadows",
    ),
    pytest.param(
        "WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a",
        id="common-table-of-later",
    ),
    pytest.param(
        "SELECT * FROM (WITH x AS (SELECT 1) SELECT * FROM x) JOIN x ON true",
        id="common-table-from-outside",
    ),
    pytest.param('WITH "a.csv" AS (SELECT 1) SELECT * FROM "a.csv"', id="odd-name"),
    pytest.param(
        "WITH RECURSIVE x AS (SELECT 1 UNION ALL SELECT * FROM x) SELECT * FROM x",
        id="recursive",
    ),
    pytest.param("SELECT getenv('HOME')", id="environment"),
    pytest.param("SELECT current_setting('threads')", id="setting"),
    pytest.param("SELECT read_text('/etc/passwd')", id="file-in-column"),
    pytest.param("SELECT (SELECT max(content) FROM read_text('x'))", id="nested"),
    pytest.param("SELECT count(*) FROM range(1000000000000)", id="range"),
    pytest.param("SELECT unnest([1, 2])", id="unnest"),
    pytest.param("SELECT repeat('x', 1000000000)", id="repeat"),
    pytest.param("SELECT lpad('x', 1000000000)", id="pad"),
    pytest.param("SELECT array_agg(title) FROM builds", id="list"),
    pytest.param("SELECT title::BLOB FROM builds", id="type"),
    pytest.param("SELECT $1", id="parameter"),
    pytest.param("SELECT title INTO x FROM builds", id="into"),
    pytest.param("SELECT * FROM builds FOR UPDATE", id="lock"),
    pytest.param("SELECT e'\\x41'", id="escaped-text"),
    pytest.param("SELECT COLUMNS('.*') FROM builds", id="columns"),
    pytest.param("SELECT x.builds.f() FROM builds", id="method"),
]


@pytest.mark.parametrize("sql", FINE)
def test_questions_to_the_tables_pass_and_stay_the_same(sql: str) -> None:
    again = written(checked(sql))
    assert written(checked(again)) == again


@pytest.mark.parametrize("sql", NO_QUESTIONS)
def test_anything_but_one_question_is_a_bad_request(sql: str) -> None:
    with pytest.raises(BadRequest) as caught:
        checked(sql)
    assert caught.value.hint


@pytest.mark.parametrize("sql", OUT_OF_REACH)
def test_what_reaches_further_is_denied(sql: str) -> None:
    with pytest.raises(Denied) as caught:
        checked(sql)
    assert caught.value.hint


def test_comments_do_not_reach_the_engine() -> None:
    assert "/*" not in written(checked("SELECT /* a */ 1 -- b\n FROM builds /*! c */"))


def test_tables_are_those_that_are_named() -> None:
    tree = checked(
        "WITH a AS (SELECT 1 FROM Jobs) SELECT * FROM a JOIN results ON true"
    )
    assert tables(tree) == ("results", "jobs")
