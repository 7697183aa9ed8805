"""Which settings are in force, and where each of them comes from."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_config_path
from pydantic import BaseModel, SecretStr

from sickbay.server.settings import FILE, PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sickbay.core.redact import Redactor

DEFAULT, ARGUMENT = "default", "argument"

MASKED = "(set, not shown)"


@dataclass(frozen=True, slots=True)
class Origin:
    """One setting in force.

    Attributes:
        setting: Its dotted name, as in a file.
        value: As text, without secrets.
        origin: The variable, file or argument that set it, or ``default``.
    """

    setting: str
    value: str
    origin: str
    description: str


def origins(
    settings: BaseModel,
    redactor: Redactor,
    given: Mapping[str, Any] | None = None,
) -> tuple[Origin, ...]:
    """Every setting, with its section's name in front.

    Args:
        settings: Those in force.
        redactor: Keeps secrets in values out of what is shown.
        given: What was given as arguments.
    """
    older = {dotted: name for name, dotted in getattr(settings, "older", ())}
    places = _Places(given or {}, older)
    return tuple(_walk(settings, (), places, redactor))


def _walk(
    section: BaseModel, path: tuple[str, ...], places: _Places, redactor: Redactor
) -> Iterator[Origin]:
    for name, field in type(section).model_fields.items():
        value, here = getattr(section, name), (*path, name)
        if isinstance(value, BaseModel):
            yield from _walk(value, here, places, redactor)
            continue
        yield Origin(
            ".".join(here),
            redactor.text(_text(value)),
            places.origin(here),
            field.description or "",
        )


def _text(value: object) -> str:
    if isinstance(value, SecretStr):
        return MASKED
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


class _Places:
    """All places where a setting may be set, the strongest first."""

    def __init__(self, given: Mapping[str, Any], older: Mapping[str, str]) -> None:
        self._given = {name for name in given if given[name] is not None}
        self._variables = {name.upper(): name for name in os.environ}
        self._older = older
        user = user_config_path("sickbay") / FILE
        self._files = [(f"./{FILE}", _table(Path(FILE))), (str(user), _table(user))]

    def origin(self, path: tuple[str, ...]) -> str:
        """Where the setting at a path comes from."""
        if len(path) == 1 and path[0] in self._given:
            return ARGUMENT
        for depth in range(len(path), 0, -1):  # a section may be set as JSON
            variable = PREFIX + "__".join(path[:depth]).upper()
            if variable in self._variables:
                return self._variables[variable]
        older = self._older.get(".".join(path))
        if older and os.environ.get(older):
            return older
        found = (name for name, table in self._files if _holds(table, path))
        return next(found, DEFAULT)


def _holds(table: object, path: tuple[str, ...]) -> bool:
    for name in path:
        if not isinstance(table, dict) or name not in table:
            return False
        table = table[name]
    return True


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):  # the settings were read, so there is none
        return {}
