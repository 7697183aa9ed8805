"""Recording: from the jobs of a build, and what they say, to what a history keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sickbay.ci.hearing import Heard, named
from sickbay.ci.records import BuildRecord, CauseRecord, JobRecord, ResultRecord
from sickbay.ci.scan.deaths import death
from sickbay.ci.scan.families import host_of, without_shard
from sickbay.ci.scan.occurrences import text_of
from sickbay.ci.scan.scan import scan
from sickbay.core.results import Skipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sickbay.ci.builds import Attempt, Build
    from sickbay.ci.scan.models import Cause, FailedJob, Occurrence
    from sickbay.logs.report import FailedTest, Outcome

MESSAGE = 500
"""Characters of the first line of a failure."""

SURE = 0.5
"""From which on a cause is taken for the machine's."""

_INFRA = "INFRA_SUSPECTED"
_OF_ONE_MACHINE = frozenset({"out_of_memory", "sick_agent"})
_NOT_HEARD = Heard()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReading:
    """An attempt whose log was read, whether it failed or not.

    Attributes:
        item: The attempt, and the report on its log.
        heard: What the log says besides; nothing where only the CI was asked.
        cut: Only the end of the log was read: nobody knows its lines.
    """

    item: FailedJob
    heard: Heard = _NOT_HEARD
    cut: bool = False

    @property
    def job_id(self) -> str:
        """Of the attempt."""
        return str(self.item.attempt.job_id)


def job_records(build: Build) -> tuple[JobRecord, ...]:
    """The attempts of all jobs of a build that run something, as its CI tells them."""
    return tuple(
        _job(attempt, number, last=attempt is job.last)
        for job in build.jobs
        for number, attempt in enumerate(job.attempts, 1)
    )


def recorded(
    record: BuildRecord,
    build: Build,
    read: Sequence[JobReading],
    *,
    now: datetime,
    excerpt_bytes: int,
) -> BuildRecord:
    """The record with what was read of its jobs.

    Args:
        record: With its jobs.
        build: The same, as it is scanned for causes.
        read: The attempts whose logs were read.
        now: The time.
        excerpt_bytes: Of all excerpts together.
    """
    failed = [one.item for one in read if _tells(one.item)]
    causes = scan(build, failed, past=None, issues=None, now=now)
    by_id = {one.job_id: one for one in read}
    rows, left_out = _causes(causes, by_id, excerpt_bytes)
    infra = _of_machines(causes, by_id)
    signatures = {(row.job_id, row.test_id): row.signature for row in rows}
    missing = record.missing
    if left_out:
        why = f"only {excerpt_bytes:,} bytes of them are kept"
        missing = (*missing, Skipped(f"{left_out:,} excerpts", why))
    return replace(
        record,
        jobs=tuple(_read(job, by_id.get(job.job_id), infra) for job in record.jobs),
        results=tuple(row for one in read for row in _results(one, signatures)),
        causes=rows,
        missing=missing,
    )


def _job(attempt: Attempt, number: int, *, last: bool) -> JobRecord:
    died = death(attempt) if attempt.failed else None
    plain = attempt.name if attempt.shard is None else without_shard(attempt.name)
    return JobRecord(
        job_id=str(attempt.job_id),
        name=attempt.name,
        variant=attempt.step_key or plain,
        state=attempt.state,
        shard=attempt.shard,
        attempt=attempt.attempt or number,
        last=last,
        soft_failed=attempt.soft_failed,
        exit_status=attempt.exit_status,
        signal=attempt.signal,
        infra=died.words if died and died.machine else None,
        started_at=attempt.started_at,
        duration_s=attempt.duration_s,
        queue_s=attempt.queue_s,
        host=host_of(attempt),
        runner=attempt.queue,
        url=attempt.url,
        log=attempt.log,
    )


def _tells(item: FailedJob) -> bool:
    """Whether anything says why an attempt failed."""
    told = item.report is not None or death(item.attempt) is not None
    return item.attempt.failed and told


def _read(
    job: JobRecord, reading: JobReading | None, infra: Mapping[str, str]
) -> JobRecord:
    if reading is None:
        return job
    why, report = infra.get(job.job_id), reading.item.report
    if report is None:
        return replace(job, infra=why or job.infra)
    heard, tests = reading.heard, report.tests
    counts, passed = tests.counts, not reading.item.attempt.failed
    return replace(
        job,
        infra=why or (None if tests.failed else job.infra),
        listing=heard.listing,
        complete=heard.complete or passed,
        tests_run=counts.passed + counts.bad if tests.sessions else None,
        tests_failed=tests.expected_failed,
    )


