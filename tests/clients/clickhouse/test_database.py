from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest

from sickbay.clients.clickhouse.database import Database, quoted
from sickbay.clients.patience import Patience
from sickbay.core.errors import Denied, NotFound, SickbayError, Unavailable
from sickbay.simulators.serving import served

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from starlette.types import Receive, Scope, Send

HASTE = Patience(connect_s=2, read_s=2, answer_s=2, pause_s=0.001, attempts=3)
PASSWORD = "canary-31f0"  # noqa: S105 - made up


class App:
    """Answers one after the other, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, bytes]] = []
        self.asked: list[tuple[str, dict[str, list[str]], bytes]] = []
        self.fields: dict[bytes, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        asked = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
        self.asked.append((scope["method"], asked, message["body"]))
        self.fields = dict(scope["headers"])
        status, body = self.answers.pop(0) if self.answers else (200, b"done")
        headers = [(b"location", b"/elsewhere")] if status == 307 else []
        start = {"type": "http.response.start", "status": status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def url(app: App) -> Iterator[str]:
    with served(app) as where:
        yield where


def done(url: str, work: Callable[[Database], Awaitable[object]]) -> object:
    async def run() -> object:
        async with Database(
            url, user="ci", password=PASSWORD, name="history", patience=HASTE
        ) as database:
            return await work(database)

    return asyncio.run(run())


def test_a_statement_that_reads_can_change_nothing(app: App, url: str) -> None:
    found = done(
        url,
        lambda database: database.read(
            "SELECT {a: String}",
            {"a": "it's\\\ta", "b": None, "c": ["'"]},
            {"final": 1},
        ),
    )
    assert found == b"done"
    [(method, asked, body)] = app.asked
    assert (method, body) == ("POST", b"SELECT {a: String}")
    assert asked == {
        "database": ["history"],
        "final": ["1"],
        "param_a": ["it's\\\\\\ta"],
        "param_b": ["\\N"],
        "param_c": ["['\\'']"],
        "readonly": ["1"],
        "wait_end_of_query": ["1"],
    }
    assert app.fields[b"x-clickhouse-key"] == PASSWORD.encode()


def test_rows_follow_what_is_said_of_them(app: App, url: str) -> None:
    done(url, lambda database: database.insert("INSERT INTO t FORMAT X", b"\0\xff"))
    [(_, asked, body)] = app.asked
    assert (asked["query"], body) == (["INSERT INTO t FORMAT X"], b"\0\xff")
    assert "readonly" not in asked


def test_one_that_has_too_much_to_do_is_asked_again(app: App, url: str) -> None:
    said = b"Code: 202. DB::Exception: Too many simultaneous queries. (TOO_MANY)\n"
    app.answers = [(503, said), (502, b"a proxy")]
    assert done(url, lambda database: database.write("CREATE x")) is None
    assert len(app.asked) == 3


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        pytest.param(307, b"", SickbayError, id="elsewhere"),
        pytest.param(
            404, b"Code: 60. DB::Exception: no t. (X)\n", NotFound, id="table"
        ),
        pytest.param(
            500,
            b"Code: 164. DB::Exception: Cannot modify setting in readonly mode. (R)\n",
            Denied,
            id="settings",
        ),
    ],
)
def test_what_is_refused_is_not_asked_again(
    app: App, url: str, status: int, said: bytes, kind: type[SickbayError]
) -> None:
    app.answers = [(status, said)]
    with pytest.raises(kind) as caught:
        done(url, lambda database: database.read("SELECT 1"))
    assert PASSWORD not in str(caught.value)
    assert len(app.asked) == 1


def test_one_that_is_away_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unavailable, match="did not answer"):
        done(f"http://127.0.0.1:{port}", lambda database: database.read("SELECT 1"))


def test_a_name_is_no_part_of_a_statement() -> None:
    assert quoted("a`b\\") == "`a\\`b\\\\`"
