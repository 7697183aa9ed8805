"""Reads the logs of many jobs, while the HUD is asked about them."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from sickbay.ci.handles import handle
from sickbay.clients.reader import Reader as LogReader
from sickbay.core.gaps import Gaps
from sickbay.toolsets.hud.analysis.explanation import Reading
from sickbay.toolsets.hud.tools.finder import Finder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.models import Job
    from sickbay.core.tool import Call
    from sickbay.toolsets.hud.analysis.reference import JobReference
    from sickbay.toolsets.hud.source import Hud

MAX_JOBS = 100


class Reader:
    """Reads the logs of jobs, and finds out what the HUD says of them.

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
        source, read = self._source, []
        reader = LogReader(source.logs, source.rulebook, source.reports, self._call)
        try:
            async with aclosing(reader.each(names)) as reports:
                async for name, report in reports:
                    read.append((name, self._gaps.had(f"log {name}", report)))
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
