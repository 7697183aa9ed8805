"""Queries: the files in ``history/queries``, as text for DuckDB."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

_INCLUDE = re.compile(r"^ *-- include (\w+)$", re.MULTILINE)
_DECLARED = re.compile(r"\$(\w+) ([A-Z]+(?:\[\])?)")
_USED = re.compile(r"\$(\w+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One query.

    Attributes:
        text: DuckDB's SQL, with every declared parameter cast to its type.
        parameters: Names of all, with the types that the first line declares.
    """

    name: str
    text: str
    parameters: Mapping[str, str]


def names() -> tuple[str, ...]:
    """Of all queries there are."""
    found = (file.name.partition(".sql") for file in _folder().iterdir())
    return tuple(sorted(name for name, end, rest in found if end and not rest))


@cache
def query(name: str) -> Query:
    """The query of that name.

    Raises:
        KeyError: There is none.
    """
    if name not in names():
        raise KeyError(name)
    first, _, text = (_folder() / f"{name}.sql").read_text("utf-8").partition("\n")
    types = dict(_DECLARED.findall(first))
    text = _INCLUDE.sub(_part, text if first.startswith("--") else f"{first}\n{text}")
    used = dict.fromkeys(_USED.findall(text), "")
    return Query(
        name=name,
        text=_USED.sub(lambda found: _cast(found[1], types), text).strip(),
        parameters={**used, **types},
    )


def _part(found: re.Match[str]) -> str:
    return (_folder() / "parts" / f"{found[1]}.sql").read_text("utf-8").rstrip()


def _cast(name: str, types: Mapping[str, str]) -> str:
    return f"CAST(${name} AS {types[name]})" if name in types else f"${name}"


def _folder() -> Traversable:
    return files("sickbay.history") / "queries"
