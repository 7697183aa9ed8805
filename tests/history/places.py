"""Where histories of tests are kept: in a folder, and in ClickHouse's engine."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.history.opening import opened_history
from tests.history.drawn import NOW

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable
    from datetime import datetime
    from pathlib import Path

    from sickbay.history.face import History, Keep
    from sickbay.history.rows import Batch
    from tests.history.clickhouse.double import Double


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place of one history, which may be opened any number of times.

    Attributes:
        double: The server that keeps it; None in a folder.
    """

    folder: Path
    database: str
    double: Double | None = None

    @asynccontextmanager
    async def opened(
        self, *, keep: Keep | None = None, now: datetime = NOW
    ) -> AsyncGenerator[History]:
        """The history that is kept there."""
        double = self.double
        async with opened_history(
            self.folder,
            url=double.url if double else None,
            user=double.user if double else None,
            password=double.password if double else None,
            database=self.database,
            keep=keep,
            now=lambda: now,
        ) as history:
            yield history

    @asynccontextmanager
    async def filled(self, batches: Iterable[Batch]) -> AsyncGenerator[History]:
        """The history, with builds put into it one after the other."""
        async with self.opened() as history:
            for batch in batches:
                await history.put(batch)
            yield history
