from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.clients.clickhouse.statement import MAX_SQL, Statement, statement
from sickbay.core.errors import BadRequest, Denied, SickbayError, TooLarge

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)


def read(sql: str, **parameters: object) -> Statement:
    return statement(sql, parameters, now=NOW)


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("select 1", id="select"),
        pytest.param("  SELECT 1 ;\n", id="semicolon at the end"),
        pytest.param("(SELECT 1) UNION ALL (SELECT 2)", id="brackets"),
        pytest.param("-- why\nWITH 1 AS a SELECT a", id="comment first"),
        pytest.param("SELECT 'a;b', \"c\" FROM `d`", id="semicolon in a text"),
        pytest.param("SELECT 1 /* ; DROP TABLE t */", id="semicolon in a comment"),
        pytest.param(
            "SELECT 'größe $x$', \"maß\" FROM t -- \u2018", id="other letters"
        ),
        pytest.param("SELECT 1 SETTINGS max_threads = 2", id="setting"),
        pytest.param("SELECT 'url(''x'')', 'it\\'s file('", id="function in a text"),
        pytest.param("SHOW TABLES", id="show"),
        pytest.param("DESCRIBE TABLE default.push", id="describe"),
        pytest.param("EXPLAIN SELECT 1", id="explain"),
        pytest.param("EXISTS TABLE push", id="exists"),
        pytest.param("SELECT filesystemAvailable()", id="function of the disk"),
        pytest.param("SELECT url, file FROM t", id="columns named so"),
        pytest.param(
            "SELECT format(a, b), formatDateTime(c, '%Y') FROM t", id="format"
        ),
    ],
)
def test_what_only_reads_is_sent(sql: str) -> None:
    assert read(sql).sql == sql.strip(" ;\n")


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("DROP TABLE push", id="drop"),
        pytest.param("/* SELECT */ INSERT INTO t VALUES (1)", id="behind a comment"),
        pytest.param("SYSTEM SHUTDOWN", id="system"),
        pytest.param("SET readonly = 0", id="set"),
        pytest.param("", id="empty"),
        pytest.param("-- SELECT 1", id="a comment only"),
        pytest.param("SELECT * FROM url('http://169.254.169.254/', CSV)", id="url"),
        pytest.param("SELECT * FROM `url`('http://example.com')", id="quoted"),
        pytest.param("SELECT * FROM urlCluster ('c', 'http://x')", id="cluster"),
        pytest.param("SELECT * FROM File('/etc/passwd')", id="file"),
        pytest.param("SELECT * FROM s3('https://x/y.csv')", id="s3"),
        pytest.param("SELECT * FROM remote/**/('h', db.t)", id="comment between"),
        pytest.param("SELECT {a:/*} '*/ UInt8}, url('http://x')", id="hidden comment"),
        pytest.param("SELECT * FROM mysql('h', 'd', 't', 'u', 'p')", id="mysql"),
        pytest.param("SELECT * FROM executable('x.sh', TSV, 'a UInt8')", id="program"),
        pytest.param("SELECT * FROM executablePool('x.sh', TSV)", id="programs"),
        pytest.param("SELECT * FROM oss('https://x/y.csv')", id="another s3"),
        pytest.param("SELECT catboostEvaluate('/etc/passwd', 1)", id="model"),
        pytest.param("SELECT 1 SETTINGS max_execution_time = 0", id="limit"),
        pytest.param("SELECT 1 settings a=1, readonly=0", id="read only"),
    ],
)
def test_what_writes_or_reads_elsewhere_is_denied(sql: str) -> None:
    with pytest.raises(Denied):
        read(sql)


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("SELECT 1; SELECT 2", id="two"),
        pytest.param("SELECT 1 FORMAT CSV", id="format"),
        pytest.param("SELECT 1 INTO OUTFILE 'x'", id="outfile"),
    ],
)
def test_what_cannot_be_one_table_is_refused(sql: str) -> None:
    with pytest.raises(BadRequest):
        read(sql)


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param(
            "SELECT \u2018 -- \u2019, * FROM url(\u2018http://x\u2019)",
            id="typographic text",
        ),
        pytest.param(
            "SELECT \u2018 /* \u2019, * FROM url('http://x') /* */", id="and comment"
        ),
        pytest.param(
            "SELECT \u201c ' \u201d, * FROM url(\u2018x\u2019), \u201c ' \u201d",
            id="typographic name",
        ),
        pytest.param("SELECT * FROM `u\\x72l`('http://x')", id="escape in a name"),
        pytest.param("SELECT * FROM \"u\\x72l\"('http://x')", id="in the other"),
        pytest.param("SELECT * FROM url\u200b('http://x')", id="blank of no width"),
        pytest.param("SELECT * FROM url\0('http://x')", id="nul"),
        pytest.param("SELECT $a$ ' $a$, * FROM url('x'), ' '", id="heredoc"),
    ],
)
def test_attack_what_clickhouse_may_read_otherwise_is_refused(sql: str) -> None:
    with pytest.raises(BadRequest, match="between single quotes"):
        read(sql)


@pytest.mark.parametrize(
    "part", ["\\'", '\\"', "/*", "`", "{a:'a'", "settings ", "$a$ "]
)
def test_attack_sql_made_to_take_long_is_read_in_one_go(part: str) -> None:
    with suppress(SickbayError):
        read(f"SELECT {part[-1]}{part * (MAX_SQL // len(part) - 9)}")


def test_sql_without_end_is_too_large() -> None:
    with pytest.raises(TooLarge):
        read("SELECT " + "1," * MAX_SQL)


def test_parameters_go_beside_the_sql_by_type() -> None:
    sql = (
        "SELECT {n: UInt8}, {names: Array(String)}, {on:Bool}, {none: Nullable(Int8)}, "
        "{text: String}, {since: DateTime64(3)}, '{not: String}', {all: Array(UInt8)}, "
        "{there: DateTime('Asia/Tokyo')}, {holes: Array(Nullable(Int8))}"
    )
    asked = read(
        sql,
        n="7",
        names=["it's", "a\tb"],
        on=True,
        none=None,
        text="a\tb\\c'",
        since="2026-03-01",
        all=[],
        there="2026-03-01",
        holes=[1, None],
    )
    assert asked.parameters == {
        "param_n": "7",
        "param_names": "['it\\'s','a\\tb']",
        "param_on": "true",
        "param_none": "\\N",
        "param_text": "a\\tb\\\\c'",
        "param_since": "2026-03-01T00:00:00.000",
        "param_all": "[]",
        "param_there": "2026-03-01 09:00:00",
        "param_holes": "[1,NULL]",
    }


def test_a_parameter_without_value_and_a_value_without_parameter_are_told() -> None:
    with pytest.raises(BadRequest, match="value for b"):
        read("SELECT {a: String}, {b: String}", a="")
    with pytest.raises(BadRequest, match="no parameter c"):
        read("SELECT {a: String}", a="", c=1)
    with pytest.raises(BadRequest, match=r"^a: "):
        read("SELECT {a: UInt8}", a=-1)


@given(st.text(alphabet="'\"`\\-/*#$ ;(\nSELECTurl0", max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(SickbayError):
        assert read(text).sql in text
