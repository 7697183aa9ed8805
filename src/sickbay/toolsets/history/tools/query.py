"""The tool that asks the history in SQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Le

from sickbay.core.errors import BadRequest
from sickbay.core.results import Coverage
from sickbay.core.tool import Call, tool
from sickbay.toolsets.history.analysis.values import rows
from sickbay.toolsets.history.models.query import Rows
from sickbay.toolsets.history.source import HistorySource
from sickbay.toolsets.history.tools.lines import EMPTY, NO_BUILDS
from sickbay.toolsets.history.tools.recent import kept

if TYPE_CHECKING:
    from sickbay.history.face import Answer

LIMIT, MOST = 100, 10_000

TIMEOUT_S = 120.0


@tool(title="SQL", items="rows", untrusted=("columns", "rows"), timeout_s=TIMEOUT_S)
async def query(
    source: HistorySource,
    call: Call,
    *,
    sql: Annotated[str, "one SELECT, in DuckDB's SQL"],
    limit: Annotated[int, Ge(1), Le(MOST), "rows"] = LIMIT,
) -> Rows:
    """Ask the history in read-only SQL; for what no other tool answers.

    Tables: builds (build_id, pipeline, number, branch, sha, title, state, created_at,
    ordered_at), jobs (build_id, job_id, name, variant, shard, attempt, last, state,
    infra, duration_s, host), results (build_id, job_id, test_id, variant, outcome,
    attempts, duration_s, signature, message), causes (build_id, job_id, cause_id,
    test_id, category, text, excerpt). history_status has all.
    Gives `columns`, `rows`, their row_count, and in `notes` whether there are more.
    """
    if not sql.strip():
        raise BadRequest("sql is empty", hint="try SELECT count(*) FROM builds")

    async def made() -> Rows:
        shown: Rows = await call.thread(_shown, await _selected(source, sql, limit))
        if await source.reading.newest():
            return shown
        return replace(shown, notes=(f"{NO_BUILDS}: {EMPTY}",))

    return await kept(source, ("query", sql, limit), made)


async def _selected(source: HistorySource, sql: str, limit: int) -> Answer:
    settings = source.settings
    return await source.history.select(
        sql,
        max_rows=min(limit, settings.query_rows),
        max_s=settings.query_s,
        max_bytes=int(settings.query_bytes),
    )


def _shown(answer: Answer) -> Rows:
    table = answer.table
    count = table.num_rows
    more = f"there are more than these {count:,} rows: count or filter in the SQL"
    return Rows(
        columns=tuple(table.column_names),
        rows=rows([column.to_pylist() for column in table.columns]),
        row_count=count,
        notes=(more,) if answer.cut else (),
        coverage=Coverage(count, None if answer.cut else count),
    )
