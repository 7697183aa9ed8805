"""Logs of jobs, of whatever CI wrote them, as the record of one build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.ci.hearing import Heard, heard
from sickbay.ci.recording import JobReading, job_records, recorded
from sickbay.ci.scan.models import FailedJob
from sickbay.core.errors import NotFound, SickbayError
from sickbay.core.results import Skipped
from sickbay.history.ingest.files import naming
from sickbay.history.ingest.filled import FileBuild
from sickbay.history.ingest.junit import EXCERPT_BYTES, base_record, pseudo_build
from sickbay.history.ingest.lanes import Lane
from sickbay.logs.parts import explain_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from sickbay.ci.records import BuildRecord, Source
    from sickbay.history.ingest.place import Place
    from sickbay.logs.catalogue import Catalogue
    from sickbay.logs.frameworks.results import Session
    from sickbay.logs.log import Log
    from sickbay.logs.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedLog:
    """A log of a job.

    Attributes:
        source: What people call it.
        chunks: Its text, unpacked; raises SickbayError where it cannot be read.
    """

    source: str
    lane: Lane
    chunks: Callable[[], Iterator[bytes | memoryview]]


def log_build(
    logs: Iterable[NamedLog],
    place: Place,
    wanted: Catalogue,
    *,
    now: datetime,
    read: Callable[[], None] = lambda: None,
) -> FileBuild:
    """The build that the logs of its jobs tell of.

    Args:
        logs: One of each job; a second one of the same job is another part of it.
        place: Where they belong.
        wanted: What to look for in them.
        now: The time.
        read: Called now and then: for large ones.

    Raises:
        SickbayError: None of them could be read; why the first of them could not.
    """
    found: dict[Lane, tuple[Report, Heard]] = {}
    skipped: list[Skipped] = []
    first: SickbayError | None = None
    for log in logs:
        lane = _free(log.lane, found)
        try:
            found[lane] = _explained(log, wanted, read)
        except SickbayError as exc:
            first = first or naming(exc, log.source)
            skipped.append(Skipped(log.source, exc.message))
    if not found:
        raise first or NotFound("there are no logs")
    return FileBuild(
        record=_record(found, place, now), read=len(found), skipped=tuple(skipped)
    )


def _free(lane: Lane, taken: dict[Lane, tuple[Report, Heard]]) -> Lane:
    """The lane, under another name where another log has it."""
    number, found = 2, lane
    while found in taken:
        found = Lane(f"{lane.variant} ({number})", lane.shard, lane.attempt)
        number += 1
    return found


def _explained(
    log: NamedLog, wanted: Catalogue, read: Callable[[], None]
) -> tuple[Report, Heard]:
    said = Heard()

    def listen(log: Log, sessions: Sequence[Session]) -> None:
        nonlocal said
        said = heard(log, sessions)

    def parts() -> Iterator[bytes | memoryview]:
        for part in log.chunks():
            read()
            yield part

    return explain_parts(parts(), wanted, source=log.source, heard=listen), said


def _record(
    found: dict[Lane, tuple[Report, Heard]], place: Place, now: datetime
) -> BuildRecord:
    bad = ((lane, report.found_failure) for lane, (report, _) in found.items())
    build = pseudo_build(place, bad, place.url or "")
    by_id = {lane.job_id: told for lane, told in found.items()}
    read = []
    for job in build.jobs:
        report, said = by_id[str(job.last.job_id)]
        item = FailedJob(job=job, attempt=job.last, report=report)
        read.append(JobReading(item=item, heard=said))
    github = any(report.ci == "github-actions" for report, _ in found.values())
    source: Source = "github" if github else "log"
    base = base_record(place, job_records(build), source, now)
    return recorded(base, build, read, now=now, excerpt_bytes=EXCERPT_BYTES)
