"""What failed attempts say: their logs, the ends of large ones, JUnit files."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from sickbay.ci.scan.models import FailedJob
from sickbay.clients.reader import Reader
from sickbay.core.errors import NotFound, SickbayError, TooLarge
from sickbay.render.words import size
from sickbay.toolsets.buildkite.source.files import Files
from sickbay.toolsets.buildkite.source.tails import Tails

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sickbay.ci.builds import Attempt, Build, BuildJob
    from sickbay.ci.hearing import Heard
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

_NAMED = 3
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
        all_tests: Those that passed are wanted, too.
    """

    most: int = MAX_LOGS
    said: str = f"a scan reads {MAX_LOGS:,}, what failed for good first"
    job: Callable[[str], bool] = _any
    passed: bool = False
    all_tests: bool = False


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
        self._files = Files(source, call, gaps, all_tests=wishes.all_tests)
        self._done = 0
        self._said: dict[str, Heard] = {}
        self.examined = 0
        self.total = 0
        self.cut: set[str] = set()
        self.gone: set[str] = set()
        self.heard: Mapping[str, Heard] = {}

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
        said: dict[str, Heard] = {}
        for _, item in asked:
            one, job_id = read.get(item.log or ""), str(item.job_id)
            if one and one.cut:
                self.cut.add(job_id)
            if one and one.sort[0] == NotFound.kind:
                self.gone.add(job_id)
            if heard := self._said.get(item.log or ""):
                said[job_id] = heard
        found = tuple(_failed(job, item, read) for job, item in asked)
        found, self.heard = await self._files.added(build, found, said)
        return found

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
        heard = self._hear if self._wishes.all_tests else None
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
