"""What failed attempts say: their logs, the ends of large ones, JUnit files."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sickbay.ci.references import BuildRef, parsed_job
from sickbay.ci.scan.models import FailedJob
from sickbay.clients.reader import Reader
from sickbay.core.errors import SickbayError, TooLarge
from sickbay.render.words import size

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sickbay.ci.builds import Attempt, Build, BuildJob
    from sickbay.clients.buildkite.models import Artifact
    from sickbay.core.gaps import Gaps
    from sickbay.core.tool import Call
    from sickbay.logs.report import Report
    from sickbay.toolsets.buildkite.source import Buildkite

MAX_LOGS = 400
"""That one scan reads; what failed for good comes first."""

TAIL = 16 << 20
"""Bytes of the end of a log that is too large to be read as a whole."""

JUNIT_FILES = 20
JUNIT = "*.xml"

_NAMED = 3
_RANK = {"failed": 0, "soft_failed": 1}
_NEVER_RAN = "it never ran, so it has no log"


@dataclass(frozen=True, slots=True)
class _Read:
    """What became of one log.

    Attributes:
        sort: The same for all logs that are missing for the same reason.
    """

    report: Report | None = None
    why: str | None = None
    sort: tuple[str, str] = ("", "")


class Readings:
    """Reads the logs of failed attempts.

    Args:
        source: Buildkite.
        call: Is told how far it is.
        gaps: Where it goes what was not to be had.

    Attributes:
        examined: Logs that were read.
        total: Logs that there are.
    """

    def __init__(self, source: Buildkite, call: Call, gaps: Gaps) -> None:
        self._source = source
        self._call = call
        self._gaps = gaps
        self.examined = 0
        self.total = 0

    async def of(self, build: Build) -> tuple[FailedJob, ...]:
        """Every failed attempt of the build, retried ones included."""
        failed = sorted(
            ((job, item) for job in build.jobs for item in job.failed_attempts),
            key=lambda pair: _RANK.get(pair[0].ending, len(_RANK)),
        )
        names = [item.log for _, item in failed if item.log]
        self.total = len(names)
        read = await self._logs(names[:MAX_LOGS])
        self._note(failed, read, len(names) - MAX_LOGS)
        found = tuple(_failed(job, item, read) for job, item in failed)
        return await self._with_junit(build, found)

    async def _logs(self, names: Sequence[str]) -> dict[str, _Read]:
        source, read = self._source, dict[str, _Read]()
        reader = Reader(source.logs, source.rulebook, source.reports, self._call)
        async with aclosing(reader.each(names)) as reports:
            async for name, found in reports:
                read[name] = await self._taken(name, found)
                self._call.progress(len(read), len(names))
        self.examined = sum(item.report is not None for item in read.values())
        return read

    async def _taken(self, name: str, found: Report | SickbayError) -> _Read:
        if not isinstance(found, SickbayError):
            return _Read(found)
        if not isinstance(found, TooLarge):
            return _missing(found)
        try:
            return await self._end(name)
        except SickbayError as exc:
            return _missing(exc)

    async def _end(self, name: str) -> _Read:
        """What the end of a log says that is too large."""
        most = min(TAIL, int(self._source.settings.max_log_bytes))
        tail = await self._source.client.log_tail(parsed_job(name), most)
        report = await self._call.thread(self._explained, name, tail.data)
        if tail.whole:
            return _Read(report)
        said = f"only the last {size(len(tail.data))} were read"
        return _Read(report, said, (TooLarge.kind, ""))

    def _explained(self, name: str, data: bytes) -> Report:
        from sickbay.logs.parts import explain_parts  # noqa: PLC0415 - brings the engine

        wanted = self._source.rulebook.wanted(self._call)
        return explain_parts([data], wanted, source=name)

    def _note(
        self,
        failed: Iterable[tuple[BuildJob, Attempt]],
        read: dict[str, _Read],
        left: int,
    ) -> None:
        """Tell what was not read, once for each reason."""
        missing: dict[tuple[str, str], dict[str, str]] = {}
        for _, item in failed:
            found = read.get(item.log or "")
            if found and found.why:
                missing.setdefault(found.sort, {})[item.name] = found.why
        for whys in missing.values():
            names = list(whys)
            more = len(names) - _NAMED
            rest = f" and {more:,} more" if more > 0 else ""
            named = f"log of {', '.join(names[:_NAMED])}{rest}"
            self._gaps.note(named, whys[names[0]])
        if left > 0:
            said = f"a scan reads {MAX_LOGS:,}, what failed for good first"
            self._gaps.note(f"{left:,} more logs", said)

    async def _with_junit(
        self, build: Build, failed: tuple[FailedJob, ...]
    ) -> tuple[FailedJob, ...]:
        """The same, with what JUnit files say where logs name no test."""
        lacking = {str(one.attempt.job_id) for one in failed if _lacks_results(one)}
        if not lacking:
            return failed
        ref = BuildRef(build.organization, build.pipeline, build.number)
        asked = self._source.client.artifacts(ref, path=JUNIT)
        found = await self._gaps.tried("JUnit files", asked)
        files = (
            [item for item in found.items if item.job_id in lacking] if found else []
        )
        if len(files) > JUNIT_FILES:
            said = f"a scan reads {JUNIT_FILES}"
            self._gaps.note(f"{len(files) - JUNIT_FILES:,} more JUnit files", said)
        results = await asyncio.gather(*map(self._junit, files[:JUNIT_FILES]))
        of_job: dict[str, list[bytes]] = {}
        for item, data in zip(files, results, strict=False):
            if data is not None:
                of_job.setdefault(str(item.job_id), []).append(data)
        return tuple(_reconciled(one, of_job) for one in failed)

    async def _junit(self, item: Artifact) -> bytes | None:
        asked = self._source.client.artifact(item)
        return await self._gaps.tried(f"JUnit file {item.path}", asked)


def _missing(error: SickbayError) -> _Read:
    return _Read(why=str(error), sort=(error.kind, error.hint))


def _failed(job: BuildJob, attempt: Attempt, read: dict[str, _Read]) -> FailedJob:
    if not attempt.log:
        return FailedJob(job=job, attempt=attempt, why=_NEVER_RAN)
    found = read.get(attempt.log, _Read(why="there were too many logs"))
    return FailedJob(job=job, attempt=attempt, report=found.report, why=found.why)


def _lacks_results(failed: FailedJob) -> bool:
    """Whether tests may have failed that the log does not name."""
    ended = failed.attempt.exit_status
    if failed.job.last is not failed.attempt or ended is None or ended < 0:
        return False
    return failed.report is None or not failed.report.tests.failed


def _reconciled(failed: FailedJob, of_job: dict[str, list[bytes]]) -> FailedJob:
    from sickbay.ci.junit import junit_results, reconciled  # noqa: PLC0415 - seldom

    report = failed.report
    for data in of_job.get(str(failed.attempt.job_id), ()):
        if report is not None:
            report = reconciled(report, junit_results(data))
    return replace(failed, report=report)
