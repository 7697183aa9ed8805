"""Servers with histories of known stories, for the tests of the toolset."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any

from sickbay.history.opening import opened_history
from sickbay.history.rows import batch
from tests.cli.desk import Desk
from tests.toolsets import stand
from tests.toolsets.history.stories import NOW

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from sickbay.ci.records import BuildRecord
    from sickbay.history.face import History


def put(
    opened: AbstractAsyncContextManager[History], records: Iterable[BuildRecord]
) -> None:
    """Put builds into a history."""

    async def work() -> None:
        async with opened as history:
            await history.put(batch(records, itertools.count(1), NOW))

    asyncio.run(work())


def filled(folder: Path, records: Iterable[BuildRecord]) -> Path:
    """A store with these builds."""
    put(opened_history(folder), records)
    return folder


def settings_of(store: Path, **more: object) -> dict[str, Any]:
    """What a server needs to read a store."""
    return {"toolsets": "history", "history": {"path": store, **more}}


def desk_at(folder: Path, store: Path) -> Desk:
    """A machine whose history is there."""
    return Desk(
        folder,
        {"SICKBAY_HISTORY__PATH": str(store), "SICKBAY_TOOLSETS": "history"},
    )


class Stand(stand.Stand):
    """A server with the toolset, and a client of it.

    Args:
        folder: Holds what it keeps.
        store: Of its history.
        history: More settings of the toolset.
    """

    def __init__(self, folder: Path, store: Path, **history: object) -> None:
        kept = {"cache": folder / "cache", "state": folder / "state"}
        super().__init__({**kept, **settings_of(store, **history)})
