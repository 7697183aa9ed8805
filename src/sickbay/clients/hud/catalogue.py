"""The named queries of PyTorch HUD: what each answers, and what it takes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec
from rapidfuzz import fuzz, process

from sickbay.clients.clickhouse.values import converted, is_time
from sickbay.core.errors import BadRequest, NotFound, Unsupported
from sickbay.core.timerange import time_range as stretch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sickbay.core.timerange import TimeRange

STARTS = ("startTime", "start_time")
STOPS = ("stopTime", "endTime", "end_time")

SAMPLES: Mapping[str, Any] = {
    "branch": "main",
    "granularity": "day",
    "timezone": "UTC",
    "platform": "linux",
    "label": "skipped",
    "state": "open",
    "triaged": "",
    "workflowNames": ["pull", "trunk"],
    "group_by": "workflow_name",
    "parent_group": "",
    "percentile": 0.5,
    "head": "refs/heads/main",
    "name": "test_add",
    "suite": "%",
    "file": "%",
}
"""What is shown for a parameter of that name."""

_ALIKE = 60
_NEAREST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What a query takes.

    Attributes:
        type: As ClickHouse calls it.
        declared: What HUD itself says it is, where that is wrong.
        default: What HUD puts in where it is not given.
    """

    name: str
    type: str
    declared: str | None = None
    default: Any = None

    @property
    def required(self) -> bool:
        """Whether the query fails without it."""
        return self.default is None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedQuery:
    """A query that HUD knows by name.

    Attributes:
        columns: Of its rows; empty where that is not written down.
        note: What is not as it seems.
        broken: Why it can never be answered.
        tables: That it reads.
        lines: Of its SQL.
    """

    name: str
    group: str
    purpose: str
    parameters: tuple[Parameter, ...] = ()
    columns: tuple[str, ...] = ()
    note: str | None = None
    broken: str | None = None
    tables: tuple[str, ...] = ()
    lines: int = 0

    @property
    def takes(self) -> str:
        """Its parameters in words."""
        said = ", ".join(f"{one.name} ({one.type})" for one in self.parameters)
        return f"{self.name} takes {said}" if said else f"{self.name} takes nothing"

    @property
    def times(self) -> list[str]:
        """The parameters that a stretch of time stands for."""
        return [
            one.name
            for one in self.parameters
            if one.name in (*STARTS, *STOPS) and is_time(one.type)
        ]

    @property
    def example(self) -> dict[str, Any]:
        """What a call of it may look like: name, parameters, time range."""
        times = self.times
        values = {
            one.name: _sample(one)
            for one in self.parameters
            if one.required and one.name not in (*times, "repo")
        }
        asked = {"time_range": "7d"} if times else {}
        return {"name": self.name, "parameters": values, **asked}

    def of_repo(self, repo: str) -> dict[str, str]:
        """What its parameters about the repository are, in the form it takes."""
        owner, _, name = repo.partition("/")
        if any(one.name == "owner" for one in self.parameters):
            return {"owner": owner, "repo": name, "project": name}
        return {"repo": repo, "repoFullName": repo}


def _sample(parameter: Parameter) -> Any:  # noqa: ANN401 - of the parameter's type
    if parameter.name in SAMPLES:
        one: Any = SAMPLES[parameter.name]
    elif "Int" in parameter.type or "Float" in parameter.type:
        one = 1
    elif is_time(parameter.type):
        one = "7d"
    else:
        one = parameter.type == "Bool" or f"<{parameter.name}>"
    wants_many = parameter.type.startswith("Array") and not isinstance(one, list)
    return [one] if wants_many else one


@cache
def queries() -> tuple[NamedQuery, ...]:
    """All of them, by group."""
    data = files("sickbay.clients.hud").joinpath("queries.json").read_bytes()
    return msgspec.json.decode(data, type=tuple[NamedQuery, ...])


def named(name: str) -> NamedQuery:
    """The query of that name.

    Raises:
        NotFound: There is none.
    """
    known = {query.name: query for query in queries()}
    if name not in known:
        raise NotFound(f"no named query is called {name[:80]!r}", hint=_near(name))
    return known[name]


def checked(
    name: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    now: datetime,
    time_range: str = "",
    usual: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything that a query is to be sent, with values of the right types.

    HUD drops what a query does not take without a word, and answers with an error of
    its database where something is missing: both are told here.

    Args:
        name: Of the query.
        parameters: By name.
        now: The time, with its zone.
        time_range: Such as ``7d``: stands for the two times that most queries take.
        usual: Values for parameters that are not given.

    Raises:
        NotFound: There is no such query.
        Unsupported: Its SQL is not ClickHouse's.
        BadRequest: It does not take these parameters, or needs others.
    """
    query = named(name)
    if query.broken:
        raise Unsupported(f"{name} is {query.broken}", hint="it fails on HUD, too")
    given = dict(parameters or {})
    if time_range:
        given = _times(query, stretch(time_range, now=now), now) | given
    known = {one.name for one in query.parameters}
    _refuse_others(query, given.keys() - known)
    values = {**(usual or {}), **given}
    missing = [p.name for p in query.parameters if p.required and p.name not in values]
    if missing:
        raise BadRequest(f"{name} needs {', '.join(missing)}", hint=query.takes)
    return {
        one.name: converted(values[one.name], one.type, name=one.name, now=now)
        if one.name in values
        else one.default
        for one in query.parameters
    }


def _times(query: NamedQuery, asked: TimeRange, now: datetime) -> dict[str, Any]:
    """The times of a query that a stretch of time stands for."""
    wanted = {**dict.fromkeys(STARTS, asked.start), **dict.fromkeys(STOPS, asked.stop)}
    taken = query.times
    if not taken:
        raise BadRequest(f"{query.name} takes no time range", hint=query.takes)
    if asked.stop < now and not set(STOPS).intersection(taken):
        raise BadRequest(
            f"{query.name} goes up to now, whatever the time range",
            hint="give only when it begins: 7d, or A:",
        )
    return {name: wanted[name] for name in taken}


def _refuse_others(query: NamedQuery, others: Iterable[str]) -> None:
    unknown = sorted(others)
    if unknown:
        names = [one.name for one in query.parameters]
        near = process.extractOne(unknown[0], names, scorer=fuzz.WRatio)
        meant = f"; did you mean {near[0]}?" if near and near[1] >= _ALIKE else ""
        raise BadRequest(
            f"{query.name} takes no {', '.join(unknown)}{meant}", hint=query.takes
        )


def _near(name: str) -> str:
    names = [query.name for query in queries()]
    near = process.extract(
        name, names, scorer=fuzz.WRatio, limit=_NEAREST, score_cutoff=_ALIKE
    )
    said = ", ".join(found[0] for found in near)
    return f"did you mean {said}?" if said else "hud_queries lists them"
