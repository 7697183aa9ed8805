"""Queries in ClickHouse's SQL: translated from DuckDB's, or as a file beside says."""

from __future__ import annotations

from collections import Counter
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import ErrorLevel, exp
from sqlglot.errors import SqlglotError

from sickbay.core.errors import BadRequest
from sickbay.history.statements import query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

OVERRIDE = ".clickhouse.sql"
"""Behind the name of a query: its text for ClickHouse, where translating goes wrong."""

_MOMENT = "Nullable(DateTime64(6, 'UTC'))"
_LINE = "(?-s)"
"""Of a pattern: a dot is no end of line, which ClickHouse takes it for."""

_NO_LIMIT = 2**63 - 1


def inlined(sql: str) -> str:
    """The same for an earlier ClickHouse, which knows no tables for the meantime."""
    return sql.replace(" AS MATERIALIZED (", " AS (")


@cache
def clickhouse(name: str) -> str:
    """The text of a query for ClickHouse, with ``{name: Type}`` for its parameters.

    Raises:
        KeyError: There is none of that name.
    """
    own = files("sickbay.history") / "queries" / f"{name}{OVERRIDE}"
    if own.is_file():
        return own.read_text("utf-8").strip()
    return translated(sqlglot.parse_one(query(name).text, read="duckdb"))


def translated(tree: exp.Expr) -> str:
    """A statement of DuckDB's in ClickHouse's SQL, which finds the same.

    A common table that is read more than once is kept meanwhile, as DuckDB does it.

    Args:
        tree: It is changed. Each of its parameters is cast to its type.

    Raises:
        BadRequest: That cannot be said in ClickHouse's SQL.
    """
    for kind, change in _CHANGES.items():
        for node in reversed(list(tree.find_all(kind))):  # from within
            node.replace(change(node))
    named = Counter(table.name for table in tree.find_all(exp.Table))
    for common in tree.find_all(exp.CTE):
        if named[common.alias] > 1:
            common.args["materialized"] = True
    try:
        return tree.sql(
            dialect="clickhouse",
            pretty=True,
            comments=False,
            unsupported_level=ErrorLevel.RAISE,
        )
    except (SqlglotError, RecursionError) as exc:
        raise BadRequest("that cannot be said in ClickHouse's SQL") from exc


def _cast(node: exp.Expr) -> exp.Expr:
    """A parameter says its type with its name."""
    if not isinstance(node.this, exp.Placeholder):
        return node
    return exp.Placeholder(this=node.this.name, kind=node.args["to"])


def _type(node: exp.Expr) -> exp.Expr:
    """Moments are kept to the microsecond, and without saying so would not be."""
    if node.this is not exp.DType.TIMESTAMPTZ:
        return node
    return exp.DataType.build(_MOMENT, dialect="clickhouse")


def _limit(node: exp.Expr) -> exp.Expr:
    """NULL is no limit."""
    if not isinstance(node.expression, exp.Placeholder):
        return node
    most = exp.func("ifNull", node.expression, exp.Literal.number(_NO_LIMIT))
    return exp.Limit(expression=most)


def _match(node: exp.Expr) -> exp.Expr:
    pattern = exp.func("concat", exp.Literal.string(_LINE), node.expression)
    return exp.func("match", node.this, pattern)


def _signed(node: exp.Expr) -> exp.Expr:
    """Counts are numbers like others: there they have no sign, and mix with none."""
    inner = node
    while isinstance(inner, _AROUND):
        inner = inner.this
    if not isinstance(inner, _COUNTS) or isinstance(node.parent, (*_AROUND, exp.Cast)):
        return node
    return exp.func("toInt64", node)


_AROUND = (exp.Window, exp.Filter)
_COUNTS = (exp.Count, exp.RowNumber, exp.Rank, exp.DenseRank)

_CHANGES: Mapping[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.DataType: _type,
    exp.Cast: _cast,
    exp.Limit: _limit,
    exp.RegexpLike: _match,
    exp.Lower: lambda node: exp.func("lowerUTF8", node.this),
    exp.VariancePop: lambda node: exp.func("varPopStable", node.this),
    exp.Count: _signed,
    exp.Filter: _signed,
    exp.Window: _signed,
}
"""What would be another question in ClickHouse, and how it is the same; in order."""
