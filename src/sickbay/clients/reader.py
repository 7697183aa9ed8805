"""Reads many logs and explains them: one, while the next ones are fetched."""

from __future__ import annotations

from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

from sickbay.core.errors import SickbayError

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        Callable,
        Iterable,
        Iterator,
        Sequence,
    )

    from sickbay.clients.logstore import LogStore, StoredLog
    from sickbay.clients.reports import Reports
    from sickbay.clients.rulebook import Rulebook
    from sickbay.core.tool import Call
    from sickbay.logs.frameworks.results import Session
    from sickbay.logs.log import Log
    from sickbay.logs.report import Report


class Reader:
    """Makes reports of logs, unless they were made before.

    Args:
        logs: Fetches them.
        rulebook: What to look for.
        reports: Those made before.
        call: Has worker threads, and says when to stop.
        heard: Is told, with its name, what the report of a log leaves out; then every
            log is read anew.
    """

    def __init__(
        self,
        logs: LogStore,
        rulebook: Rulebook,
        reports: Reports,
        call: Call,
        *,
        heard: Callable[[str, Log, Sequence[Session]], None] | None = None,
    ) -> None:
        self._heard = heard
        self._logs = logs
        self._rulebook = rulebook
        self._reports = reports
        self._call = call

    async def each(
        self, names: Iterable[str]
    ) -> AsyncGenerator[tuple[str, Report | SickbayError]]:
        """Many logs by whatever a log store takes, in their order.

        Yields:
            Each name with what its log says, or why that is not to be had.
        """
        async with aclosing(self._logs.each(names)) as logs:
            async for name, log in logs:
                yield name, await self._read(name, log)

    async def _read(
        self, name: str, log: StoredLog | SickbayError
    ) -> Report | SickbayError:
        if isinstance(log, SickbayError):
            return log
        try:
            report: Report = await self._call.thread(self._report, name, log)
        except SickbayError as exc:
            return exc
        return report

    def _report(self, name: str, log: StoredLog) -> Report:
        from sickbay.logs.parts import explain_parts  # noqa: PLC0415 - brings the engine

        known = None if self._heard else self._reports.get(log.handle, name)
        if known is not None:
            return known
        wanted = self._rulebook.wanted(self._call)
        heard = partial(self._heard, name) if self._heard else None
        report = explain_parts(self._parts(log), wanted, source=name, heard=heard)
        self._reports.put(log.handle, name, report)
        return report

    def _parts(self, log: StoredLog) -> Iterator[bytes | memoryview]:
        for part in log.chunks():
            self._call.check()
            yield part
