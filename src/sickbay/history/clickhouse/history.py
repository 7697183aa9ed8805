"""A history in ClickHouse: many machines write to it and read it."""

from __future__ import annotations

import math
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread

from sickbay.clients.clickhouse.database import Database
from sickbay.core.errors import Unsupported
from sickbay.history.clickhouse.preparation import knows, prepare
from sickbay.history.clickhouse.schema import insertion
from sickbay.history.clickhouse.upkeep import status, tidy
from sickbay.history.clickhouse.wire import packed, rows, token
from sickbay.history.dialect import clickhouse, inlined, translated
from sickbay.history.face import Answer, Receipt
from sickbay.history.guard import checked

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    import pyarrow as pa

    from sickbay.clients.clickhouse.database import Settings
    from sickbay.history.face import Keep, Status, Tidied
    from sickbay.history.rows import Batch

WRITING: Settings = {
    "max_partitions_per_insert_block": 0,  # years may come at once
    "async_insert": 0,  # what is acknowledged is there
}

KEEPING: Settings = {"enable_materialized_cte": 1}
"""Common tables are kept for the time of a query; the latest ClickHouse can do it."""

ADDRESS = "SICKBAY_HISTORY__CLICKHOUSE_URL"


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def opened_clickhouse(
    url: str,
    *,
    user: str | None = None,
    password: str | None = None,
    database: str = "default",
    now: Callable[[], datetime] = _now,
) -> AsyncGenerator[ClickHouseHistory]:
    """A history in a database, which is asked for nothing yet.

    Args:
        url: Of the HTTP interface.
        user: Who asks.
        password: And the password.
        database: It is made where it is not there.
        now: The time.

    Raises:
        BadRequest: The address is none.
        Denied: The password would go over the internet unencrypted.
    """
    async with Database(
        url, user=user, password=password, name=database, setting=ADDRESS
    ) as there:
        yield ClickHouseHistory(there, now)


class ClickHouseHistory:
    """Keeps builds in a database; a ``History``.

    Args:
        database: Its tables are made and migrated when it is first used.
        now: The time.
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._prepared = False
        self._keeping = False
        self._turn = anyio.Lock()

    async def put(self, batch: Batch) -> Receipt:
        """Keep builds: see ``History.put``. Rows that were sent twice count once."""
        await self._prepare()
        for name, some in batch.tables.items():
            if some.num_rows:
                data = await anyio.to_thread.run_sync(packed, name, some)
                once: Settings = {"insert_deduplication_token": token(some)}
                await self._database.insert(insertion(name), data, {**WRITING, **once})
        return Receipt(builds=batch.builds, rows=batch.rows)

    async def ask(self, query: str, **parameters: Any) -> pa.Table:  # noqa: ANN401 - values of SQL
        """The rows of a query: see ``History.ask``."""
        return await self._rows(clickhouse(query), parameters, {})

    async def select(
        self, sql: str, *, max_rows: int, max_s: float, max_bytes: int
    ) -> Answer:
        """The rows of a statement of the user's: see ``History.select``."""
        limits: Settings = {
            "max_result_rows": max_rows + 1,
            "result_overflow_mode": "break",
            "max_execution_time": math.ceil(max_s),
            "timeout_overflow_mode": "throw",
            "max_memory_usage": max_bytes,
        }
        found = await self._rows(translated(checked(sql)), {}, limits)
        return Answer(table=found.slice(0, max_rows), cut=found.num_rows > max_rows)

    async def status(self) -> Status:
        """What is in it."""
        await self._prepare()
        return await status(self._database)

    async def tidy(
        self, *, keep: Keep, force: bool = False, repair: bool = False
    ) -> Tidied:
        """Drop what is superseded or too old: see ``History.tidy``.

        ClickHouse itself compacts and sorts, and mends what is damaged from a replica.
        """
        await self._prepare()
        if repair:
            raise Unsupported(
                "ClickHouse repairs its tables itself",
                hint="its manual tells of detached parts, under ATTACH PART",
            )
        return await tidy(self._database, keep, now=self._now(), force=force)

    async def _rows(
        self, sql: str, parameters: Mapping[str, Any], limits: Settings
    ) -> pa.Table:
        await self._prepare()
        if not self._keeping:
            return await rows(self._database, inlined(sql), parameters, limits)
        return await rows(self._database, sql, parameters, {**KEEPING, **limits})

    async def _prepare(self) -> None:
        async with self._turn:
            if not self._prepared:
                await prepare(self._database)
                self._keeping = await knows(self._database, KEEPING)
                self._prepared = True
