"""What the endpoint does not take."""

from __future__ import annotations

import http.client
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.server.stand import (
    HANDSHAKE,
    MODERN,
    Client,
    client,
    hello,
    opened,
    served,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 10_000
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(max_body_bytes=LIMIT) as found:
        yield found


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="plain"),
        pytest.param({"mcp-protocol-version": HANDSHAKE}, id="handshake"),
        pytest.param({"mcp-protocol-version": MODERN}, id="sessionless"),
    ],
)
@pytest.mark.parametrize("declared", [True, False], ids=["declared", "in chunks"])
def test_oversized_request_is_refused_as_json(
    url: str, headers: dict[str, str], *, declared: bool
) -> None:
    large = b" " * (LIMIT + 1)
    body = large if declared else iter([large[:LIMIT], large[LIMIT:]])
    answer = httpx2.post(f"{url}/mcp", content=body, headers=JSON | headers)
    assert answer.status_code == 413
    assert answer.json()["error"]["message"] == "the request has more than 10,000 bytes"


def test_oversized_request_is_refused_before_it_is_sent(url: str) -> None:
    there = urlsplit(url)
    connection = http.client.HTTPConnection(str(there.hostname), there.port, timeout=5)
    connection.putrequest("POST", "/mcp")
    connection.putheader("content-type", "application/json")
    connection.putheader("content-length", str(1 << 40))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_request_as_large_as_allowed_is_taken(url: str) -> None:
    body = b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}'
    answer = httpx2.post(f"{url}/mcp", content=body.ljust(LIMIT), headers=JSON)
    assert answer.json()["result"] == {}


def test_client_that_leaves_halfway_does_no_harm(url: str) -> None:
    there = urlsplit(url)
    with socket.create_connection((str(there.hostname), there.port or 0)) as half:
        half.sendall(
            b"POST /mcp HTTP/1.1\r\nhost: localhost\r\n"
            b"content-type: application/json\r\ncontent-length: 99\r\n\r\n{"
        )
    assert Client(url).ask("ping").status_code == 200


def test_client_that_never_finishes_is_not_waited_for() -> None:
    with served(body_s=0.1) as url:
        there = urlsplit(url)
        with socket.create_connection((str(there.hostname), there.port or 0)) as slow:
            slow.sendall(
                b"POST /mcp HTTP/1.1\r\nhost: localhost\r\n"
                b"content-type: application/json\r\ncontent-length: 99\r\n\r\n{"
            )
            assert slow.recv(99).startswith(b"HTTP/1.1 408 ")


def test_session_beyond_the_limit_is_refused_and_plain_calls_go_on() -> None:
    with served(max_sessions=2) as url:
        sessions = [opened(url), opened(url)]
        assert hello(url).status_code == 503
        assert all(session.who() for session in sessions)
        assert client(url, None).who()
        assert client(url, MODERN).who()


def test_session_that_nobody_uses_makes_room() -> None:
    with served(max_sessions=1, session_idle_s=0.2) as url:
        first = opened(url)
        while (second := hello(url)).status_code == 503:
            pass  # each refusal takes a while
        assert second.status_code == 200
        assert first.ask("ping").status_code == 404


def test_session_that_never_was_is_not_found(url: str) -> None:
    stranger = Client(url, HANDSHAKE, {"mcp-session-id": "0" * 32})
    assert stranger.ask("ping").status_code == 404
