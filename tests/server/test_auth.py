"""Who has to say who they are, and what that gets them."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2
import pytest

from sickbay.core.errors import BadRequest
from sickbay.server.auth import JwtOptions
from sickbay.server.http import HttpOptions, http_app
from tests.server.stand import (
    BOTH,
    HANDSHAKE,
    MODERN,
    Client,
    client,
    hello,
    opened,
    served,
    whoami,
)
from tests.server.test_tokens import ALICE, BOB, written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ERAS = [None, HANDSHAKE, MODERN]


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tokens=written(tmp_path_factory.mktemp("tokens"))) as found:
        yield found


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("token", "name", "scopes"),
    [
        pytest.param(ALICE, "alice", ["read", "write"], id="write includes read"),
        pytest.param(BOB, "bob", ["read"], id="read"),
    ],
)
def test_tool_knows_who_calls_and_what_they_may_do(
    url: str, era: str | None, token: str, name: str, scopes: list[str]
) -> None:
    known = client(url, era, **bearer(token)).who()
    assert known == {"chosen": None, "scopes": scopes, "principal": name}


@pytest.mark.parametrize("path", ["/mcp", "/mcp/logs", "/mcp/no-such", "/metrics"])
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="nothing"),
        pytest.param(bearer("wrong-0123456789abcdef"), id="wrong"),
        pytest.param({"authorization": "Bearer"}, id="empty"),
        pytest.param({"authorization": "Basic YWxpY2U6cGFzcw=="}, id="basic"),
        pytest.param({"authorization": ALICE}, id="no scheme"),
        pytest.param({"x-forwarded-user": "alice"}, id="forwarded user"),
        pytest.param({"cookie": f"token={ALICE}"}, id="cookie"),
    ],
)
def test_nobody_comes_in_without_a_token(
    url: str, path: str, headers: dict[str, str]
) -> None:
    for answer in (
        httpx2.get(url + path, headers=headers),
        httpx2.post(f"{url}{path}?token={ALICE}", json={}, headers=headers),
    ):
        assert answer.status_code in {401, 405}
        assert "hud" not in answer.text
    assert httpx2.get(url + path, headers=headers).status_code == 401


def test_challenge_names_the_scheme(url: str) -> None:
    assert httpx2.get(f"{url}/mcp").headers["www-authenticate"].startswith("Bearer")


def test_probes_need_no_token_and_figures_do(url: str) -> None:
    assert httpx2.get(f"{url}/healthz").status_code == 200
    assert httpx2.get(f"{url}/readyz").status_code == 200
    assert httpx2.get(f"{url}/metrics", headers=bearer(BOB)).status_code == 200


def test_two_tokens_at_once_are_refused(url: str) -> None:
    there = urlsplit(url)
    connection = http.client.HTTPConnection(str(there.hostname), there.port, timeout=5)
    connection.putrequest("GET", "/mcp")
    for token in (BOB, ALICE):
        connection.putheader("authorization", f"Bearer {token}")
    connection.endheaders()
    assert connection.getresponse().status == 400
    connection.close()


def test_session_is_of_no_use_to_another(url: str) -> None:
    session = opened(url, **bearer(ALICE))
    stolen = {**session.headers, **bearer(BOB)}
    assert Client(url, HANDSHAKE, stolen).ask("ping").status_code == 404
    stream = httpx2.get(f"{url}/mcp", headers={**stolen, "accept": BOTH})
    assert stream.status_code == 404
    assert httpx2.delete(f"{url}/mcp", headers=stolen).status_code == 404
    assert session.who()["principal"] == "alice"


def test_token_that_is_taken_back_is_worth_nothing_in_an_open_session(
    tmp_path: Path,
) -> None:
    with served(tokens=written(tmp_path)) as url:
        session = opened(url, **bearer(ALICE))
        assert session.who()
        written(tmp_path, '[bob]\nscope = "read"\ntoken = "another-0123456789ab"')
        assert session.ask("ping").status_code == 401


def test_scope_is_that_of_the_message_not_of_the_session(tmp_path: Path) -> None:
    with served(tokens=written(tmp_path)) as url:
        session = opened(url, **bearer(ALICE))
        written(tmp_path, f'[alice]\nscope = "read"\ntoken = "{ALICE}"')
        assert session.who()["scopes"] == ["read"]


def test_each_token_has_its_own_allowance(tmp_path: Path) -> None:
    with served(tokens=written(tmp_path), rate_per_s=0.01, burst=1) as url:

        def status(token: str) -> int:
            return Client(url, None, bearer(token)).ask("ping").status_code

        assert [status(ALICE), status(BOB)] == [200, 200]
        assert [status(ALICE), status(BOB)] == [429, 429]
        guesses = [status(f"guess-0123456789abc{n}") for n in range(3)]
    assert guesses == [401, 429, 429]


def test_network_is_listened_to_where_callers_say_who_they_are(tmp_path: Path) -> None:
    tokens = written(tmp_path)
    assert http_app(whoami(), HttpOptions(host="192.0.2.1", tokens=tokens))


@pytest.mark.parametrize(
    ("jwt", "message"),
    [
        pytest.param({"jwks_url": "http://id.example/jwks"}, "https://", id="http"),
        pytest.param({"algorithm": "HS256"}, "Symmetric", id="shared secret"),
        pytest.param({"algorithm": "none"}, "Unsupported", id="no signature"),
        pytest.param({"issuer": "nobody"}, "issuer", id="issuer is no URL"),
    ],
)
def test_option_that_makes_no_sense_is_named(jwt: dict[str, Any], message: str) -> None:
    given = {"issuer": "https://id.example", "jwks_url": "https://id.example/jwks"}
    with pytest.raises(BadRequest, match=message):
        http_app(whoami(), HttpOptions(jwt=JwtOptions(**(given | jwt))))


def test_refused_hello_opens_no_session(url: str) -> None:
    assert hello(url).status_code == 401
