"""JUnit files, of whatever wrote them, as the record of one build."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sickbay.ci.builds import Attempt, Build
from sickbay.ci.hearing import heard_in
from sickbay.ci.junit import MAX_BYTES
from sickbay.ci.recording import JobReading, job_records, recorded
from sickbay.ci.records import BuildRecord, JobRecord
from sickbay.ci.scan.models import FailedJob
from sickbay.core.errors import Malformed, SickbayError
from sickbay.core.results import Coverage, Skipped
from sickbay.history.ingest.files import content, naming
from sickbay.history.ingest.filled import FileBuild
from sickbay.history.ingest.lanes import Lane, lane_of
from sickbay.logs.anchors import Marks
from sickbay.logs.frameworks.junit import junit_suites
from sickbay.logs.report import Report, Verdict
from sickbay.logs.tally import tests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sickbay.ci.records import Source
    from sickbay.history.ingest.files import Named
    from sickbay.history.ingest.place import Place
    from sickbay.logs.frameworks.junit import JunitSuite

EXCERPT_BYTES = 1 << 20
"""Of what the files of a build say of its failures."""

_UNKNOWN = Verdict("unknown", 0.0, "a JUnit file says whose fault it is nowhere")


def junit_build(
    files: Sequence[Named],
    place: Place,
    *,
    now: datetime,
    read: Callable[[], None] = lambda: None,
) -> FileBuild:
    """The build that JUnit files tell of.

    A file that cannot be read, or is no JUnit report, is skipped.

    Args:
        files: The reports.
        place: Where they belong.
        now: The time.
        read: Called for every file: for long ones.

    Raises:
        SickbayError: None of them could be read; why the first of them could not.
    """
    lanes: defaultdict[Lane, list[JunitSuite]] = defaultdict(list)
    skipped: list[Skipped] = []
    first: SickbayError | None = None
    for file in files:
        read()
        try:
            suites = junit_suites(content(file.path, MAX_BYTES))
        except SickbayError as exc:
            first = first or naming(exc, str(file.path))
            skipped.append(Skipped(str(file.path), exc.message))
            continue
        lanes[lane_of(file, place)] += suites
    if not lanes:
        raise first or Malformed("there are no JUnit reports")
    return FileBuild(
        record=_record(lanes, place, now),
        read=len(files) - len(skipped),
        skipped=tuple(skipped),
    )


def pseudo_build(place: Place, lanes: Iterable[tuple[Lane, bool]], url: str) -> Build:
    """The build as a scan takes it.

    Args:
        place: Which it is.
        lanes: Its jobs, and whether each of them failed.
        url: Of it.
    """
    return Build(
        organization="",
        pipeline=place.pipeline,
        number=0,
        url=url,
        branch=place.branch,
        sha=place.commit,
        message=place.title,
        attempts=tuple(
            Attempt(
                name=lane.name,
                sha=place.commit,
                state="fail" if bad else "ok",
                job_id=lane.job_id,
                step_key=lane.variant,
                shard=lane.shard,
                attempt=lane.attempt,
            )
            for lane, bad in lanes
        ),
    )


def base_record(
    place: Place, jobs: tuple[JobRecord, ...], source: Source, now: datetime
) -> BuildRecord:
    """The build with its jobs, as it is known without what they say."""
    failed = any(job.state == "fail" for job in jobs)
    return BuildRecord(
        build_id=place.build_id(source),
        source=source,
        pipeline=place.pipeline,
        number=place.build,
        branch=place.branch,
        sha=place.commit,
        title=place.title,
        author=place.author,
        state="failed" if failed else "passed",
        url=place.url,
        pull_request=place.pull_request,
        created_at=place.created_at or now,
        committed_at=place.committed_at,
        finished_at=now,
        jobs=jobs,
    )


def _record(
    lanes: Mapping[Lane, Sequence[JunitSuite]], place: Place, now: datetime
) -> BuildRecord:
    reports = {lane: _report(suites) for lane, suites in lanes.items()}
    bad = ((lane, bool(report.tests.failed)) for lane, report in reports.items())
    build = pseudo_build(place, bad, place.url or "")
    suites_of = {lane.job_id: suites for lane, suites in lanes.items()}
    jobs = tuple(_told(job, suites_of[job.job_id]) for job in job_records(build))
    reports_of = {lane.job_id: report for lane, report in reports.items()}
    read = [
        JobReading(
            item=FailedJob(
                job=job, attempt=job.last, report=reports_of[str(job.last.job_id)]
            ),
            heard=heard_in(suites_of[str(job.last.job_id)]),
            cut=True,
        )
        for job in build.jobs
    ]
    base = base_record(place, jobs, "junit", now)
    return recorded(base, build, read, now=now, excerpt_bytes=EXCERPT_BYTES)


def _report(suites: Sequence[JunitSuite]) -> Report:
    return Report(
        source="JUnit",
        bytes=0,
        lines=0,
        ci="plain",
        verdict=_UNKNOWN,
        causes=(),
        rule_match=None,
        tests=tests([suite.session for suite in suites], Marks()),
        coverage=Coverage(),
    )


def _told(job: JobRecord, suites: Sequence[JunitSuite]) -> JobRecord:
    """The job with what its files say of where and how long it ran."""
    timed = [c.duration_s for s in suites for c in s.cases if c.duration_s is not None]
    hosts = {suite.host for suite in suites if suite.host}
    return replace(
        job,
        host=hosts.pop() if len(hosts) == 1 else None,
        duration_s=sum(timed) if timed else None,
    )
