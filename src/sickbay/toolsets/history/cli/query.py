"""``sickbay history query``: SQL on what is kept."""

from __future__ import annotations

from sickbay.clients.printer import AtDesk, Format, shown
from sickbay.toolsets.history.render.query import rows_page


async def query(
    sql: str,
    /,
    *,
    limit: int = 200,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> None:
    """Ask the tables builds, jobs, results and causes in SQL.

    Args:
        sql: One SELECT, in DuckDB's SQL.
        limit: Rows.
        format: How to print.
        desk: The history.
    """
    found = await desk.result("query", sql=sql, limit=limit)
    shown(found, rows_page(found), format, desk)
