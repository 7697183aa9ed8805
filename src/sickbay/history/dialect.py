"""Queries in ClickHouse's SQL: translated from DuckDB's.

Where that goes wrong, ``queries/clickhouse/NAME.sql`` has the text of a query for
ClickHouse, with ``{name: Type}`` for its parameters.
"""

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
    own = files("sickbay.history") / "queries" / "clickhouse" / f"{name}.sql"
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


def _truncated(node: exp.Expr) -> exp.Expr:
    """A moment stays one, where ClickHouse makes a day of it."""
    return exp.cast(node.copy(), exp.DataType.build(_MOMENT, dialect="clickhouse"))


def _shown(node: exp.Expr) -> exp.Expr:
    """Minutes have another letter."""
    form = node.args["format"]
    if not form.is_string:
        raise BadRequest("strftime wants its format as a text")
    there = exp.Literal.string(form.name.replace("%M", "%i"))
    return exp.func("formatDateTime", node.this, there)


def _seconds(node: exp.Expr) -> exp.Expr:
    """Since 1970, with what is behind the point."""
    moment = exp.cast(node.this, exp.DataType.build(_MOMENT, dialect="clickhouse"))
    micros = exp.func("toUnixTimestamp64Micro", moment)
    return exp.Paren(this=exp.Div(this=micros, expression=exp.Literal.number("1e6")))


def _replaced(node: exp.Expr) -> exp.Expr:
    """The first place, unless all are meant."""
    every = "g" in (node.args["modifiers"].name if node.args.get("modifiers") else "")
    name = "replaceRegexpAll" if every else "replaceRegexpOne"
    new = node.args.get("replacement") or exp.Literal.string("")
    return exp.func(name, node.this, node.expression, new)


def _rounded(node: exp.Expr) -> exp.Expr:
    """Half a step goes away from zero, where it would go to the even side."""
    step = exp.func("pow", "10", node.args.get("decimals") or exp.Literal.number(0))
    steps = exp.func("floor", exp.func("abs", node.this) * step + 0.5)
    return exp.Paren(this=exp.func("sign", node.this) * steps / step)


def _piece(node: exp.Expr) -> exp.Expr:
    """NULL has none."""
    pieces = exp.func("splitByString", node.args["delimiter"], node.this)
    piece = exp.func("arrayElement", pieces, node.args["part_index"])
    return exp.func("if", exp.func("isNull", node.this), exp.null(), piece)


def _part(node: exp.Expr) -> exp.Expr:
    ends = (node.args.get(name) for name in ("start", "length"))
    return exp.func("substringUTF8", node.this, *(end for end in ends if end))


def _position(node: exp.Expr) -> exp.Expr:
    return exp.func("positionUTF8", node.this, node.args["substr"])


def _quantile(node: exp.Expr) -> exp.Expr:
    """Exactly, and between two numbers where it lies there."""
    level = node.expression or exp.Literal.number("0.5")
    return exp.ParameterizedAgg(
        this="quantileExactInclusive", expressions=[level], params=[node.this]
    )


def _beside(node: exp.Expr) -> exp.Expr:
    """Where there is no such row, there is no text either, and not an empty one."""
    node.set("this", exp.func("toNullable", node.this))
    return node


def _other(node: exp.Expr) -> exp.Expr:
    raise BadRequest(
        f"the history is in ClickHouse, where {node.key.upper()} is another",
        hint="quantile_cont, count, min and max are the same",
    )


def _boolean(name: str) -> Callable[[exp.Expr], exp.Expr]:
    kind = exp.DataType.build("Nullable(Bool)", dialect="clickhouse")
    return lambda node: exp.cast(exp.func(name, node.this), kind)


def _similar(node: exp.Expr) -> exp.Expr:
    start, end = exp.Literal.string("(?-s)^(?:"), exp.Literal.string(")$")
    return exp.func("match", node.this, exp.func("concat", start, node.expression, end))


_CHANGES: Mapping[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.DataType: _type,
    exp.Cast: _cast,
    exp.Limit: _limit,
    exp.RegexpLike: _match,
    exp.Lower: lambda node: exp.func("lowerUTF8", node.this),
    exp.Upper: lambda node: exp.func("upperUTF8", node.this),
    exp.Left: lambda node: exp.func("leftUTF8", node.this, node.expression),
    exp.Right: lambda node: exp.func("rightUTF8", node.this, node.expression),
    exp.Substring: _part,
    exp.StrPosition: _position,
    exp.VariancePop: lambda node: exp.func("varPopStable", node.this),
    exp.Count: _signed,
    exp.Filter: _signed,
    exp.Window: _signed,
    exp.TimestampTrunc: _truncated,
    exp.TimeToStr: _shown,
    exp.TimeToUnix: _seconds,
    exp.RegexpReplace: _replaced,
    exp.Round: _rounded,
    exp.SplitPart: _piece,
    exp.Log: lambda node: node if node.expression else exp.func("log10", node.this),
    exp.PercentileCont: _quantile,
    exp.Median: _quantile,
    exp.PercentileDisc: _other,
    exp.Quantile: _other,
    exp.Mode: _other,
    exp.Glob: _other,
    exp.LogicalOr: _boolean("max"),
    exp.LogicalAnd: _boolean("min"),
    exp.Lag: _beside,
    exp.Lead: _beside,
    exp.SimilarTo: _similar,
    exp.First: lambda node: exp.func("any", node.this),
    exp.Last: lambda node: exp.func("anyLast", node.this),
    exp.CumeDist: lambda _: exp.Anonymous(this="cume_dist"),
}
"""What would be another question in ClickHouse, and how it is the same; in order."""
