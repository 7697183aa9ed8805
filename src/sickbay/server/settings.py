"""Every setting, read once: argument, environment, ./sickbay.toml, the user's file."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal
from urllib.parse import quote

from platformdirs import user_cache_path, user_config_path, user_state_path
from pydantic import (
    BaseModel,
    BeforeValidator,
    ByteSize,
    Field,
    SecretBytes,
    SecretStr,
    ValidationError,
    create_model,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from sickbay.core.consent import POLICIES, Policy
from sickbay.core.errors import BadRequest
from sickbay.server.arguments import nearest
from sickbay.server.discovery import attribute
from sickbay.server.listener import HttpSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.core.manifest import Toolset

PREFIX = "SICKBAY_"

FILE = "sickbay.toml"
"""In the working directory, or in the user's configuration folder."""

LogLevel = Literal["debug", "info", "warning", "error"]


_LEVELS = {"warn": "warning", "critical": "error", "fatal": "error", "trace": "debug"}
"""What other programs call levels: LOG_LEVEL may have been set for them."""


def _level(value: object) -> object:
    return _LEVELS.get(word := value.lower(), word) if isinstance(value, str) else value


class Settings(BaseSettings):
    """The server's own settings; each toolset's are a section of its name."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid"
    )

    toolsets: str | None = Field(None, description="names with commas, or all")
    write: bool = Field(default=False, description="offer tools that change something")
    consent: Policy = Field(
        "auto",
        description="how a change is agreed to: "
        + "; ".join(f"{name}: {how}" for name, how in POLICIES.items()),
    )
    output_schemas: bool = Field(
        default=False, description="list the schema of each tool's results"
    )
    cache: Path = Field(
        default_factory=lambda: user_cache_path("sickbay"),
        description="folder of fetched logs and large answers",
    )
    cache_bytes: ByteSize = Field(
        ByteSize(2 << 30), gt=0, description="size of what is in that folder, packed"
    )
    state: Path = Field(
        default_factory=lambda: user_state_path("sickbay"),
        description="folder of the audit log and the key that seals what clients carry",
    )
    http: HttpSettings = Field(default_factory=HttpSettings)
    log_level: Annotated[LogLevel, BeforeValidator(_level)] = Field(
        "warning", description="debug, info, warning or error"
    )
    log_file: Path | None = Field(None, description="log there and not to stderr")
    log_json: bool = Field(default=False, description="log as JSON lines")

    older: ClassVar[Sequence[tuple[str, str]]] = ()
    """Variables that users have already, each with a dotted setting it stands for."""

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
            _Older(settings_cls),
            TomlConfigSettingsSource(settings_cls, Path(FILE)),
            TomlConfigSettingsSource(settings_cls, user_config_path("sickbay") / FILE),
        )


class _Older(PydanticBaseSettingsSource):
    """Settings from variables that go by another name."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ANN401, ARG002 - pydantic's
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        older: Sequence[tuple[str, str]] = getattr(self.settings_cls, "older", ())
        for variable, setting in older:
            if value := os.environ.get(variable):
                place = found
                *sections, name = setting.split(".")
                for section in sections:
                    place = place.setdefault(section, {})
                place.setdefault(name, value)
        return found


def settings_of(toolsets: Sequence[Toolset], given: Mapping[str, Any]) -> Any:  # noqa: ANN401 - composed at run time
    """The settings, with a section for each toolset that has some.

    Args:
        toolsets: All there are.
        given: Settings that were given as arguments; None counts as not given.

    Raises:
        BadRequest: A setting is wrong; names it, and what it may be.
    """
    fields: dict[str, Any] = {}
    for toolset in toolsets:
        if toolset.settings is not None:
            kind: type[BaseModel] = attribute(toolset.settings)
            fields[toolset.name] = (kind, Field(default_factory=kind))
    made = create_model("ComposedSettings", __base__=Settings, **fields)
    older = [("LOG_LEVEL", "log_level")]
    for toolset in toolsets:
        older += toolset.environment.items()
    made.older = older
    try:
        return _at_home(
            made(**{key: given[key] for key in given if given[key] is not None})
        )
    except ValidationError as exc:
        raise _explained(exc, made) from None
    except SettingsError as exc:
        raise _no_json(exc) from None
    except (OSError, ValueError) as exc:  # what tomllib raises is a ValueError
        raise BadRequest(f"{FILE}: {' '.join(str(exc).split())}") from None


def _at_home(value: Any) -> Any:  # noqa: ANN401 - any setting
    """The same with ~ looked up: no shell does it for a file or an assistant."""
    if isinstance(value, Path):
        return Path(os.path.expanduser(value))  # noqa: PTH111 - it never raises
    if isinstance(value, tuple):
        return tuple(map(_at_home, value))
    if isinstance(value, BaseModel):
        found = {name: _at_home(item) for name, item in value}
        new = {name: found[name] for name, item in value if found[name] != item}
        return value.model_copy(update=new)
    return value


def secrets_in(value: object) -> Iterator[str]:
    """Every secret, to be kept out of whatever is shown; also as part of a URL."""
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        yield from {secret, quote(secret, safe="")}
    elif isinstance(value, SecretBytes):
        yield value.get_secret_value().decode("utf-8", "replace")
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from secrets_in(getattr(value, name))
    elif isinstance(value, Mapping):
        yield from secrets_in([*value.values()])
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from secrets_in(item)


def _no_json(exc: SettingsError) -> BadRequest:
    named = re.search(r'field "(\w+)"', str(exc))
    name = named[1] if named else "?"
    return BadRequest(
        f"setting {name}: its value is not JSON",
        hint=f"set its parts one by one: {PREFIX}{name.upper()}__NAME",
    )


def _explained(exc: ValidationError, settings: type[BaseModel]) -> BadRequest:
    error = exc.errors(include_url=False)[0]
    dotted = ".".join(str(part) for part in error["loc"])
    variable = PREFIX + "__".join(str(part).upper() for part in error["loc"])
    if error["type"] == "extra_forbidden":
        near = nearest(dotted, list(_names(settings)))
        return BadRequest(
            f"there is no setting {dotted}{near}",
            hint=f"it comes from {variable}, or from {dotted} in {FILE}",
        )
    return BadRequest(
        f"setting {dotted}: {error['msg'].removeprefix('Value error, ').lower()}",
        hint=f"set {variable}, or {dotted} in {FILE}",
    )


def _names(settings: type[BaseModel], section: str = "") -> Iterator[str]:
    """Every dotted name of a setting."""
    for name, field in settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _names(kind, f"{section}{name}.")
        else:
            yield f"{section}{name}"
