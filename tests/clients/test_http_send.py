from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING

import pytest

from sickbay.clients.http import Http
from sickbay.clients.patience import Patience
from sickbay.core.errors import Denied, SickbayError, Unsure
from sickbay.simulators.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Receive, Scope, Send

    from sickbay.clients.reply import Reply

HASTE = Patience(connect_s=2, read_s=0.2, answer_s=0.5, total_s=2, pause_s=0.001)


class App:
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, bytes, dict[bytes, bytes]]] = []
        self.status = 200
        self.location = b""
        self.silent = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        fields = dict(scope["headers"])
        self.asked.append((scope["method"], scope["path"], message["body"], fields))
        if self.silent:
            await asyncio.sleep(30)
        headers = [(b"location", self.location)] if self.location else []
        start = {"type": "http.response.start", "status": self.status}
        await send({**start, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"message": "no"}'})


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def url(app: App) -> Iterator[str]:
    with served(app) as where:
        yield where


def sent(url: str, *, writes: bool = True) -> Reply:
    host = url.removeprefix("http://")

    async def run() -> Reply:
        allowed = [f"{host}+private"]
        secret = {host: {"Authorization": "Bearer of-nothing"}}
        async with Http(
            allowed, credentials=secret, patience=HASTE, writes=writes
        ) as http:
            return await http.send("PUT", f"{url}/retry", json={"a": 1})

    return asyncio.run(run())


def test_a_change_is_asked_for_once_with_its_body_and_credential(
    app: App, url: str
) -> None:
    assert sent(url).status == 200
    [(method, path, body, fields)] = app.asked
    assert (method, path, json.loads(body)) == ("PUT", "/retry", {"a": 1})
    assert fields[b"authorization"] == b"Bearer of-nothing"


def test_no_change_leaves_a_client_that_was_made_for_reading(
    app: App, url: str
) -> None:
    with pytest.raises(Denied, match="switched off"):
        sent(url, writes=False)
    assert app.asked == []


@pytest.mark.parametrize("status", [422, 429, 503])
def test_a_refusal_is_given_as_it_is_and_not_asked_again(
    app: App, url: str, status: int
) -> None:
    app.status = status
    reply = sent(url)
    assert (reply.status, reply.body) == (status, b'{"message": "no"}')
    assert len(app.asked) == 1


def test_a_change_does_not_follow_a_redirect(app: App, url: str) -> None:
    app.status, app.location = 307, f"{url}/elsewhere".encode()
    assert sent(url).status == 307
    assert [path for _, path, _, _ in app.asked] == ["/retry"]


def test_a_change_without_an_answer_may_have_been_made(app: App, url: str) -> None:
    app.silent = True
    with pytest.raises(Unsure) as caught:
        sent(url)
    assert not caught.value.retryable
    assert caught.value.hint == (
        "it may have been done all the same: look before you ask again"
    )
    assert len(app.asked) == 1


def test_a_host_that_is_not_there_is_told(app: App) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(SickbayError, match="did not answer") as caught:
        sent(f"http://127.0.0.1:{port}")
    assert not isinstance(caught.value, Unsure)
    assert app.asked == []
