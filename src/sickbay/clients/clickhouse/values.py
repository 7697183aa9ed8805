"""Values for typed parameters of ClickHouse, as it takes them in JSON."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sickbay.core.errors import BadRequest
from sickbay.core.timerange import time_range

if TYPE_CHECKING:
    from collections.abc import Callable

Value = str | int | float | bool | list[Any] | None

TIMES = ("Date", "Date32", "DateTime", "DateTime64")

_ARRAY = re.compile(r"Array[(<](.+)[)>]")
_WRAPPED = re.compile(r"(Nullable|LowCardinality)\((.+)\)")
_INTEGER = re.compile(r"(U?)Int(8|16|32|64|128|256)")
_MOMENT = re.compile(r"(DateTime64|DateTime)(?:\((?:\d)?(?:, *)?(?:'([\w/+-]+)')?\))?")
_WORDS = {"true": True, "1": True, "false": False, "0": False}
_SHOWN = 60


def converted(value: object, kind: str, *, name: str, now: datetime) -> Value:
    """A value as a parameter of a type takes it.

    Args:
        value: Of a similar type will do: ``"7"`` for a number, ``14d``, ``now`` or any
            ISO time for a moment, one value for a list of one.
        kind: Such as ``DateTime64(3)`` or ``Array(String)``.
        name: Of the parameter, for what is said about it.
        now: The time, with its zone.

    Raises:
        BadRequest: It is no value of that type.
    """
    wrapped = _WRAPPED.fullmatch(kind)
    if wrapped:
        if value is None and wrapped[1] == "Nullable":
            return None
        return converted(value, wrapped[2], name=name, now=now)
    array = _ARRAY.fullmatch(kind)
    if array:
        many = value if isinstance(value, (list, tuple)) else [value]
        return [converted(one, array[1], name=name, now=now) for one in many]
    try:
        return _reader(kind, now)(value)
    except BadRequest as exc:
        raise BadRequest(f"{name}: {exc.message}", hint=exc.hint) from exc
    except (ValueError, TypeError, OverflowError, ZoneInfoNotFoundError) as exc:
        said = f"{repr(value)[:_SHOWN]} is no {kind}"
        raise BadRequest(f"{name}: {said}") from exc


def is_time(kind: str) -> bool:
    """Whether values of a type are moments or days."""
    wrapped = _WRAPPED.fullmatch(kind)
    return is_time(wrapped[2]) if wrapped else kind.partition("(")[0] in TIMES


def _reader(kind: str, now: datetime) -> Callable[[object], Value]:
    integer = _INTEGER.fullmatch(kind)
    if integer:
        unsigned, bits = bool(integer[1]), int(integer[2])
        least = 0 if unsigned else -(2 ** (bits - 1))
        most = 2 ** (bits if unsigned else bits - 1) - 1
        return lambda value: _integer(value, least, most)
    moment = _MOMENT.fullmatch(kind)
    if moment:
        precise = moment[1] == "DateTime64"
        zone = moment[2] or "UTC"
        return lambda value: _moment(value, now, zone, precise=precise)
    if kind in {"Date", "Date32"}:
        return lambda value: _moment(value, now, "UTC", precise=False)[:10]
    if kind.startswith("Float"):
        return _float
    return _bool if kind == "Bool" else _text


def _integer(value: object, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError
    number = int(value) if isinstance(value, str) else value
    if number != int(number):
        raise ValueError
    if not least <= number <= most:
        raise ValueError
    return int(number)


def _float(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _bool(value: object) -> bool:
    word = str(value).lower()
    if word not in _WORDS:
        raise ValueError
    return _WORDS[word]


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise TypeError
    return str(value)


def _moment(value: object, now: datetime, zone: str, *, precise: bool) -> str:
    """The local time of a zone, without saying which: what ClickHouse reads."""
    if isinstance(value, (date, datetime)):
        value = value.isoformat()
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    then = time_range(f":{value.strip()}", now=now).stop.astimezone(ZoneInfo(zone))
    local = then.replace(tzinfo=None)
    if precise:
        return local.isoformat(timespec="milliseconds")
    return local.isoformat(sep=" ", timespec="seconds")
