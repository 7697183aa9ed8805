"""Who gets through to the server at all."""

from __future__ import annotations

import http.client
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2
import pytest

from sickbay.core.errors import BadRequest
from sickbay.server.bind import is_loopback, listening
from sickbay.server.health import Health
from sickbay.server.http import HttpOptions, http_app
from tests.server.stand import HANDSHAKE, MODERN, client, opened, served, whoami

if TYPE_CHECKING:
    from collections.abc import Iterator

PATHS = ["/mcp", "/mcp/logs", "/metrics", "/healthz", "/readyz", "/nowhere"]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(
        allowed_hosts=("sick.example", "*.lan"), allowed_origins=("https://ui.example",)
    ) as found:
        yield found


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("header", "status"),
    [
        pytest.param({"host": "evil.example"}, 421, id="rebound name"),
        pytest.param({"host": "127.0.0.1.evil.example"}, 421, id="name like ours"),
        pytest.param({"host": "evil.example:80@127.0.0.1"}, 421, id="user in host"),
        pytest.param({"origin": "http://evil.example"}, 403, id="foreign page"),
        pytest.param({"origin": "null"}, 403, id="page from nowhere"),
        pytest.param({"origin": "https://ui.example:81"}, 403, id="other port"),
    ],
)
def test_web_page_elsewhere_cannot_reach_the_server(
    url: str, path: str, header: dict[str, str], status: int
) -> None:
    assert httpx2.post(url + path, json={}, headers=header).status_code == status
    assert httpx2.get(url + path, headers=header).status_code == status


@pytest.mark.parametrize(
    "header",
    [
        pytest.param({"host": "localhost"}, id="localhost"),
        pytest.param({"host": "sick.example:8000"}, id="allowed host"),
        pytest.param({"host": "a.lan"}, id="allowed pattern"),
        pytest.param({"origin": "https://ui.example"}, id="allowed page"),
    ],
)
def test_allowed_names_get_through(url: str, header: dict[str, str]) -> None:
    assert client(url, None, **header).who()


def test_host_of_the_public_url_gets_through() -> None:
    with served(public_url="https://sickbay.example.org/") as url:
        assert client(url, None, host="sickbay.example.org").who()


@pytest.mark.parametrize(
    "name",
    ["authorization", "mcp-session-id", "mcp-protocol-version", "content-type", "host"],
)
def test_header_that_says_two_things_is_refused(url: str, name: str) -> None:
    there = urlsplit(url)
    connection = http.client.HTTPConnection(str(there.hostname), there.port, timeout=5)
    connection.putrequest("POST", "/mcp", skip_host=True)
    if name != "host":
        connection.putheader("host", "localhost")
    for value in ("localhost", "127.0.0.1"):
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == 400
    connection.close()


@pytest.mark.parametrize(
    "host", ["::", "", "192.0.2.1", "db.example", "localhost.example"]
)
def test_network_is_not_listened_to_without_asking_who_calls(host: str) -> None:
    with pytest.raises(BadRequest, match="token file or a JWT issuer"):
        http_app(whoami(), HttpOptions(host=host))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_alone_may_call_without(host: str) -> None:
    assert is_loopback(host)
    assert http_app(whoami(), HttpOptions(host=host))


def test_answers_do_not_wait_for_acknowledgements() -> None:
    with listening("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP  # what asyncio looks at


def test_port_that_is_taken_is_named() -> None:
    with listening("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with (
            pytest.raises(BadRequest, match=f"127.0.0.1:{port}.*choose another"),
            listening("127.0.0.1", port),
        ):
            pass


@pytest.mark.parametrize("port", [70_000, -1])
def test_port_that_cannot_be_is_named(port: int) -> None:
    with pytest.raises(BadRequest, match=str(port)), listening("127.0.0.1", port):
        pass


def test_session_is_not_found_by_a_guess(url: str) -> None:
    session = opened(url)
    guess = session.headers["mcp-session-id"][:-1] + "_"
    session.headers["mcp-session-id"] = guess
    assert session.ask("ping").status_code == 404


@pytest.mark.parametrize("era", [None, HANDSHAKE, MODERN])
def test_without_authentication_a_token_changes_nothing(
    url: str, era: str | None
) -> None:
    known = client(url, era, authorization="Bearer whatever").who()
    assert known == {"chosen": None, "scopes": ["read", "write"], "principal": None}


def test_allowed_page_may_read_the_answers_and_no_other(url: str) -> None:
    asked = {"access-control-request-method": "POST"}
    allowed = {"origin": "https://ui.example"}
    answer = httpx2.options(f"{url}/mcp", headers=allowed | asked)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://ui.example"
    for origin in ("http://localhost:6274", "https://ui.example.evil.example"):
        answer = httpx2.options(f"{url}/mcp", headers=asked | {"origin": origin})
        assert "access-control-allow-origin" not in answer.headers


def test_without_allowed_pages_no_page_may_read_anything() -> None:
    with served() as url:
        answer = httpx2.get(f"{url}/healthz", headers={"origin": url})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


def test_bug_of_ours_shows_nothing_of_itself() -> None:
    def broken() -> dict[str, str]:
        raise ZeroDivisionError("secret detail")

    with served(health=Health(toolsets=broken)) as url:
        answer = httpx2.get(f"{url}/readyz")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == -32603
    assert "secret" not in answer.text
