"""What a named query declares, and how ClickHouse takes the values for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sickbay.simulators.hud.world import World

    Row = dict[str, Any]
    Rows = Callable[[World, dict[str, Any]], Iterable[Row]]

TIMES = {"startTime": "DateTime64(3)", "stopTime": "DateTime64(3)"}
EPOCH = "1970-01-01T00:00:00.000000000Z"

_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?")


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
    if kind.startswith("Array("):
        fine = isinstance(value, list)
    elif "Int" in kind:
        fine = bool(re.fullmatch(r"-?\d+", str(value))) and not isinstance(value, bool)
        value = int(value) if fine else value
    elif kind == "Bool":
        fine = str(value).lower() in {"true", "false", "0", "1"}
        value = str(value).lower() in {"true", "1"}
    elif kind.startswith("Float"):
        fine = isinstance(value, int | float) and not isinstance(value, bool)
    elif kind.startswith("DateTime"):
        fine = isinstance(value, str) and bool(_TIME.fullmatch(value))
    else:
        fine = isinstance(value, str | int | float)
        value = str(value)
    if not fine:
        message = (
            f"Value {value} cannot be parsed as {kind} for query parameter '{name}'"
        )
        raise Refused(f"Code: 457. DB::Exception: {message}. (BAD_QUERY_PARAMETER)")
    return value
