"""Reports on logs that were read before, in memory and on disk."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

import msgspec

from sickbay import __version__
from sickbay.clients.cache import Disk, Kept, Memory
from sickbay.clients.shapes import known
from sickbay.logs.report import SCHEMA, Report

if TYPE_CHECKING:
    from pathlib import Path

MEMORY_BYTES = 16 << 20
"""Of reports in memory, as they are on disk before they are packed."""

DISK_BYTES = 64 << 20
KEPT_S = 7 * 86_400.0


class Reports:
    """Reports by the log that they are on and the name that it had, for any thread.

    Args:
        folder: Where they are kept; a folder that cannot be written keeps nothing.
    """

    def __init__(self, folder: Path) -> None:
        self._disk = Disk(folder, now=_now, size=DISK_BYTES)
        self._memory = Memory(MEMORY_BYTES, _now)
        self._turn = Lock()

    def get(self, log: str, name: str) -> Report | None:
        """The report of a log, if this version of the engine made it lately.

        Args:
            log: Its handle in the cache of logs, which names its content.
            name: What the report calls it.
        """
        key = _key(log, name)
        with self._turn:
            kept = self._memory.get(key)
        if kept is not None:
            report: Report = kept.value
            return report
        stored = self._disk.get(key)
        if stored is None:
            return None
        try:
            report = msgspec.msgpack.decode(stored[0], type=known(Report))
        except msgspec.MsgspecError:
            return None
        self._remember(key, Kept(report, len(stored[0]), stored[1]))
        return report

    def put(self, log: str, name: str, report: Report) -> None:
        """Keep a report."""
        key, body = _key(log, name), msgspec.msgpack.encode(report)
        until = _now().timestamp() + KEPT_S
        self._remember(key, Kept(report, len(body), until))
        self._disk.put(key, body, until)

    def _remember(self, key: str, kept: Kept) -> None:
        with self._turn:
            self._memory.put(key, kept)


def _key(log: str, name: str) -> str:
    return f"{__version__}/{SCHEMA}/{log}/{name}"


def _now() -> datetime:
    return datetime.now(UTC)
