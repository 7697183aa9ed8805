"""Opens a history, wherever it is kept."""

from __future__ import annotations

from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sickbay.history.face import Keep

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

    from sickbay.history.face import History

DEAD_FOR = timedelta(hours=24)
"""How long files that went are kept for those who read them."""


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def opened_history(  # noqa: PLR0913 - each is a setting
    path: Path,
    *,
    url: str | None = None,
    user: str | None = None,
    password: str | None = None,
    database: str = "sickbay",
    keep: Keep | None = None,
    now: Callable[[], datetime] = _now,
    dead_for: timedelta = DEAD_FOR,
) -> AsyncGenerator[History]:
    """A history; nothing is made before something is put into it.

    Args:
        path: Folder of its tables.
        url: Of a ClickHouse that keeps it instead.
        user: Who asks there.
        password: And the password.
        database: Where in it.
        keep: What stays when it tidies itself.
        now: The time.
        dead_for: How long files that went are kept for those who read them.

    Raises:
        BadRequest: The address is none, or the folder has a name that cannot be used.
        Denied: The password would go over the internet unencrypted.
    """
    # Who has one of the two need not wait for the other to be imported.
    if url:
        from sickbay.history.clickhouse.history import (  # noqa: PLC0415 - see above
            opened_clickhouse,
        )

        async with opened_clickhouse(
            url, user=user, password=password, database=database, now=now
        ) as there:
            yield there
        return
    from sickbay.history.delta.store import DeltaHistory  # noqa: PLC0415 - see above
    from sickbay.history.delta.tables import Tables  # noqa: PLC0415 - same
    from sickbay.history.duck.engine import Engine  # noqa: PLC0415 - same

    tables = Tables(path)
    with closing(Engine(tables.snapshot)) as engine:
        history = DeltaHistory(
            tables, engine, keep=keep or Keep(), now=now, dead_for=dead_for
        )
        try:
            yield history
        finally:
            await history.aclose()
