"""What failed attempts say: their logs, the ends of large ones, JUnit files."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import reduce
from itertools import islice
from typing import TYPE_CHECKING

from sickbay.ci.references import BuildRef
from sickbay.ci.scan.models import FailedJob
from sickbay.clients.reader import Reader
from sickbay.core.errors import NotFound, SickbayError, TooLarge
from sickbay.render.words import size
from sickbay.toolsets.buildkite.source.tails import Tails

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from sickbay.ci.builds import Attempt, Build, BuildJob
    from sickbay.ci.hearing import Heard
    from sickbay.ci.junit import JunitResults
    from sickbay.clients.buildkite.models import Artifact
    from sickbay.core.gaps import Gaps
    from sickbay.core.tool import Call
    from sickbay.logs.frameworks.results import Session
    from sickbay.logs.log import Log
    from sickbay.logs.report import Report
    from sickbay.toolsets.buildkite.source import Buildkite

MAX_LOGS = 400
"""That one scan reads; what failed for good comes first."""

LARGE_END = 16 << 20
"""Bytes that are read of a log that is too large to be read as a whole."""

END = 512 << 10
"""Bytes that are read of an attempt after which another one failed, too."""

JUNIT_FILES = 20
JUNIT = "*.xml"

MAX_JUNIT = 8 << 20
"""Bytes of a JUnit file: it is held and read at once, and whoever tests wrote it."""

JUNIT_AT_ONCE = 4

_NAMED = 3
_SHOWN = 200
_RANK = {"failed": 0, "soft_failed": 1}
_NEVER_RAN = "it never ran, so it has no log"


def _any(_name: str) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """Which logs are read, and how closely.

    Attributes:
        most: How many.
        said: What sets that limit.
        job: Whether a job of that name is meant.
        passed: Those of jobs that passed, too.
        heard: The tests that passed are wanted, too.
    """

    most: int = MAX_LOGS
    said: str = f"a scan reads {MAX_LOGS:,}, what failed for good first"
    job: Callable[[str], bool] = _any
    passed: bool = False
    heard: bool = False


@dataclass(frozen=True, slots=True)
class _Read:
    """What became of one log.

    Attributes:
        sort: The same for all logs that are missing for the same reason.
        cut: Only its end was read.
    """

    report: Report | None = None
    why: str | None = None
    sort: tuple[str, str] = ("", "")
    cut: bool = False


_USUAL = Wishes()


class Readings:
    """Reads the logs of failed attempts.

    Args:
        source: Buildkite.
        call: Is told how far it is.
        gaps: Where it goes what was not to be had.
        wishes: Which of them.

    Attributes:
        examined: Logs that were read.
        total: Logs that there are.
        cut: Ids of attempts of which the end was read: nobody knows its lines.
        gone: Ids of attempts whose logs are there no more.
        heard: By the id of an attempt, what its log and files say besides.
    """

    def __init__(
        self, source: Buildkite, call: Call, gaps: Gaps, wishes: Wishes = _USUAL
    ) -> None:
        self._wishes = wishes
        self._source = source
        self._call = call
        self._gaps = gaps
        self._tails = Tails(source, call)
        self._turns = asyncio.Semaphore(JUNIT_AT_ONCE)
        self._done = 0
        self._said: dict[str, Heard] = {}
        self.examined = 0
        self.total = 0
        self.cut: set[str] = set()
        self.gone: set[str] = set()
        self.heard: dict[str, Heard] = {}

    async def of(self, build: Build) -> tuple[FailedJob, ...]:
        """Every failed attempt of the build, retried ones included.

        Attempts that passed come behind them, where they are wished for.
        """
        asked = sorted(
            ((job, item) for job in build.jobs for item in self._wished(job)),
            key=lambda pair: _RANK.get(pair[0].ending, len(_RANK)),
        )
        logs = {item.log: _counts(job, item) for job, item in asked if item.log}
        self.total = len(logs)
        wanted = dict(islice(logs.items(), self._wishes.most))
        read = await self._logs(wanted)
        self._note(asked, read, len(logs) - len(wanted))
        self.examined = sum(item.report is not None for item in read.values())
        for _, item in asked:
            one, job_id = read.get(item.log or ""), str(item.job_id)
            if one and one.cut:
                self.cut.add(job_id)
            if one and one.sort[0] == NotFound.kind:
                self.gone.add(job_id)
            if heard := self._said.get(item.log or ""):
                self.heard[job_id] = heard
        found = tuple(_failed(job, item, read) for job, item in asked)
        return await self._with_junit(build, found)

    def _wished(self, job: BuildJob) -> Sequence[Attempt]:
        """The attempts of a job whose logs are wanted."""
        if not self._wishes.job(job.name):
            return ()
        passed = [job.last] if self._wishes.passed and job.last.passed else []
        return [*job.failed_attempts, *passed]

    async def _logs(self, wanted: Mapping[str, bool]) -> dict[str, _Read]:
        """What logs say: of attempts that count all of it, of others the end."""
        others = [log for log, counts in wanted.items() if not counts]
        first = [log for log, counts in wanted.items() if counts]
        ends, read = await asyncio.gather(
            asyncio.gather(*(self._end(log, len(wanted)) for log in others)),
            self._whole(first, len(wanted)),
        )
        read |= {log: end for log, end in zip(others, ends, strict=True) if end}
        rest = [log for log in others if log not in read]
        return read | await self._whole(rest, len(wanted))

    async def _whole(self, logs: Sequence[str], total: int) -> dict[str, _Read]:
        source, read = self._source, dict[str, _Read]()
        heard = self._hear if self._wishes.heard else None
        reader = Reader(
            source.logs, source.rulebook, source.reports, self._call, heard=heard
        )
        async with aclosing(reader.each(logs)) as reports:
            async for log, found in reports:
                read[log] = await self._taken(log, found)
                self._progress(total)
        return read

    def _hear(self, name: str, log: Log, sessions: Sequence[Session]) -> None:
        from sickbay.ci.hearing import heard  # noqa: PLC0415 - seldom

        self._said[name] = heard(log, sessions)

    async def _end(self, log: str, total: int) -> _Read | None:
        """What the end of a log says; None where the whole of it has to be read."""
        try:
            tail = await self._tails.read(log, END)
        except SickbayError:
            return None
        if not tail.report.found_failure:
            return None
        self._progress(total)
        return _Read(tail.report, cut=not tail.whole)

    async def _taken(self, log: str, found: Report | SickbayError) -> _Read:
        if not isinstance(found, SickbayError):
            return _Read(found)
        if not isinstance(found, TooLarge):
            return _missing(found)
        try:
            tail = await self._tails.read(log, LARGE_END)
        except SickbayError as exc:
            return _missing(exc)
        said = f"only the last {size(tail.bytes)} were read"
        return _Read(tail.report, said, (TooLarge.kind, ""), cut=True)

    def _progress(self, total: int) -> None:
        self._done += 1
        self._call.progress(self._done, total)

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
            self._gaps.note(f"{left:,} more logs", self._wishes.said)

    async def _with_junit(
        self, build: Build, failed: tuple[FailedJob, ...]
    ) -> tuple[FailedJob, ...]:
        """The same, with what JUnit files say where logs name no test."""
        lacking = {str(one.attempt.job_id) for one in failed if self._lacks(one)}
        if not lacking:
            return failed
        ref = BuildRef(build.organization, build.pipeline, build.number)
        asked = self._source.client.artifacts(ref, path=JUNIT)
        listed = await self._gaps.tried("JUnit files", asked)
        files = (
            [item for item in listed.items if item.job_id in lacking] if listed else []
        )
        if len(files) > JUNIT_FILES:
            said = f"a scan reads {JUNIT_FILES}"
            self._gaps.note(f"{len(files) - JUNIT_FILES:,} more JUnit files", said)
        results = await asyncio.gather(*map(self._junit, files[:JUNIT_FILES]))
        of_job: dict[str, list[JunitResults]] = {}
        for item, found in zip(files, results, strict=False):
            if found is not None and found.why is None:
                of_job.setdefault(str(item.job_id), []).append(found)
        if self._wishes.heard:
            whole = {job_id for job_id in of_job if _all_of(job_id, files, of_job)}
            self.heard |= await self._call.thread(_joined, self.heard, of_job, whole)
        made: tuple[FailedJob, ...] = await self._call.thread(
            _reconciled, failed, of_job
        )
        return made

    def _lacks(self, one: FailedJob) -> bool:
        """Whether its log leaves tests out that JUnit files may name."""
        if one.attempt.failed and _lacks_results(one):
            return True
        heard = self.heard.get(str(one.attempt.job_id))
        named = heard is not None and heard.listing == "all"
        return self._wishes.heard and not named and _came_to_its_end(one)

    async def _junit(self, item: Artifact) -> JunitResults | None:
        """What a JUnit file says."""
        async with self._turns:
            asked = self._source.client.artifact(item, max_bytes=MAX_JUNIT)
            data = await self._gaps.tried(f"JUnit file {item.path[:_SHOWN]}", asked)
            if data is None:
                return None
            found: JunitResults = await self._call.thread(_results, data)
            return found


def _counts(job: BuildJob, attempt: Attempt) -> bool:
    """Whether an attempt says more than the one that took its place."""
    return attempt is job.last or job.last.passed or attempt.finished_at is None


def _missing(error: SickbayError) -> _Read:
    return _Read(why=str(error), sort=(error.kind, error.hint))


def _failed(job: BuildJob, attempt: Attempt, read: dict[str, _Read]) -> FailedJob:
    if not attempt.log:
        return FailedJob(job=job, attempt=attempt, why=_NEVER_RAN)
    found = read.get(attempt.log, _Read(why="there were too many logs"))
    return FailedJob(job=job, attempt=attempt, report=found.report, why=found.why)


def _lacks_results(failed: FailedJob) -> bool:
    """Whether tests may have failed that the log does not name."""
    named = failed.report is not None and failed.report.tests.failed
    return _came_to_its_end(failed) and not named


def _came_to_its_end(one: FailedJob) -> bool:
    ended = one.attempt.exit_status
    return one.job.last is one.attempt and ended is not None and ended >= 0


def _all_of(
    job_id: str, files: Sequence[Artifact], read: Mapping[str, Sequence[JunitResults]]
) -> bool:
    """Whether every file of a job was read."""
    theirs = sum(item.job_id == job_id for item in files)
    return len(read[job_id]) == theirs and len(files) <= JUNIT_FILES


def _joined(
    logs: Mapping[str, Heard],
    of_job: Mapping[str, Sequence[JunitResults]],
    whole: Collection[str],
) -> dict[str, Heard]:
    """What logs and files say together; some of the files of a job say nothing of all.

    Args:
        logs: What logs say, by the id of the attempt.
        of_job: What files say, by the same.
        whole: Attempts of which every file was read.
    """
    from sickbay.ci.hearing import Heard, joined  # noqa: PLC0415 - seldom

    made = {}
    for job_id, files in of_job.items():
        log = logs.get(job_id, Heard())
        both = joined(log, [one.heard for one in files])
        part = replace(both, listing="failed", complete=log.complete)
        made[job_id] = both if job_id in whole else part
    return made


def _results(data: bytes) -> JunitResults:
    from sickbay.ci.junit import junit_results  # noqa: PLC0415 - seldom

    return junit_results(data)


def _reconciled(
    failed: Iterable[FailedJob], of_job: Mapping[str, Sequence[JunitResults]]
) -> tuple[FailedJob, ...]:
    """The same, each with what the files of its job say."""
    from sickbay.ci.junit import reconciled  # noqa: PLC0415 - seldom

    return tuple(
        replace(one, report=reduce(reconciled, found, one.report))
        if one.report and (found := of_job.get(str(one.attempt.job_id)))
        else one
        for one in failed
    )
