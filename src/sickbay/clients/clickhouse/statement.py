"""One statement of SQL that only reads, and the typed parameters in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sickbay.clients.clickhouse.values import converted
from sickbay.core.errors import BadRequest, Denied, TooLarge

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sickbay.clients.clickhouse.values import Value

MAX_SQL = 64 << 10
READING = ("SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS")

_ASIDE = re.compile(
    r"(?P<parameter>\{\s*\w+\s*:[\w\s(),]*(?:'[\w/+-]*'[\w\s(),]*)*\})"
    r"|(?P<name>\"(?:[^\"\\]|\\.)*(?:\"|\Z)|`(?:[^`\\]|\\.)*(?:`|\Z))"
    r"|'(?:[^'\\]|\\.)*(?:'|\Z)"
    r"|--[^\n]*|#[ !][^\n]*|/\*.*?(?:\*/|\Z)",
    re.DOTALL,
)
"""Texts and comments, of which nothing is a word of the statement.

ClickHouse refuses what does not end; looking for each of its ends again takes long.
"""

_PARAMETER = re.compile(r"\{\s*(\w+)\s*:\s*([^{}]+?)\s*\}")
_FORMAT = re.compile(r"\b(?:FORMAT\s+\w+|INTO\s+OUTFILE)\b", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"\b((?:azureBlobStorage|deltaLake|executable|file|gcs|hdfs|hudi|iceberg|paimon"
    r"|remote|s3|url)\w*|arrowFlight|catboostEvaluate|cosn|jdbc|mongodb|mysql|odbc|oss"
    r"|postgresql|redis|reverseDNSQuery|sqlite|ytsaurus)\s*\(",
    re.IGNORECASE,
)
_SETTINGS = re.compile(r"\bSETTINGS\b", re.IGNORECASE)
_LIMIT = re.compile(
    r"\b(max_(?:execution|result)_\w+|result_overflow_mode|readonly)\s*=", re.IGNORECASE
)
_STRANGE = re.compile(r"[^\t\n\r -#%-\[\]-~]")
"""Other marks of texts, other blanks and escapes, all of which ClickHouse takes."""

_INTERNAL = frozenset(
    {"filesystemavailable", "filesystemcapacity", "filesystemunreserved"}
)
_ESCAPES = str.maketrans(
    {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement that may be sent.

    Attributes:
        sql: As it was written, without the semicolon.
        sent: The values of its parameters.
    """

    sql: str
    sent: Mapping[str, Value]

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters as ClickHouse takes them beside the SQL."""
        return {f"param_{name}": outer(value) for name, value in self.sent.items()}


def statement(sql: str, parameters: Mapping[str, Any], *, now: datetime) -> Statement:
    """A statement, once it is clear that it is one and that it only reads.

    ClickHouse itself refuses to change anything for a GET; what is refused here would
    read from another place than that database.

    Raises:
        TooLarge: Nobody writes that.
        Denied: It is of another kind, or reaches out of the database.
        BadRequest: It is several statements, or its parameters are not those given.
    """
    if len(sql) > MAX_SQL:
        raise TooLarge(f"the SQL is longer than {MAX_SQL:,} characters")
    whole = sql.strip().rstrip(";").rstrip()
    bare = _ASIDE.sub(_without, whole).strip()
    _check(bare)
    return Statement(sql=whole, sent=_values(bare, parameters, now))


def _check(bare: str) -> None:
    """Refuse what is not one statement that reads from that database."""
    word = bare.lstrip("( \n\t").split(maxsplit=1)[:1]
    if not word or word[0].upper().rstrip("(*") not in READING:
        raise Denied(
            "only statements that read are sent",
            hint=f"begin with {', '.join(READING)}",
        )
    if strange := _STRANGE.search(bare):
        raise BadRequest(f"{strange[0]!a} belongs in a text between single quotes")
    settings = _SETTINGS.search(bare)
    if settings and (limit := _LIMIT.search(bare, settings.end())):
        raise Denied(f"{limit[1]} is not for the SQL to set", hint="leave it out")
    if ";" in bare:
        raise BadRequest("one statement at a time", hint="leave the semicolon out")
    if _FORMAT.search(bare):
        raise BadRequest("the rows come as they are", hint="leave FORMAT out")
    for found in _ELSEWHERE.finditer(bare):
        if found[1].lower() not in _INTERNAL:
            raise Denied(f"{found[1]}() reads from elsewhere than the database")


def _without(aside: re.Match[str]) -> str:
    """What stands for a text or a comment; a quoted name is a name."""
    if aside["parameter"]:
        return aside[0]
    name = (aside["name"] or "  ")[1:-1]
    if "\\" in name:  # it may stand for any name
        return name
    return f" {name} " if re.fullmatch(r"\w+", name, re.ASCII) else " "


def _values(bare: str, given: Mapping[str, Any], now: datetime) -> dict[str, Value]:
    kinds = dict(_PARAMETER.findall(bare))
    missing = sorted(kinds.keys() - given.keys())
    if missing:
        raise BadRequest(f"the SQL needs a value for {', '.join(missing)}")
    unknown = sorted(given.keys() - kinds.keys())
    if unknown:
        hint = "write {name: Type} where the value belongs"
        raise BadRequest(f"the SQL has no parameter {', '.join(unknown)}", hint=hint)
    return {
        name: converted(given[name], kind, name=name, now=now)
        for name, kind in kinds.items()
    }


def outer(value: Value) -> str:
    """A value as a parameter is sent: a text without quotes, but escaped."""
    if value is None:
        return "\\N"
    return value.translate(_ESCAPES) if isinstance(value, str) else _inner(value)


def _inner(value: Value) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{','.join(map(_inner, value))}]"
    if isinstance(value, str):
        quoted = value.translate(_ESCAPES).replace("'", "\\'")
        return f"'{quoted}'"
    return repr(value)
