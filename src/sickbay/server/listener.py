"""How to serve over HTTP, as settings say: ``SICKBAY_HTTP__...`` or ``[http]``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_settings import NoDecode

from sickbay.core.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.server.http import HttpOptions

_DEFAULT_PORT = 8000


def _split(value: object) -> object:
    """Names with commas, as in an environment variable, or a list."""
    if isinstance(value, str):
        return [name.strip() for name in value.split(",") if name.strip()]
    return value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class JwtSettings(BaseModel):
    """Which JSON Web Tokens are accepted."""

    model_config = ConfigDict(extra="forbid")

    issuer: str = Field(description="what their iss has to be")
    jwks_url: str = Field(description="where the issuer publishes its keys")
    audience: str | None = Field(
        default=None,
        description="what their aud has to hold; the endpoint's URL if left out",
    )
    algorithm: str = Field(default="RS256", description="how they are signed")


class HttpSettings(BaseModel):
    """Who may come in over HTTP, and how much they may ask for."""

    model_config = ConfigDict(extra="forbid")

    tokens: Path | None = Field(
        default=None, description="TOML file of bearer tokens, each with a scope"
    )
    jwt: JwtSettings | None = Field(
        default=None, description="JSON Web Tokens to accept"
    )
    public_url: str | None = Field(
        default=None,
        description="how clients reach the server where not by host and port",
    )
    allowed_hosts: Names = Field(default=(), description="names it may be called by")
    allowed_origins: Names = Field(default=(), description="web pages that may call it")
    rate_per_s: float | None = Field(
        default=None, gt=0, description="requests a second for each caller"
    )
    burst: int = Field(
        default=100, ge=1, description="requests before that limit holds"
    )
    max_body_bytes: int = Field(
        default=4 << 20, ge=1024, description="size of a request"
    )
    body_s: float = Field(
        default=30.0, gt=0, description="time that a request may take to arrive"
    )
    max_sessions: int = Field(default=1000, ge=1, description="sessions open at once")
    session_idle_s: float = Field(
        default=1800.0, gt=0, description="after which an unused session is closed"
    )
    drain_s: float = Field(
        default=20.0, ge=0, description="for calls in flight when told to stop"
    )


def http_options(
    address: str, settings: HttpSettings, toolsets: Iterable[str]
) -> HttpOptions:
    """How to serve at an address.

    Args:
        address: ``HOST:PORT``, ``[HOST]:PORT``, or a port alone on this machine.
        settings: The rest.
        toolsets: Those that the server has.

    Raises:
        BadRequest: That is no address.
    """
    from sickbay.server.auth import JwtOptions  # noqa: PLC0415 - not over stdio
    from sickbay.server.http import HttpOptions  # noqa: PLC0415 - not over stdio

    host, port = _address(address)
    rest = settings.model_dump(exclude={"jwt"})
    jwt = JwtOptions(**settings.jwt.model_dump()) if settings.jwt else None
    return HttpOptions(
        host=host, port=port, toolsets=frozenset(toolsets), jwt=jwt, **rest
    )


def _address(address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    if not colon and not port.isdecimal():
        host, port = port, str(_DEFAULT_PORT)
    bracketed = host.startswith("[") and host.endswith("]")
    if not port.isdecimal() or (":" in host and not bracketed):
        raise BadRequest(
            f"{address} is no address to serve at", hint="such as 127.0.0.1:8000"
        )
    return host.strip("[]") or "127.0.0.1", int(port)
