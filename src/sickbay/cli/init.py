"""``sickbay init``: a settings file to begin with."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from platformdirs import user_config_path
from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined

from sickbay.core.errors import BadRequest
from sickbay.server.discovery import attribute, discovered
from sickbay.server.settings import FILE, PREFIX, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

HEAD = f"""\
# Settings of Sickbay. Each one that is commented out shows its default; to change it,
# take away the # in front of it, and in front of the [name] of its section.
#
# Variables win over this file: {PREFIX}WRITE is `write`, and {PREFIX}LOGS__ROOTS is
# `roots` of [logs]. Keep tokens in variables. `sickbay doctor` shows what is in
# force, and where it comes from."""


def init(*, user: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Write a commented sickbay.toml here; one that is there is left alone.

    Args:
        user: Write it to the user's own settings, which hold in every folder.
    """
    path = user_config_path("sickbay") / FILE if user else Path(FILE)
    text = "\n".join(_lines()) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise BadRequest(f"{path} is there already", hint="change that one") from None
    except OSError as exc:
        raise BadRequest(f"cannot write {path}: {exc.strerror}") from exc
    sys.stdout.write(f"wrote {path}\n")
    return 0


def _lines() -> Iterator[str]:
    yield HEAD
    yield from _section("", Settings)
    for toolset in discovered():
        if toolset.settings is not None:
            yield from _section(toolset.name, attribute(toolset.settings))


def _section(name: str, kind: type[BaseModel]) -> Iterator[str]:
    if name:
        yield from ("", f"# [{name}]")
    for key, field in kind.model_fields.items():
        inner = _model(field)
        if inner is None:
            yield from ("", *_setting(key, field))
    for key, field in kind.model_fields.items():
        inner = _model(field)
        if inner is not None:
            yield from _section(f"{name}.{key}".strip("."), inner)


def _setting(key: str, field: FieldInfo) -> Iterator[str]:
    if field.description:
        yield f"# {field.description}"
    default = field.get_default(call_default_factory=True, validated_data={})
    if default is None or default is PydanticUndefined:
        yield f'# {key} = ""  # not set'
    else:
        yield f"# {key} = {_toml(default)}"


def _model(field: FieldInfo) -> type[BaseModel] | None:
    """The model behind a field that is a table of its own."""
    kinds = (field.annotation, *getattr(field.annotation, "__args__", ()))
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def _toml(value: object) -> str:
    """A default as TOML: its strings, numbers and lists are written as in JSON."""
    if isinstance(value, SecretStr):
        return '""'
    if isinstance(value, bool | int | float | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(str(value), ensure_ascii=False)
