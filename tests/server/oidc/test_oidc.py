"""JSON Web Tokens, against a real OpenID provider."""

from __future__ import annotations

import base64
import hmac
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from sickbay.server.auth import JwtOptions
from tests.server.oidc.identity import CURVE, Identity, identity
from tests.server.stand import HANDSHAKE, MODERN, Client, client, opened, served
from tests.server.test_auth import bearer
from tests.server.test_tokens import ALICE, written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ERAS = [None, HANDSHAKE, MODERN]


@dataclass(frozen=True)
class Place:
    """A server, and who it believes."""

    url: str
    identity: Identity

    @property
    def resource(self) -> str:
        return f"{self.url}/mcp"

    def status(self, token: str) -> int:
        return Client(self.url, None, bearer(token)).ask("ping").status_code


@pytest.fixture(scope="module")
def provider() -> Iterator[Identity]:
    with identity() as found:
        yield found


@pytest.fixture(scope="module")
def place(
    provider: Identity, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    jwt_options = JwtOptions(issuer=provider.issuer, jwks_url=f"{provider.issuer}/jwks")
    tokens = written(tmp_path_factory.mktemp("tokens"))
    with served(jwt=jwt_options, tokens=tokens) as url:
        yield Place(url, provider)


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("scope", "scopes"),
    [
        pytest.param("read", ["read"], id="read"),
        pytest.param("write", ["read", "write"], id="write includes read"),
        pytest.param("read other", ["read"], id="a scope of others"),
    ],
)
def test_token_of_the_provider_gets_what_it_says(
    place: Place, era: str | None, scope: str, scopes: list[str]
) -> None:
    token = place.identity.token(place.resource, scope)
    known = client(place.url, era, **bearer(token)).who()
    assert known["scopes"] == scopes
    assert known["principal"] == f"plain@{place.identity.issuer}"


def test_tokens_of_the_file_work_beside_those_of_the_provider(place: Place) -> None:
    assert client(place.url, None, **bearer(ALICE)).who()["principal"] == "alice"


def test_token_for_another_host_is_refused(place: Place) -> None:
    for resource in (
        "https://other.example/mcp",
        f"{place.url}/other",
        f"{place.resource}/logs",
        place.url.replace("127.0.0.1", "localhost") + "/mcp",
    ):
        assert place.status(place.identity.token(resource)) == 401


def test_token_of_another_issuer_is_refused_though_its_keys_are_the_same(
    place: Place,
) -> None:
    token = place.identity.token(place.resource, issuer=place.identity.other)
    assert place.status(token) == 401


def test_token_signed_by_another_method_is_refused(place: Place) -> None:
    assert place.status(place.identity.token(place.resource, client=CURVE)) == 401


def test_curves_are_accepted_where_they_are_asked_for(provider: Identity) -> None:
    options = JwtOptions(
        issuer=provider.issuer, jwks_url=f"{provider.issuer}/jwks", algorithm="ES256"
    )
    with served(jwt=options) as url:
        place = Place(url, provider)
        token = provider.token(place.resource, client=CURVE)
        assert place.status(token) == 200
        assert place.status(provider.token(place.resource)) == 401


def test_audience_may_be_set(provider: Identity) -> None:
    options = JwtOptions(
        issuer=provider.issuer,
        jwks_url=f"{provider.issuer}/jwks",
        audience="https://sickbay.example/mcp",
    )
    with served(jwt=options) as url:
        place = Place(url, provider)
        assert place.status(provider.token("https://sickbay.example/mcp")) == 200
        assert place.status(provider.token(place.resource)) == 401


def test_token_that_may_not_read_is_forbidden_and_told_what_it_lacks(
    place: Place,
) -> None:
    token = place.identity.token(place.resource, "other")
    answer = Client(place.url, None, bearer(token)).ask("ping")
    assert answer.status_code == 403
    assert answer.json()["error"] == "insufficient_scope"
    assert 'scope="read"' in answer.headers["www-authenticate"]


