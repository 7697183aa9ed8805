"""How to serve over HTTP, as settings say: ``SICKBAY_HTTP__...`` or ``[http]``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from platformdirs import user_config_path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from sickbay.core.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.resources.abc import Traversable

    from sickbay.server.http import HttpOptions

SECTION = "http"
"""Of the settings, and the name of its table in a file."""

_FILE = "sickbay.toml"
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


class HttpSettings(BaseSettings):
    """Who may come in over HTTP, and how much they may ask for."""

    model_config = SettingsConfigDict(
        env_prefix="SICKBAY_HTTP__", env_nested_delimiter="__", extra="forbid"
    )

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
    max_body_bytes: int = Field(default=4 << 20, ge=1024)
    max_sessions: int = Field(default=1000, ge=1)
    session_idle_s: float = Field(default=1800.0, gt=0)
    drain_s: float = Field(
        default=20.0, ge=0, description="for calls in flight when told to stop"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - not read
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - not read
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The order in which settings win."""
        return (
            init_settings,
            env_settings,
            _Table(settings_cls, Path(_FILE)),
            _Table(settings_cls, user_config_path("sickbay") / _FILE),
        )


class _Table(TomlConfigSettingsSource):
    """Our table of a settings file."""

    def _read_file(self, file_path: Path | Traversable) -> dict[str, Any]:
        table = super()._read_file(file_path).get(SECTION, {})
        return table if isinstance(table, dict) else {}


def http_settings() -> HttpSettings:
    """The settings in force.

    Raises:
        BadRequest: One of them is wrong.
    """
    try:
        return HttpSettings()
    except ValidationError as exc:
        error = exc.errors(include_url=False)[0]
        dotted = ".".join(str(part) for part in (SECTION, *error["loc"]))
        variable = "SICKBAY_" + dotted.upper().replace(".", "__")
        raise BadRequest(
            f"setting {dotted}: {error['msg'].lower()}",
            hint=f"set {variable}, or {dotted} in {_FILE}",
        ) from None


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
