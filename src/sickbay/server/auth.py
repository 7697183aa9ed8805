"""Who is asked for what before they come in: tokens of a file, JWTs of an issuer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastmcp.server.auth import AccessToken, RemoteAuthProvider, TokenVerifier
from fastmcp.server.auth.middleware import RequireAuthMiddleware
from fastmcp.server.auth.providers.jwt import JWTVerifier
from mcp.server.auth.routes import build_resource_metadata_url
from pydantic import AnyHttpUrl, ValidationError

from sickbay.core.errors import BadRequest
from sickbay.server.bind import is_loopback
from sickbay.server.request import ALL_SCOPES, READ, WRITE

if TYPE_CHECKING:
    from starlette.middleware import Middleware
    from starlette.routing import Route
    from starlette.types import ASGIApp

    from sickbay.server.tokens import TokenFile

CLOCK_SKEW_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtOptions:
    """Which JSON Web Tokens to accept.

    Attributes:
        issuer: What their ``iss`` has to be.
        jwks_url: Where the issuer publishes its keys.
        audience: What their ``aud`` has to hold; by default the endpoint's URL, so
            that a token made for another server is worth nothing here.
        algorithm: How they are signed.
    """

    issuer: str
    jwks_url: str
    audience: str | None = None
    algorithm: str = "RS256"


class Guard:
    """Checks bearer tokens, and tells clients where to get one.

    Args:
        resource: The endpoint's URL, which is also what JWTs have to be made for.
        tokens: Those of a file, or None.
        jwt: Which JWTs to accept, or None.

    Raises:
        BadRequest: An option makes no sense.
    """

    def __init__(
        self, *, resource: str, tokens: TokenFile | None, jwt: JwtOptions | None
    ) -> None:
        verifier = _Verifier(tokens, _jwt_verifier(jwt, resource) if jwt else None)
        self._provider: TokenVerifier | RemoteAuthProvider = verifier
        self._metadata_url: AnyHttpUrl | None = None
        self._path = urlsplit(resource).path
        if jwt is not None:
            self._metadata_url = build_resource_metadata_url(AnyHttpUrl(resource))
            self._provider = RemoteAuthProvider(
                token_verifier=verifier,
                authorization_servers=[_url(jwt.issuer, "issuer")],
                base_url=resource.removesuffix(self._path),
                scopes_supported=sorted(ALL_SCOPES),
                resource_name="Sickbay",
            )

    def middleware(self) -> list[Middleware]:
        """Finds out who sent a request."""
        return self._provider.get_middleware()

    def routes(self) -> list[Route]:
        """The metadata from which clients learn where tokens come from."""
        return self._provider.get_routes(self._path)

    def required(self, app: ASGIApp) -> ASGIApp:
        """The same app, for those with a token that is good for reading."""
        return RequireAuthMiddleware(app, [READ], self._metadata_url)


class _Verifier(TokenVerifier):
    def __init__(self, tokens: TokenFile | None, jwt: JWTVerifier | None) -> None:
        super().__init__(required_scopes=[READ])
        self._tokens = tokens
        self._jwt = jwt

    async def verify_token(self, token: str) -> AccessToken | None:
        """Who holds this token, and what it is good for; None where it is not."""
        entry = self._tokens.find(token) if self._tokens else None
        if entry is not None:
            scopes = sorted(entry.scopes)
            return AccessToken(token=token, client_id=entry.name, scopes=scopes)
        access = await self._jwt.verify_token(token) if self._jwt else None
        if access is None or not _timely(access):
            return None
        held = ALL_SCOPES.intersection(access.scopes)
        scopes = sorted(ALL_SCOPES if WRITE in held else held)
        return access.model_copy(update={"scopes": scopes})


def _timely(access: AccessToken) -> bool:
    """Whether a token ends some day and has begun, which the library leaves open."""
    begins = access.claims.get("nbf", 0)
    begun = isinstance(begins, int | float) and begins <= time.time() + CLOCK_SKEW_S
    return access.expires_at is not None and begun


def _jwt_verifier(options: JwtOptions, resource: str) -> JWTVerifier:
    keys = _url(options.jwks_url, "place of keys")
    if keys.scheme != "https" and not is_loopback(keys.host or ""):
        raise BadRequest(
            f"the keys at {options.jwks_url} could be anybody's",
            hint="give an https:// URL",
        )
    try:
        return JWTVerifier(
            jwks_uri=options.jwks_url,
            issuer=options.issuer,
            audience=options.audience or resource,
            algorithm=options.algorithm,
        )
    except ValueError as exc:
        raise BadRequest(str(exc)) from exc


def _url(text: str, what: str) -> AnyHttpUrl:
    try:
        return AnyHttpUrl(text)
    except ValidationError as exc:
        raise BadRequest(f"{text!r} is no {what}", hint="give an https:// URL") from exc