def _of_machines(
    causes: Iterable[Cause], read: Mapping[str, JobReading]
) -> dict[str, str]:
    """Why the machine failed an attempt, where all that it failed of is the machine's.

    An attempt that failed as a whole of its machine failed of nothing else, whatever
    tests it took with it.
    """
    found: dict[str, list[tuple[bool, bool, str]]] = {}
    for cause in causes:
        verdict = cause.verdict
        sick = verdict.category == _INFRA and verdict.confidence >= SURE
        own = _own(cause, read)
        for seen in cause.occurrences:
            whole = seen.test_id is None
            told = (sick and seen.test_id not in own, whole, verdict.reason)
            found.setdefault(str(seen.attempt.job_id), []).append(told)
    return {
        job_id: next(reason for sick, _, reason in told if sick)
        for job_id, told in found.items()
        if all(sick for sick, _, _ in told) or any(s and w for s, w, _ in told)
    }


def _own(cause: Cause, read: Mapping[str, JobReading]) -> frozenset[str]:
    """The tests that fail of themselves, though their words speak of the machine.

    What one machine does to a test it does there, and to others too: a test that runs
    out of memory on several machines, where most tests pass, needs too much.
    """
    hosts: dict[str, set[str | None]] = {}
    for seen in cause.occurrences:
        reading = read.get(str(seen.attempt.job_id))
        if seen.test_id and reading and _went_well(reading):
            hosts.setdefault(seen.test_id, set()).add(host_of(seen.attempt))
    one_machine = cause.verdict.trouble in _OF_ONE_MACHINE
    return frozenset(test for test in hosts if one_machine and len(hosts[test]) > 1)


def _went_well(reading: JobReading) -> bool:
    report = reading.item.report
    return report is not None and report.tests.counts.passed > report.tests.counts.bad


def _causes(
    causes: Sequence[Cause], read: Mapping[str, JobReading], room: int
) -> tuple[tuple[CauseRecord, ...], int]:
    """A row for each failure, and how many excerpts there was no room for.

    The failure that says what its cause does has its excerpt before any other has.
    """
    seen = [(nth, c, one) for c in causes for nth, one in enumerate(_telling_first(c))]
    rows, left_out = [], 0
    for _, cause, one in sorted(seen, key=lambda item: item[0] > 0):
        reading = read.get(str(one.attempt.job_id))
        excerpt = _excerpt(one, reading) if reading else None
        size = len(excerpt.encode("utf-8", "replace")) if excerpt else 0
        if size > room:
            excerpt, size, left_out = None, 0, left_out + 1
        room -= size
        rows.append(_cause(cause, one, excerpt, cut=bool(reading and reading.cut)))
    return tuple(rows), left_out


def _telling_first(cause: Cause) -> Sequence[Occurrence]:
    return sorted(cause.occurrences, key=lambda one: text_of(one) != cause.text)


def _cause(
    cause: Cause, one: Occurrence, excerpt: str | None, *, cut: bool
) -> CauseRecord:
    return CauseRecord(
        cause_id=cause.cause_id,
        job_id=str(one.attempt.job_id),
        text=cause.text[:MESSAGE],
        signature=one.signature,
        test_id=named(one.test_id) if one.test_id else None,
        category=cause.verdict.category,
        trouble=cause.verdict.trouble,
        confidence=cause.verdict.confidence,
        excerpt=excerpt,
        line=None if cut else one.line,
    )


def _excerpt(one: Occurrence, reading: JobReading) -> str | None:
    """What the log says around a failure, or the lines that a person would point at."""
    if one.test_id and (around := reading.heard.excerpts.get(named(one.test_id))):
        return around
    if one.line is None or reading.item.report is None:
        return None
    causes = reading.item.report.causes
    pointed = (c.text for c in causes if c.line_start <= one.line <= c.line_end)
    return next(pointed, None)


def _results(
    reading: JobReading, signatures: Mapping[tuple[str, str | None], str]
) -> Iterator[ResultRecord]:
    """Every test that the attempt is known to have run."""
    report, heard, job_id = reading.item.report, reading.heard, reading.job_id
    if report is None:
        return
    bad: set[str] = set()
    for test, outcome in _bad(report.tests.failed, report.tests.flaky):
        name = named(test.test_id)
        if name in bad:
            continue
        bad.add(name)
        yield ResultRecord(
            test_id=name,
            job_id=job_id,
            outcome=outcome,
            attempts=len(test.attempts) or 1,
            duration_s=heard.seconds.get(name),
            signature=signatures.get((job_id, name)) or test.signature,
            exception=test.exception,
            message=test.message[:MESSAGE] if test.message else None,
            line=None if reading.cut else test.line or None,
        )
    for name, outcome in heard.others.items():
        if name not in bad:
            took = heard.seconds.get(name)
            yield ResultRecord(
                test_id=name, job_id=job_id, outcome=outcome, duration_s=took
            )


def _bad(
    failed: Iterable[FailedTest], flaky: Iterable[FailedTest]
) -> Iterator[tuple[FailedTest, Outcome]]:
    yield from ((test, test.outcome) for test in failed)
    yield from ((test, "rerun") for test in flaky)
