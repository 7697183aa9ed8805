"""Fetches the logs of many jobs and explains them, both at the same time."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from sickbay.ci.handles import handle
from sickbay.core.errors import SickbayError
from sickbay.core.gaps import Gaps
from sickbay.toolsets.hud.analysis.explanation import Reading
from sickbay.toolsets.hud.tools.finder import Finder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.ci.models import Job
    from sickbay.clients.logstore import StoredLog
    from sickbay.core.tool import Call
    from sickbay.logs.report import Report
    from sickbay.toolsets.hud.analysis.reference import JobReference
    from sickbay.toolsets.hud.source import Hud

MAX_JOBS = 100


class Reader:
    """Reads the logs of jobs: one after the other, while the next ones are fetched.

    Args:
        source: The HUD.
        call: Is told how far it is.
        gaps: Where it goes what was not to be had.
    """

    def __init__(self, source: Hud, call: Call, gaps: Gaps) -> None:
        self._source = source
        self._call = call
        self._gaps = gaps

    async def read(self, references: Sequence[JobReference]) -> list[Reading]:
        """Read them all, in their order; those without a log are left out."""
        names = {self._name(ref): ref for ref in references}
        looking = asyncio.ensure_future(self._found(references))
        read = []
        try:
            async with aclosing(self._source.logs.each(names)) as logs:
                async for name, log in logs:
                    report = await self._gaps.tried(
                        f"log {name}", self._read(name, log)
                    )
                    read.append((name, report))
                    self._call.progress(len(read), len(names))
            jobs = await looking
        finally:
            looking.cancel()
        return [
            Reading(reference=names[name], job=jobs.get(name), report=report)
            for name, report in read
            if report is not None
        ]

    def _name(self, ref: JobReference) -> str:
        return handle(ref.job_id, repo=ref.repo, usual=self._source.repo)

    async def _found(self, references: Sequence[JobReference]) -> dict[str, Job]:
        """What the HUD knows of the jobs; without it their logs say enough."""
        gaps = Gaps()
        found = await Finder(self._source, gaps).find(references)
        if gaps.first:
            self._gaps.note("what the HUD says", str(gaps.first))
        return {self._name(item.reference): item.job for item in found if item.job}

    async def _read(self, name: str, log: StoredLog | SickbayError) -> Report:
        if isinstance(log, SickbayError):
            raise log
        report = self._source.reports.get((name, log.handle))
        if report is None:
            report = await self._call.thread(self._report, name, log)
            self._source.reports[name, log.handle] = report
        return report

    def _report(self, name: str, log: StoredLog) -> Report:
        from sickbay.logs.parts import explain_parts  # noqa: PLC0415 - brings the engine

        wanted = self._source.rulebook.wanted(self._call)
        return explain_parts(self._parts(log), wanted, source=name)

    def _parts(self, log: StoredLog) -> Iterator[bytes | memoryview]:
        for part in log.chunks():
            self._call.check()
            yield part
