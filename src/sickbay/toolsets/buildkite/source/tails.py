"""The ends of logs: of those that are too large, or not worth to be read as a whole."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.ci.references import parsed_job

if TYPE_CHECKING:
    from sickbay.clients.buildkite.models import LogTail
    from sickbay.core.tool import Call
    from sickbay.logs.report import Report
    from sickbay.toolsets.buildkite.source import Buildkite

AT_ONCE = 4
"""Ends of logs that are fetched at the same time."""


@dataclass(frozen=True, slots=True)
class Tail:
    """What the end of a log says.

    Attributes:
        whole: It was all of the log; if not, nobody knows the numbers of its lines.
    """

    report: Report
    whole: bool

    @property
    def bytes(self) -> int:
        """Of the end."""
        return self.report.bytes


class Tails:
    """Reads the ends of logs, each once.

    Args:
        source: Buildkite.
        call: Has worker threads.
    """

    def __init__(self, source: Buildkite, call: Call) -> None:
        self._source = source
        self._call = call
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def read(self, log: str, max_bytes: int) -> Tail:
        """What the end of a log says.

        Args:
            log: Handle of the log of a job that is over.
            max_bytes: How much of it is read.

        Raises:
            SickbayError: It is not to be had.
        """
        max_bytes = min(max_bytes, int(self._source.settings.max_log_bytes))
        known: Tail | None = await self._call.thread(self._known, log, max_bytes)
        if known is not None:
            return known
        async with self._turns:
            found = await self._source.client.log_tail(parsed_job(log), max_bytes)
            made: Tail = await self._call.thread(self._made, log, max_bytes, found)
        return made

    def _known(self, log: str, max_bytes: int) -> Tail | None:
        for whole in (True, False):
            report = self._source.reports.get(_key(max_bytes, whole=whole), log)
            if report is not None:
                return Tail(report, whole)
        return None

    def _made(self, log: str, max_bytes: int, found: LogTail) -> Tail:
        from sickbay.logs.parts import explain_parts  # noqa: PLC0415 - brings the engine

        wanted = self._source.rulebook.wanted(self._call)
        report = explain_parts([found.data], wanted, source=log)
        self._source.reports.put(_key(max_bytes, whole=found.whole), log, report)
        return Tail(report, found.whole)


def _key(max_bytes: int, *, whole: bool) -> str:
    return f"{'whole' if whole else 'end'}:{max_bytes}"
