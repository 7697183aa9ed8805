from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sickbay.clients.clickhouse import ClickHouse, Table
from sickbay.clients.clickhouse.client import LIMITS, MAX_ROWS
from sickbay.clients.patience import Patience
from sickbay.core.errors import (
    BadRequest,
    Denied,
    Malformed,
    NotFound,
    SickbayError,
    TimedOut,
    TooLarge,
    Unavailable,
)
from tests.clients.site import Site, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.clients.site import Handler

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
HASTE = Patience(connect_s=2, read_s=2, total_s=9, answer_s=2, pause_s=0.001)
PASSWORD = "canary-77aa"  # noqa: S105 - made up


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as here:
        here.says("/", answered(["n", "name"], [[1, "a"], [2, ""]]))
        yield here


def answered(columns: list[str], rows: list[list[Any]]) -> bytes:
    meta = [{"name": name, "type": "String"} for name in columns]
    return json.dumps({"meta": meta, "data": rows, "rows": len(rows)}).encode()


def refused(code: int, said: str, word: str = "SOME_WORD") -> bytes:
    return (
        f"Code: {code}. DB::Exception: {said}. ({word}) (version 25.8.1.1)\n".encode()
    )


def run(site: Site, sql: str = "SELECT 1", **parameters: object) -> Table:
    async def asked() -> Table:
        address = f"http://127.0.0.1:{site.port}"
        async with ClickHouse(
            address, user="reader", password=PASSWORD, database="ci", patience=HASTE
        ) as database:
            return await database.query(sql, parameters, now=NOW)

    return asyncio.run(asked())


def fields(path: str) -> dict[str, str]:
    return {name: text[0] for name, text in parse_qs(urlsplit(path).query).items()}


def test_a_statement_gives_columns_and_rows(site: Site) -> None:
    found = run(site, "SELECT n, name FROM t WHERE n > {n: UInt8};", n="0")
    assert found.columns == ("n", "name")
    assert found.rows == [[1, "a"], [2, ""]]
    assert (found.sent, found.cut) == ({"n": 0}, False)


def test_it_is_a_get_with_limits_and_the_credential_in_header_fields(
    site: Site,
) -> None:
    run(site, "SELECT {n: UInt8}", n=3)
    ((path, headers),) = site.asked
    sent = fields(path)
    assert sent["query"] == "SELECT {n: UInt8}"
    assert (sent["param_n"], sent["database"]) == ("3", "ci")
    assert sent["default_format"] == "JSONCompact"
    assert sent["max_execution_time"] == str(LIMITS["max_execution_time"])
    assert sent["session_timezone"] == "UTC"
    assert PASSWORD not in path
    assert headers["X-ClickHouse-User"] == "reader"
    assert headers["X-ClickHouse-Key"] == PASSWORD


def test_a_user_who_may_set_no_limits_is_asked_without(site: Site) -> None:
    def answer(handler: Handler) -> None:
        if "max_execution_time" in handler.path:
            said = "Cannot modify 'max_execution_time' setting in readonly mode"
            handler.say(refused(164, said, "READONLY"), 500)
        else:
            handler.say(answered(["n"], [[1]]))

    site.answers["/"] = answer
    assert run(site).rows == [[1]]
    assert len(site.asked) == 2


def test_many_rows_are_cut_and_said_to_be(site: Site) -> None:
    site.says("/", answered(["n"], [[n] for n in range(MAX_ROWS + 5)]))
    found = run(site)
    assert len(found.rows) == MAX_ROWS
    assert found.cut


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        pytest.param(62, 400, BadRequest, id="syntax"),
        pytest.param(47, 404, BadRequest, id="column"),
        pytest.param(60, 404, NotFound, id="table"),
        pytest.param(164, 500, Denied, id="read only"),
        pytest.param(497, 403, Denied, id="no grant"),
        pytest.param(516, 403, Denied, id="password"),
        pytest.param(159, 408, TimedOut, id="time"),
        pytest.param(241, 500, TooLarge, id="memory"),
        pytest.param(202, 503, Unavailable, id="busy"),
    ],
)
def test_what_it_refuses_is_an_error_of_ours_with_its_words(
    site: Site, code: int, status: int, kind: type[SickbayError]
) -> None:
    site.says("/", refused(code, "it says\x1b[31m why"), status)
    with pytest.raises(kind, match="ClickHouse: it says") as caught:
        run(site)
    assert "\x1b" not in str(caught.value)
    assert "version" not in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert len(site.asked) == 1


def test_what_is_no_clickhouse_is_told(site: Site) -> None:
    for body in (b"<html>", b'{"meta": [{"name": "a"}], "data": [[1], [1, 2]]}'):
        site.says("/", body, 200)
        with pytest.raises(Malformed, match="no table"):
            run(site)
    site.says("/", b"nothing here", 404)
    with pytest.raises(NotFound):
        run(site)


def test_what_does_not_only_read_never_leaves(site: Site) -> None:
    with pytest.raises(Denied):
        run(site, "DROP TABLE t")
    assert site.asked == []


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        pytest.param("http://db.example.com:8123", Denied, id="unencrypted"),
        pytest.param("http://8.8.8.8:8123", Denied, id="address of the internet"),
        pytest.param("clickhouse", BadRequest, id="no address"),
        pytest.param("ftp://db.example.com", BadRequest, id="no web"),
    ],
)
def test_a_password_goes_nowhere_it_could_be_read(
    url: str, kind: type[SickbayError]
) -> None:
    with pytest.raises(kind):
        ClickHouse(url, user="reader", password=PASSWORD)
