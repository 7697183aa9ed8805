"""A history in a folder: builds are appended, and asked for with DuckDB."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

import anyio
import pyarrow as pa
from anyio import to_thread

from sickbay.core.errors import Unavailable
from sickbay.history.delta.condition import status
from sickbay.history.delta.upkeep import Upkeep
from sickbay.history.face import Receipt
from sickbay.history.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime, timedelta

    from sickbay.history.delta.tables import Tables
    from sickbay.history.face import Answer, Keep, Status, Tidied
    from sickbay.history.rows import Batch


class Engine(Protocol):
    """Answers questions on the files of a store; threads may share it."""

    def ask(self, query: str, parameters: Mapping[str, Any]) -> pa.Table:
        """The rows of a query."""

    def select(
        self, sql: str, *, max_rows: int, max_s: float, max_bytes: int
    ) -> Answer:
        """The rows of somebody's statement."""


PATIENCE_S = 3600.0
"""Rows whose build is not there a day later go: it must not come then."""

AGAIN = "put them again"

AT_ONCE = 2
"""Statements of the user's; each may take as much memory as is allowed."""


class DeltaHistory:
    """A history in Delta tables, as ``face.History`` says.

    Args:
        tables: Where it is.
        engine: Reads them.
        keep: What stays when it tidies itself.
        now: The time.
        dead_for: How long files that went are kept for those who read them.
    """

    def __init__(
        self,
        tables: Tables,
        engine: Engine,
        *,
        keep: Keep,
        now: Callable[[], datetime],
        dead_for: timedelta,
    ) -> None:
        self._tables = tables
        self._engine = engine
        self._upkeep = Upkeep(tables, keep=keep, now=now, dead_for=dead_for)
        self._writer = anyio.Lock()
        self._selecting = anyio.CapacityLimiter(AT_ONCE)
        self._waiting: dict[object, Batch] = {}

    async def aclose(self) -> None:
        """Wait for what goes on in the background."""
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(self._upkeep.close)

    async def put(self, batch: Batch) -> Receipt:
        """Keep builds; those that wait for the same writer are written together."""
        mine = object()
        self._waiting[mine] = batch
        try:
            async with self._writer:
                if mine in self._waiting:
                    group = dict(self._waiting)
                    await to_thread.run_sync(self._write, [*group.values()])
                    for put in group:
                        self._waiting.pop(put, None)
        finally:
            self._waiting.pop(mine, None)
        return Receipt(builds=batch.builds, rows=batch.rows)

    async def ask(self, query: str, **parameters: Any) -> pa.Table:  # noqa: ANN401 - values of SQL
        """The rows of one of the queries in ``history/queries``."""
        return await to_thread.run_sync(lambda: self._engine.ask(query, parameters))

    async def select(
        self, sql: str, *, max_rows: int, max_s: float, max_bytes: int
    ) -> Answer:
        """The rows of a statement that somebody wrote."""
        return await to_thread.run_sync(
            lambda: self._engine.select(
                sql, max_rows=max_rows, max_s=max_s, max_bytes=max_bytes
            ),
            limiter=self._selecting,
        )

    async def status(self) -> Status:
        """What is in it."""
        return await to_thread.run_sync(status, self._tables, self._engine)

    async def tidy(
        self, *, keep: Keep, force: bool = False, repair: bool = False
    ) -> Tidied:
        """Compact, sort, and drop what is superseded or too old, where it pays."""
        return await to_thread.run_sync(
            lambda: self._upkeep.tidy(keep, force=force, repair=repair)
        )

    def _write(self, batches: list[Batch]) -> None:
        began = time.time()
        for name in TABLES:
            if name == "builds" and time.time() - began > PATIENCE_S:
                raise Unavailable("the machine slept while builds were put", hint=AGAIN)
            self._tables.append(
                name, pa.concat_tables([batch.tables[name] for batch in batches])
            )
        self._upkeep.look()
