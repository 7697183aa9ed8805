"""What a statement that somebody wrote may say: one question to the tables.

It is parsed, everything in it has to be on a list, and what is run is written anew from
what was parsed: no engine sees a text that it might read otherwise.
"""

from __future__ import annotations

import re
from functools import partial
from itertools import takewhile
from operator import is_not
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from sickbay.core.errors import BadRequest, Denied
from sickbay.history.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_TOKENS = 3_000
_DEEPEST = 40
_FIRST = ("SELECT", "WITH", "FROM", "(")
_DEEPER, _SHALLOWER = ("(", "[", "{"), (")", "]", "}")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FORMS = _words(
    """
    Add Alias All And Any Between Boolean Bracket Case Cast Column DPipe DataTypeParam
    Distinct Div EQ Escape Except Exists Filter From GT GTE Glob Group Having ILike
    Identifier If In IntDiv Intersect Interval Is Join LT LTE Like Limit Literal Mod Mul
    NEQ Neg Not Null NullSafeEQ NullSafeNEQ Offset Or Order Ordered Paren Qualify Select
    SimilarTo Slice Star Sub Subquery TableAlias TryCast Tuple Union Values Var Where
    Window WindowSpec With
    """
)
_FUNCTIONS = _words(
    """
    abs anyvalue approxdistinct argmax argmin avg ceil coalesce concat concatws contains
    corr count countif cumedist currentdate currenttimestamp datediff datetrunc day
    dayofweek dayofyear denserank endswith exp extract first firstvalue floor greatest
    groupconcat hour lag last lastvalue lead least left length levenshtein ln log
    logicaland logicalor lower max median min minute mode month nthvalue ntile nullif
    percentilecont percentiledisc percentrank pow quantile rank regexpextract regexplike
    regexpreplace replace right round rownumber second sign splitpart sqrt startswith
    stddev stddevpop stddevsamp strposition substring sum timestamptrunc timetostr
    timetounix trim upper variance variancepop week year
    """
)
_NAMED = _words("date_part isfinite nfc_normalize now strip_accents")
_TYPES = _words(
    """
    BIGINT BOOLEAN CHAR DATE DECIMAL DOUBLE FLOAT INT INTERVAL SMALLINT TEXT TIME
    TIMESTAMP TIMESTAMPTZ TINYINT UBIGINT UINT VARCHAR
    """
)

_HINT = f"one SELECT on the tables {', '.join(sorted(TABLES))}"


def checked(sql: str, *, dialect: str = "duckdb") -> exp.Query:
    """The statement, once everything in it is allowed; ``.sql(dialect)`` runs it.

    Raises:
        BadRequest: It is not one ``SELECT``, or cannot be read.
        Denied: It reaches for something else than the tables.
    """
    try:
        tree = _parsed(sql, dialect)
        for node in tree.walk():
            _check(node)
    except RecursionError as error:
        raise _too_deep() from error
    return tree


def written(tree: exp.Query, *, dialect: str = "duckdb") -> str:
    """The text of a checked statement."""
    try:
        return tree.sql(dialect, comments=False)
    except (RecursionError, SqlglotError) as error:
        raise _too_deep() from error


def tables(tree: exp.Query) -> tuple[str, ...]:
    """The tables of the history that a checked statement names."""
    named = {table.name.lower() for table in tree.find_all(exp.Table)}
    return tuple(name for name in TABLES if name in named)


def _parsed(sql: str, dialect: str) -> exp.Query:
    try:
        _measure(sql, dialect)
        trees = [tree for tree in sqlglot.parse(sql, dialect=dialect) if tree]
    except SqlglotError as error:
        raise BadRequest(f"this is no SQL: {_first_line(error)}", hint=_HINT) from error
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise BadRequest("a statement has to be one SELECT", hint=_HINT)
    return trees[0]


def _measure(sql: str, dialect: str) -> None:
    """Refuse what is no question, and what would take long to parse."""
    tokens = sqlglot.tokenize(sql, dialect=dialect)
    if not tokens or tokens[0].text.upper() not in _FIRST:
        raise BadRequest("a statement has to be one SELECT", hint=_HINT)
    if len(tokens) > _MOST_TOKENS:
        raise BadRequest(
            f"a statement has at most {_MOST_TOKENS:,} words",
            hint="ask for less at once",
        )
    depth = 0
    for token in tokens:
        depth += (token.text in _DEEPER) - (token.text in _SHALLOWER)
        if depth > _DEEPEST:
            raise _too_deep()


def _check(node: exp.Expr) -> None:
    if isinstance(node, exp.Table):
        _check_table(node)
    elif isinstance(node, exp.With) and node.args.get("recursive"):
        raise Denied("WITH RECURSIVE is not allowed here", hint=_HINT)
    elif isinstance(node, exp.CTE):
        _check_name(node)
    elif isinstance(node, exp.DataType):
        _check_type(node)
    elif type(node).__name__ in _FORMS:
        return
    elif isinstance(node, exp.Func):
        _check_function(node)
    else:
        raise Denied(
            f"{type(node).__name__.upper()} is not allowed here",
            hint="say it with plain columns, joins and aggregates",
        )


def _check_table(table: exp.Table) -> None:
    if not isinstance(table.this, exp.Identifier):
        raise Denied("functions that give tables are not allowed here", hint=_HINT)
    name = table.name
    if table.args.get("db") or table.args.get("catalog"):
        raise Denied(f"{name[:60]} is named with a schema", hint=_HINT)
    if name.lower() not in TABLES and name.lower() not in set(_common(table)):
        raise Denied(f"there is no table {name[:60]}", hint=_HINT)


def _common(node: exp.Expr) -> Iterator[str]:
    """The names of the common tables that can be seen from a place."""
    at, parent = node, node.parent
    while parent:
        if isinstance(parent, exp.With):
            earlier: Iterator[exp.Expr] = takewhile(
                partial(is_not, at), parent.expressions
            )
            at = parent.parent or parent
        else:
            common = parent.args.get("with_")
            earlier = iter(common.expressions if common else ())
            at = parent
        yield from (table.alias.lower() for table in earlier)
        parent = at.parent


def _check_name(table: exp.CTE) -> None:
    if not _PLAIN.fullmatch(table.alias):
        raise Denied("the name of a common table is odd", hint="letters, digits and _")


def _check_type(kind: exp.DataType) -> None:
    name = kind.this.name if isinstance(kind.this, exp.DType) else str(kind.this)
    if name not in _TYPES:
        raise Denied(
            f"the type {name[:60]} is not allowed here",
            hint=f"allowed are {', '.join(sorted(_TYPES))}",
        )


def _check_function(call: exp.Func) -> None:
    if isinstance(call, exp.Anonymous):
        name, allowed = call.name.lower(), call.name.lower() in _NAMED
    else:
        name, allowed = call.sql_name().lower(), call.key in _FUNCTIONS
    if not allowed:
        raise Denied(
            f"the function {name[:60]} is not allowed here",
            hint="aggregates, and functions of numbers, texts and times are",
        )


def _too_deep() -> BadRequest:
    return BadRequest(
        "the statement is nested too deeply", hint="take it apart with WITH"
    )


def _first_line(error: SqlglotError) -> str:
    text = re.sub(r"\x1b\[\d*m", "", str(error))
    return text.strip().partition("\n")[0][:200]
