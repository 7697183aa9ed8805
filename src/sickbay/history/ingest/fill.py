"""Filling: the builds of a CI into a history, those that are not there yet."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any

from sickbay.ci.matching import matcher
from sickbay.ci.states import FAILED
from sickbay.core.errors import SickbayError
from sickbay.core.results import Skipped
from sickbay.history.ingest.filled import BAD, Filled
from sickbay.history.ingest.keeping import keep

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from sickbay.ci.records import BuildRecord
    from sickbay.ci.services import BuildSource, BuildsWanted, Depth, FoundBuild
    from sickbay.core.tool import Call
    from sickbay.history.face import History

PATIENCE = 3
"""Builds in a row that may fail for a reason that passes before it gives up."""

_UNREAD = "none"
_DAY = timedelta(days=1)


async def fill(  # noqa: PLR0913 - all but four have a default, or a name
    history: History,
    source: BuildSource,
    wanted: BuildsWanted,
    depth: Depth,
    *,
    call: Call,
    now: Callable[[], datetime],
    budget_s: float | None = None,
    most: int | None = None,
) -> Filled:
    """Read the builds that a history lacks, the newest first, and keep each at once.

    What was read stays, however it ends; the next time goes on from there. A build is
    lacking when it is not there, ended differently since, or has failed jobs whose logs
    were not read and now would be.

    Args:
        history: Where they go.
        source: Has them.
        wanted: Which of them.
        depth: How much of each is read.
        call: Is told how far it is, in builds or in days.
        now: The time.
        budget_s: How long it may take; a build that is not read by then is not kept.
        most: How many builds are read.

    Raises:
        SickbayError: Not even one build could be had, or the history not be written.
    """
    known = await _known(history, source, wanted, depth)
    work = _Work(history, depth, known, call, now)
    until = None if budget_s is None else monotonic() + budget_s
    found: FoundBuild | None = None
    async with aclosing(_each(source, wanted)) as builds:
        while work.why is None:
            if most is not None and work.done >= most:
                work.why = f"{most:,} builds were read"
                break
            try:
                async with asyncio.timeout(_left(until)):
                    found = await anext(builds, None)
                    record = await work.read(found) if found else None
                if found is None:
                    break
                if record is not None:
                    await work.keep(record)
            except TimeoutError:
                work.why = f"{budget_s:g} s are over"
            except SickbayError as exc:
                if not work.seen:
                    raise
                work.why, work.broke = str(exc), True
            if found is not None:
                call.progress(*_far(found, work.seen, wanted, now()))
    return work.filled()


async def _each(
    source: BuildSource, wanted: BuildsWanted
) -> AsyncGenerator[FoundBuild]:
    """Every build once, though pages overlap."""
    seen: set[str] = set()
    async for found in source.builds_of(wanted):
        build_id = found.record.build_id
        if build_id in seen:
            continue
        seen.add(build_id)
        yield found
        if len(seen) >= wanted.most:
            return


def _far(
    found: FoundBuild, seen: int, wanted: BuildsWanted, now: datetime
) -> tuple[float, float]:
    """How far it is: in days where it goes back to a day, else in builds."""
    if wanted.since is None:
        return seen, wanted.most
    newest = wanted.until or now
    back, whole = newest - found.record.created_at, newest - wanted.since
    return max(back / _DAY, 0.0), max(whole / _DAY, 0.0)


def _left(until: float | None) -> float | None:
    return None if until is None else max(0.0, until - monotonic())


@dataclass(frozen=True, slots=True)
class _Known:
    """What a history has of some builds.

    Attributes:
        ends: How and when each ended.
        failed: Ids of the attempts of each that failed.
        listings: Of the jobs of each whose logs are wanted.
    """

    ends: Mapping[str, tuple[str, datetime | None]]
    failed: Mapping[str, Collection[str]]
    listings: Mapping[str, Sequence[str]]


@dataclass(slots=True)
class _Work:
    """Reads builds, and counts."""

    history: History
    depth: Depth
    known: _Known
    call: Call
    now: Callable[[], datetime]
    done: int = 0
    present: int = 0
    jobs: int = 0
    results: int = 0
    failed: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    why: str | None = None
    broke: bool = False
    _in_a_row: int = 0

    @property
    def seen(self) -> int:
        """Builds that were looked at."""
        return self.done + self.present + len(self.skipped)

    async def read(self, found: FoundBuild) -> BuildRecord | None:
        """What a build says; None where it is there already, or not to be had."""
        if self._there(found.record):
            self.present += 1
            return None
        try:
            record = await found.read(self.depth, _Within(self.call))
        except SickbayError as exc:
            self._lost(found.record, exc)
            return None
        self._in_a_row = 0
        return record

    async def keep(self, record: BuildRecord) -> None:
        """Keep what was read."""
        again = record.build_id in self.known.ends
        await keep(self.history, record, now=self.now(), again=again)
        self.done += 1
        self.jobs += len(record.jobs)
        self.results += len(record.results)
        self.failed += sum(row.outcome in BAD for row in record.results)

    def filled(self) -> Filled:
        """What it came to."""
        return Filled(
            builds=self.done,
            jobs=self.jobs,
            results=self.results,
            failed=self.failed,
            present=self.present,
            skipped=tuple(self.skipped),
            why=self.why,
            broke=self.broke,
        )

    def _there(self, record: BuildRecord) -> bool:
        ended = self.known.ends.get(record.build_id)
        failed = {job.job_id for job in record.jobs if job.state in FAILED}
        same = failed == self.known.failed.get(record.build_id, set())
        if not same or ended != (record.state, record.finished_at):
            return False
        listings = self.known.listings.get(record.build_id, ())
        unread = sum(listing == _UNREAD for listing in listings)
        return not unread or len(listings) - unread >= self.depth.logs

    def _lost(self, record: BuildRecord, error: SickbayError) -> None:
        self.skipped.append(Skipped(f"build {record.number}", str(error)))
        self._in_a_row = self._in_a_row + 1 if error.retryable else 0
        if self._in_a_row >= PATIENCE:
            self.broke = True
            self.why = f"{PATIENCE} builds in a row could not be read: {error}"


@dataclass(frozen=True, slots=True)
class _Within:
    """The call as the reading of one build has it: progress counts builds, not logs."""

    call: Call

    @property
    def call_id(self) -> str:
        """The same."""
        return self.call.call_id

    def progress(self, done: float, total: float | None = None) -> None:
        """Nobody is told."""

    def say(self, message: str) -> None:
        """The same."""
        self.call.say(message)

    def check(self) -> None:
        """The same."""
        self.call.check()

    async def thread(self, function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 - whatever it returns
        """The same."""
        return await self.call.thread(function, *arguments)


async def _known(
    history: History, source: BuildSource, wanted: BuildsWanted, depth: Depth
) -> _Known:
    asked = {
        "source": source.origin,
        "pipeline": source.pipeline(wanted.pipeline),
        "since": wanted.since,
    }
    builds = (await history.ask("kept", **asked)).to_pylist()
    found = await history.ask("kept_jobs", **asked, passed=depth.passed_logs)
    meant = matcher(depth.job)
    failed: defaultdict[str, set[str]] = defaultdict(set)
    listings: defaultdict[str, list[str]] = defaultdict(list)
    for row in found.to_pylist():
        if row["state"] in FAILED:
            failed[row["build_id"]].add(row["job_id"])
        if row["log"] is not None and meant(row["name"]):
            listings[row["build_id"]].append(row["listing"])
    ends = {row["build_id"]: (row["state"], row["finished_at"]) for row in builds}
    return _Known(ends, failed, listings)
