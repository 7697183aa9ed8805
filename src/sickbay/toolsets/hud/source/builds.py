"""Commits of the HUD for whoever keeps a history of them."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from itertools import count, islice
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sickbay.ci.matching import matcher
from sickbay.ci.services import FoundBuild
from sickbay.clients.hud.places import owner_and_name
from sickbay.clients.reader import Reader
from sickbay.core.errors import NotFound, SickbayError
from sickbay.core.gaps import Gaps

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from sickbay.ci.builds import Build, BuildJob
    from sickbay.ci.hearing import Heard
    from sickbay.ci.models import Row
    from sickbay.ci.records import BuildRecord, JobRecord
    from sickbay.ci.services import BuildsWanted, Depth
    from sickbay.core.results import Skipped
    from sickbay.core.tool import Call
    from sickbay.logs.frameworks.results import Session
    from sickbay.logs.log import Log
    from sickbay.logs.report import Report
    from sickbay.toolsets.hud.source import Hud

PAGE = 50
"""Commits that are asked for at once."""


def pipeline_of(source: Hud, named: str | None) -> str:
    """The repository that a name means; None is the usual one.

    Raises:
        BadRequest: It is no such name.
    """
    if named is None:
        return source.repo
    return "/".join(owner_and_name(named))


async def builds_of(source: Hud, wanted: BuildsWanted) -> AsyncIterator[FoundBuild]:
    """Commits that are over, the newest first; see ``ci.services.BuildSource``."""
    repo = pipeline_of(source, wanted.pipeline)
    branch = wanted.branch or source.branch
    matches = matcher(wanted.message)
    given = 0
    for number in count(1):
        grid, coverage = await source.client.trunk(
            branch, repo=repo, commits=PAGE, page=number
        )
        for row in grid.rows:
            time = row.commit.time
            if wanted.since and time and time < wanted.since:
                return
            late = bool(wanted.until and time and time > wanted.until)
            if late or not matches(row.commit.message or row.commit.title):
                continue
            if found := _found(source, row, repo, branch, coverage.skipped):
                yield found
                given += 1
            if given == wanted.most:
                return
        if grid.complete or not grid.rows:
            return


def _found(
    source: Hud, row: Row, repo: str, branch: str, missing: Sequence[Skipped]
) -> FoundBuild | None:
    from sickbay.ci.commits import is_over, record_of  # noqa: PLC0415 - brings the engine

    if not is_over(row, source.now()):
        return None
    page = f"{source.settings.base_url.rstrip('/')}/{repo}/commit/{row.commit.sha}"
    record = record_of(row, repo, branch=branch, url=page)
    if record is None:
        return None
    record = replace(record, missing=tuple(missing))
    return FoundBuild(record=record, read=partial(_read, source, row, record))


async def _read(
    source: Hud, row: Row, record: BuildRecord, depth: Depth, call: Call
) -> BuildRecord:
    """The commit with what its jobs say."""
    from sickbay.ci.commits import build_of  # noqa: PLC0415 - brings the engine

    build = build_of(row, record.pipeline)
    gaps, logs = Gaps(), _Logs()
    wanted = _wanted(build, depth)
    names = list(islice(wanted, depth.logs))
    reader = Reader(source.logs, source.rulebook, source.reports, call, heard=logs.hear)
    async with aclosing(reader.each(names)) as reports:
        async for name, found in reports:
            logs.take(name, found)
            call.progress(len(logs.reports) + len(logs.lost), len(names))
    logs.note(gaps, {name: wanted[name].name for name in names})
    if left := len(wanted) - len(names):
        gaps.note(f"{left:,} more logs", f"only {depth.logs:,} were asked for")
    made: BuildRecord = await call.thread(_made, source, build, record, logs, depth)
    return replace(made, missing=(*made.missing, *dict.fromkeys(gaps.skipped)))


def _wanted(build: Build, depth: Depth) -> dict[str, BuildJob]:
    """The jobs whose logs are read, by their logs; those that failed first."""
    matches = matcher(depth.job)
    jobs = [job for job in build.jobs if job.last.log and matches(job.name)]
    failed = [job for job in jobs if job.last.failed]
    passed = [job for job in jobs if job.last.passed] if depth.passed_logs else []
    return {str(job.last.log): job for job in (*failed, *passed)}


@dataclass(slots=True)
class _Logs:
    """What became of logs, by their names.

    Attributes:
        lost: Why those could not be read that were not.
    """

    reports: dict[str, Report] = field(default_factory=dict)
    heard: dict[str, Heard] = field(default_factory=dict)
    lost: dict[str, SickbayError] = field(default_factory=dict)

    def hear(self, name: str, log: Log, sessions: Sequence[Session]) -> None:
        """What the report of a log leaves out."""
        from sickbay.ci.hearing import heard  # noqa: PLC0415 - brings the engine

        self.heard[name] = heard(log, sessions)

    def take(self, name: str, found: Report | SickbayError) -> None:
        """What came of a log."""
        if isinstance(found, SickbayError):
            self.lost[name] = found
        else:
            self.reports[name] = found

    def note(self, gaps: Gaps, jobs: dict[str, str]) -> None:
        """Tell what was not read, once for each reason."""
        reasons: dict[str, list[str]] = {}
        for name, error in self.lost.items():
            reasons.setdefault(error.kind, []).append(name)
        for names in reasons.values():
            more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
            gaps.note(f"log of {jobs[names[0]]}{more}", str(self.lost[names[0]]))


def _made(
    source: Hud, build: Build, record: BuildRecord, logs: _Logs, depth: Depth
) -> BuildRecord:
    from sickbay.ci.commits import pointed  # noqa: PLC0415 - brings the engine
    from sickbay.ci.hearing import Heard  # noqa: PLC0415 - same
    from sickbay.ci.recording import JobReading, recorded  # noqa: PLC0415 - same
    from sickbay.ci.scan.models import FailedJob  # noqa: PLC0415 - same

    gone = {name for name, error in logs.lost.items() if isinstance(error, NotFound)}
    record = replace(record, jobs=tuple(_without(record.jobs, gone)))
    matches = matcher(depth.job)
    read = []
    for job in build.jobs:
        last, name = job.last, str(job.last.log)
        report = logs.reports.get(name)
        if report is None and last.failed and matches(job.name):
            report = pointed(last)
        if report is None and not last.failed:
            continue
        item = FailedJob(job=job, attempt=last, report=report)
        read.append(JobReading(item=item, heard=logs.heard.get(name, Heard())))
    now, room = source.now(), depth.excerpt_bytes
    return recorded(record, build, read, now=now, excerpt_bytes=room)


def _without(jobs: Iterable[JobRecord], gone: set[str]) -> Iterable[JobRecord]:
    """The jobs; those whose logs are gone have none."""
    return (replace(job, log=None) if job.log in gone else job for job in jobs)