def now() -> int:
    return int(time.time())


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        pytest.param(dict, 200, id="as it should be"),
        pytest.param(lambda: {"exp": now() - 1}, 401, id="expired"),
        pytest.param(lambda: {"exp": None}, 401, id="never ends"),
        pytest.param(lambda: {"exp": "never"}, 401, id="ends in words"),
        pytest.param(lambda: {"nbf": now() + 3600}, 401, id="not yet"),
        pytest.param(lambda: {"nbf": "soon"}, 401, id="begins in words"),
        pytest.param(lambda: {"aud": None}, 401, id="for nobody"),
        pytest.param(lambda: {"iss": None}, 401, id="from nobody"),
        pytest.param(lambda: {"aud": ["x", "y"]}, 401, id="for others"),
        pytest.param(lambda: {"scope": None}, 403, id="no scope"),
        pytest.param(lambda: {"scope": "READ"}, 403, id="another scope"),
        pytest.param(lambda: {"scope": 7}, 403, id="scope of 7"),
    ],
)
def test_signature_alone_is_not_enough(
    place: Place, claims: Callable[[], dict[str, Any]], status: int
) -> None:
    token = place.identity.signed(place.resource, **claims())
    assert place.status(token) == status


def test_one_of_several_audiences_is_enough(place: Place) -> None:
    token = place.identity.signed(place.resource, aud=["x", place.resource])
    assert place.status(token) == 200


def part(value: object) -> str:
    return coded(json.dumps(value).encode())


def coded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def signed_with(secret: bytes, claims: str) -> str:
    """A token whose secret is something public."""
    text = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{claims}"
    return f"{text}.{coded(hmac.digest(secret, text.encode(), 'sha256'))}"


def test_signature_that_is_none_or_anybodys_is_refused(place: Place) -> None:
    good = place.identity.signed(place.resource)
    head, claims, signature = good.split(".")
    public = place.identity.rsa.as_pem(private=False)
    stranger = RSAKey.generate_key(2048, {"kid": "rsa"})
    known = json.loads(base64.urlsafe_b64decode(claims + "=="))
    forged = {
        "none": f"{part({'alg': 'none'})}.{claims}.",
        "None": f"{part({'alg': 'None', 'kid': 'rsa'})}.{claims}.{signature}",
        "no signature": good.rpartition(".")[0] + ".",
        "changed": f"{head}.{part(known | {'sub': 'eve'})}.{signature}",
        "public key as secret": signed_with(public, claims),
        "key in the header": jwt.encode(
            {"alg": "RS256", "jwk": stranger.as_dict(private=False)}, known, stranger
        ),
        "other key": jwt.encode({"alg": "RS256", "kid": "rsa"}, known, stranger),
        "unknown key": jwt.encode({"alg": "RS256", "kid": "x"}, known, stranger),
        "path as key": jwt.encode(
            {"alg": "RS256", "kid": "../../dev/null"}, known, stranger
        ),
        "half": good[: len(good) // 2],
        "three dots": "...",
    }
    assert place.status(good) == 200
    assert {
        name: place.status(token) for name, token in forged.items()
    } == dict.fromkeys(forged, 401)


def test_session_is_of_no_use_to_the_holder_of_another_token(place: Place) -> None:
    token = place.identity.token(place.resource)
    session = opened(place.url, **bearer(token))
    fresh = place.identity.token(place.resource)
    mallory = place.identity.signed(place.resource, client_id="plain")

    def status(token: str) -> int:
        headers = {**session.headers, **bearer(token)}
        return Client(place.url, HANDSHAKE, headers).ask("ping").status_code

    assert status(fresh) == 200  # the same caller, after its token was renewed
    assert status(mallory) == 404
    assert status(ALICE) == 404


def test_client_without_a_token_is_led_to_the_provider(place: Place) -> None:
    refused = httpx2.post(f"{place.url}/mcp/logs", json={})
    assert refused.status_code == 401
    challenge = refused.headers["www-authenticate"]
    address = challenge.partition('resource_metadata="')[2].partition('"')[0]
    assert address == f"{place.url}/.well-known/oauth-protected-resource/mcp"
    metadata = httpx2.get(address).json()
    assert metadata["resource"] == place.resource
    assert metadata["scopes_supported"] == ["read", "write"]
    (server,) = metadata["authorization_servers"]
    found = httpx2.get(f"{server.rstrip('/')}/.well-known/openid-configuration")
    assert found.json()["token_endpoint"] == f"{place.identity.issuer}/token"


def test_provider_that_is_away_lets_nobody_in(provider: Identity) -> None:
    with served(
        jwt=JwtOptions(issuer=provider.issuer, jwks_url="http://127.0.0.1:1/jwks")
    ) as url:
        place = Place(url, provider)
        assert place.status(provider.token(place.resource)) == 401
