"""Fetches the logs of many jobs and explains them, both at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from datetime import timedelta
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sickbay.clients.explainers import Explainers
from sickbay.core.errors import SickbayError
from sickbay.toolsets.hud.analysis.explanation import Reading
from sickbay.toolsets.hud.source import handle
from sickbay.toolsets.hud.tools.finder import Finder
from sickbay.toolsets.hud.tools.gaps import Gaps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cachetools import LRUCache

    from sickbay.ci.models import Job
    from sickbay.clients.logstore import StoredLog
    from sickbay.core.tool import Call
    from sickbay.logs.report import Report
    from sickbay.toolsets.hud.analysis.reference import JobReference
    from sickbay.toolsets.hud.source import Hud

MAX_JOBS = 100

KEPT = 200
"""Reports that are remembered: the next page of an answer needs them once more."""

MANY = 4
"""Logs that are worth processes of their own, which take a moment to begin."""

Explain = Callable[[str, "StoredLog"], Awaitable["Report"]]
"""From a log's name and the log to what it says."""

_READ: WeakKeyDictionary[Hud, LRUCache[tuple[str, str], Report]] = WeakKeyDictionary()


class Reader:
    """Reads the logs of jobs, while the next ones are fetched.

    Args:
        source: The HUD.
        call: Is told how far it is.
        gaps: Where it goes what was not to be had.
    """

    def __init__(self, source: Hud, call: Call, gaps: Gaps) -> None:
        from cachetools import LRUCache  # noqa: PLC0415 - not when the server starts

        self._source = source
        self._call = call
        self._gaps = gaps
        self._turn = asyncio.Lock()  # two at once in threads take twice the memory
        self._done = self._total = 0
        self._read = _READ.setdefault(source, LRUCache(KEPT))
        self._began = source.now().replace(microsecond=0)  # as the cache counts

    async def read(self, references: Sequence[JobReference]) -> list[Reading]:
        """Read them all, in their order; those without a log are left out."""
        names = {self._name(ref): ref for ref in references}
        self._total = len(names)
        looking = asyncio.ensure_future(self._found(references))
        async with AsyncExitStack() as stack:
            stack.callback(looking.cancel)
            explain = await self._explainer(len(names), stack)
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            logs = await stack.enter_async_context(
                aclosing(self._source.logs.each(names))
            )
            read = [
                tasks.create_task(self._tried(names[name], log, looking, explain))
                async for name, log in logs
            ]
        return [reading for task in read if (reading := task.result())]

    async def _explainer(self, logs: int, stack: AsyncExitStack) -> Explain:
        """What explains a log: of many logs, a few processes at once."""
        if logs < MANY:
            return self._in_thread
        # The rules are compiled once: processes would each do it for themselves.
        await self._call.thread(self._source.rulebook.wanted, self._call)
        folder = self._source.rulebook.folder
        explainers = await stack.enter_async_context(Explainers(folder))
        return lambda name, log: explainers.explain(log.path, source=name)

    async def _in_thread(self, name: str, log: StoredLog) -> Report:
        async with self._turn:
            report: Report = await self._call.thread(self._report, name, log)
        return report

    def _name(self, ref: JobReference) -> str:
        return handle(ref.job_id, repo=ref.repo, usual=self._source.repo)

    async def _found(self, references: Sequence[JobReference]) -> dict[str, Job]:
        """What the HUD knows of the jobs; without it their logs say enough."""
        gaps = Gaps()
        found = await Finder(self._source, gaps).find(references)
        if gaps.first:
            self._gaps.note("what the HUD says", str(gaps.first))
        return {self._name(item.reference): item.job for item in found if item.job}

    async def _tried(
        self,
        ref: JobReference,
        log: StoredLog | SickbayError,
        looking: asyncio.Future[dict[str, Job]],
        explain: Explain,
    ) -> Reading | None:
        job = (await asyncio.shield(looking)).get(self._name(ref))
        reading = self._reading(ref, job, log, explain)
        found = await self._gaps.tried(f"log {self._name(ref)}", reading)
        self._done += 1
        self._call.progress(self._done, self._total)
        return found

    async def _reading(
        self,
        ref: JobReference,
        job: Job | None,
        log: StoredLog | SickbayError,
        explain: Explain,
    ) -> Reading:
        if isinstance(log, SickbayError):
            raise log
        name = self._name(ref)
        if self._is_old(log, job):
            log = await self._source.logs.resolve(name, refresh=True)
        report = self._read.get((name, log.handle))
        if report is None:
            report = await explain(name, log)
            self._read[name, log.handle] = report
        return Reading(reference=ref, job=job, report=report)

    def _is_old(self, log: StoredLog, job: Job | None) -> bool:
        """Whether the log was fetched before the job was over."""
        if job is None or log.fetched_at is None or log.fetched_at >= self._began:
            return False
        if job.unfinished or job.status == "in_progress":  # that may have failed, too
            return True
        if job.started_at is None or job.duration_s is None:
            return False
        return log.fetched_at < job.started_at + timedelta(seconds=job.duration_s)

    def _report(self, name: str, log: StoredLog) -> Report:
        from sickbay.logs.parts import explain_parts  # noqa: PLC0415 - brings the engine

        wanted = self._source.rulebook.wanted(self._call)
        return explain_parts(self._parts(log), wanted, source=name)

    def _parts(self, log: StoredLog) -> Iterator[bytes | memoryview]:
        for part in log.chunks():
            self._call.check()
            yield part
