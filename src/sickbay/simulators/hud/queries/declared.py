"""What a named query declares, and how ClickHouse takes the values for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sickbay.simulators.hud.commits import seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sickbay.simulators.hud.world import World

    Row = dict[str, Any]
    Rows = Callable[[World, dict[str, Any]], Iterable[Row]]

TIMES = {"startTime": "DateTime64(3)", "stopTime": "DateTime64(3)"}
EPOCH = "1970-01-01T00:00:00.000000000Z"

_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?", re.ASCII)


class Refused(Exception):  # noqa: N818 - reads as what it is
    """ClickHouse does not take the query; the text is its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A named query.

    Attributes:
        params: Name and type of each.
        rows: What it answers, given the values.
        defaults: Of some of the parameters.
    """

    rows: Rows
    params: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values of all parameters; what is not declared is dropped.

        Raises:
            Refused: One is missing, or not of its type.
        """
        taken: dict[str, Any] = {}
        for name, kind in self.params.items():
            if name in given:
                taken[name] = _checked(name, kind, given[name])
            elif name in self.defaults:
                taken[name] = self.defaults[name]
            else:
                message = f"Substitution `{name}` is not set. (UNKNOWN_QUERY_PARAMETER)"
                raise Refused(f"Code: 456. DB::Exception: {message}")
        return taken


def _checked(name: str, kind: str, value: Any) -> Any:  # noqa: ANN401 - any JSON
    try:
        return _value(kind, value)
    except (TypeError, ValueError):
        message = (
            f"Value {value} cannot be parsed as {kind} for query parameter '{name}'"
        )
        text = f"Code: 457. DB::Exception: {message}. (BAD_QUERY_PARAMETER)"
        raise Refused(text) from None


def _value(kind: str, value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The value as its type, or an exception of Python's."""
    inner = kind.removeprefix("Array(").removesuffix(")")
    if kind != inner and kind.startswith("Array("):
        if not isinstance(value, list):
            raise TypeError
        return [_value(inner, item) for item in value]
    if isinstance(value, list | dict | None):
        raise TypeError
    if kind == "Bool":
        return {"true": True, "1": True, "false": False, "0": False}[_word(value)]
    text = str(value)
    if "Int" in kind:
        if not re.fullmatch(r"\d+" if kind[0] == "U" else r"-?\d+", text, re.ASCII):
            raise ValueError
        return int(text)
    if kind.startswith("Float"):
        return float(text)
    if kind.startswith("DateTime"):
        if not _TIME.fullmatch(text):
            raise ValueError
        seconds(text)
    return text


def _word(value: object) -> str:
    word = str(value).lower()
    if word not in {"true", "false", "0", "1"}:
        raise ValueError
    return word
