"""The tools about numbers: HUD's named queries, SQL, and the usual metrics."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from sickbay.core.errors import BadRequest, Unsupported
from sickbay.core.results import Coverage
from sickbay.core.timerange import time_range as stretch
from sickbay.core.tool import Call, Identifier, tool
from sickbay.toolsets.hud.analysis.table import cells, table
from sickbay.toolsets.hud.models.numbers import (
    Metric,
    MetricName,
    ParameterFacts,
    Queries,
    QueryFacts,
    QueryName,
    Rows,
)
from sickbay.toolsets.hud.source import Hud
from sickbay.toolsets.hud.tools.measures import MEASURES, Asked, refuse_others

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sickbay.clients.hud.catalogue import NamedQuery

SETTING = "SICKBAY_HUD__CLICKHOUSE_URL"
DEFAULT_RANGE = "7d"

Granularity = Literal["hour", "day", "week"]


@tool(title="Named queries", items="queries")
def queries(
    _source: Hud,
    _call: Call,
    *,
    search: Annotated[str, "words of a name, purpose, column or parameter"] = "",
    group: Annotated[str, "such as trunk, flaky, queues, cost"] = "",
    name: Annotated[str, "one query, for all about it"] = "",
) -> Queries:
    """List what hud_query can ask the HUD: 192 named queries.

    Gives `queries` (name, group, purpose, broken) and `groups` with counts; with a
    name, `query`: typed parameters, columns, notes and an example call.
    """
    from sickbay.clients.hud import catalogue  # noqa: PLC0415 - brings the client

    known = catalogue.queries()
    groups = {query.group: 0 for query in known}
    for query in known:
        groups[query.group] += 1
    if group and group not in groups:
        raise BadRequest(
            f"no group is called {group[:60]!r}", hint=f"there are {', '.join(groups)}"
        )
    one = catalogue.named(name) if name else None
    found = [
        query
        for query in ([one] if one else known)
        if group in {"", query.group} and _mentions(query, search)
    ]
    return Queries(
        groups=groups,
        query=_facts(one) if one else None,
        queries=tuple(map(_listed, found)),
        coverage=Coverage(len(known), len(known)),
    )


def _mentions(query: NamedQuery, search: str) -> bool:
    parameters = (one.name for one in query.parameters)
    said = " ".join((query.name, query.purpose, *query.columns, *parameters)).lower()
    return all(word in said for word in search.lower().split())


def _listed(query: NamedQuery) -> QueryName:
    return QueryName(
        name=query.name, group=query.group, purpose=query.purpose, broken=query.broken
    )


def _facts(query: NamedQuery) -> QueryFacts:
    parameters = tuple(
        ParameterFacts(
            name=one.name,
            type=one.type,
            required=one.required,
            default=one.default,
            declared=one.declared,
        )
        for one in query.parameters
    )
    return QueryFacts(
        name=query.name,
        purpose=query.purpose,
        parameters=parameters,
        columns=query.columns or None,
        note=query.note,
        broken=query.broken,
        tables=query.tables,
        example=query.example,
    )


@tool(
    title="Query",
    items="rows",
    untrusted=("rows",),
    timeout_s=120,
    open_world=True,
)
async def query(  # noqa: PLR0913 - a query by name, or one in SQL
    source: Hud,
    call: Call,
    *,
    name: Annotated[str, "of hud_queries"] = "",
    parameters: Annotated[dict[str, Any] | None, "by name"] = None,
    time_range: Annotated[str, "7d, 24h, A:B: its two times"] = "",
    sql: Annotated[str, "instead of a name, on a ClickHouse of yours"] = "",
) -> Rows:
    """Run a named query of the HUD, or read-only SQL where a ClickHouse is configured.

    Gives `columns`, `rows`, row_count, the parameters as `sent` (repo and time_range
    have defaults), `notes`. In SQL, parameters are {name: Type}.
    """
    if bool(name) == bool(sql):
        raise BadRequest("give a name or sql", hint="hud_queries lists the names")
    if sql:
        return await _of_sql(source, call, sql, parameters or {}, time_range)
    asked = await call.thread(_named, source, name, parameters or {}, time_range)
    wanted, sent = asked
    rows = await source.client.query(name, sent)
    columns, found = await call.thread(table, rows)
    return Rows(
        columns=columns or wanted.columns,
        rows=found,
        row_count=len(found),
        sent=sent,
        notes=(wanted.note,) if wanted.note else (),
        coverage=Coverage(len(found), len(found)),
    )


def _named(
    source: Hud, name: str, parameters: Mapping[str, Any], time_range: str
) -> tuple[NamedQuery, dict[str, Any]]:
    """A query, and what is to be sent for it."""
    from sickbay.clients.hud import catalogue  # noqa: PLC0415 - brings the client

    wanted = catalogue.named(name)
    asked = time_range or (DEFAULT_RANGE if wanted.times else "")
    sent = catalogue.checked(
        name,
        parameters,
        now=minute(source),
        time_range=asked,
        usual=wanted.of_repo(source.repo),
    )
    return wanted, sent


def minute(source: Hud) -> datetime:
    """The time, the same for the pages of one answer, so that they come from one."""
    return source.now().replace(second=0, microsecond=0)


async def _of_sql(
    source: Hud, call: Call, sql: str, parameters: Mapping[str, Any], time_range: str
) -> Rows:
    from sickbay.clients.clickhouse import ClickHouse  # noqa: PLC0415 - brings the client

    settings = source.settings
    if settings.clickhouse_url is None:
        raise Unsupported(
            "there is no ClickHouse to send SQL to",
            hint=f"set {SETTING}, or use a named query of hud_queries",
        )
    if time_range:
        raise BadRequest("time_range is for named queries", hint="write it in the SQL")
    password = settings.clickhouse_password
    async with ClickHouse(
        settings.clickhouse_url,
        user=settings.clickhouse_user,
        password=password.get_secret_value() if password else None,
        database=settings.clickhouse_database,
    ) as database:
        found = await database.query(sql, parameters, now=source.now())
    count = len(found.rows)
    return Rows(
        columns=found.columns,
        rows=await call.thread(cells, found.rows),
        row_count=count,
        sent=found.sent,
        notes=(f"only the first {count:,} rows",) if found.cut else (),
        coverage=Coverage(count, None if found.cut else count),
    )


@tool(
    title="Metrics",
    items="rows",
    untrusted=("rows", "top", "summary"),
    timeout_s=120,
    open_world=True,
)
async def metrics(  # noqa: PLR0913 - each narrows what is counted
    source: Hud,
    _call: Call,
    *,
    metric: Annotated[MetricName, "which"] = "trunk_red",
    time_range: Annotated[str, "7d, 24h, A:B"] = DEFAULT_RANGE,
    granularity: Annotated[Granularity, "of buckets"] = "day",
    branch: Annotated[str, "of time_to_signal"] = "",
    name: Annotated[str, "part of a job or machine type"] = "",
    run_id: Annotated[str | None, Identifier(), "of resource_usage: one run's"] = None,
) -> Metric:
    """Measure the CI: red trunk, queues, time to signal, reverts, use of machines.

    Gives a `summary`, `totals`, `top` parts (count, seconds), `columns` and `rows` per
    bucket or job, and `notes` on what is not as it seems.
    """
    refuse_others(metric, branch=branch, name=name, run_id=run_id)
    asked = Asked(
        source=source,
        range=stretch(time_range, now=minute(source)),
        granularity=granularity,
        branch=branch or source.branch,
        part=name or None,
        run_id=run_id,
    )
    return await MEASURES[metric](asked)
