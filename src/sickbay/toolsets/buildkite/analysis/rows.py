"""The causes of a scan as rows of its report: whole, and brief for an answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sickbay.ci.scan.models import CATEGORIES
from sickbay.render.words import brief
from sickbay.toolsets.buildkite.models.scan import (
    CauseRow,
    FailingTest,
    IssueRow,
    JobRow,
    OwnerRow,
    RetriedRow,
    SinceRow,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sickbay.ci.scan.models import (
        Cause,
        Evidence,
        Match,
        Occurrence,
        Owner,
        PastBuild,
        Verdict,
    )
    from sickbay.toolsets.buildkite.models.scan import ScanReport

WHOLE_TESTS, WHOLE_JOBS = 500, 500
"""Of one cause, that are kept."""

TESTS, JOBS, EVIDENCE, RETRIED = 3, 2, 4, 3
"""Of one cause, that an answer shows; of all failures that a retry made good."""

TEXT = 1000
BRIEF = 200


def rows(causes: Iterable[Cause]) -> tuple[CauseRow, ...]:
    """Causes of failures in the order of reports: what is new, hard and wide first."""
    made = (_row(cause) for cause in causes if not cause.passed_on_retry)
    return tuple(sorted(made, key=_order))


def retried(causes: Iterable[Cause]) -> tuple[RetriedRow, ...]:
    """Those whose jobs all passed on a retry."""
    made = [_row(cause) for cause in causes if cause.passed_on_retry]
    return tuple(
        RetriedRow(
            cause_id=row.cause_id,
            category=row.category,
            name=row.name,
            text=row.message,
            test_count=row.test_count,
            jobs=row.jobs,
            job_count=row.job_count,
        )
        for row in sorted(made, key=_order)
    )


def without_lines(
    causes: Iterable[Cause], attempts: Collection[str]
) -> tuple[Cause, ...]:
    """The causes without the numbers of lines that nobody knows.

    Args:
        causes: Of failures.
        attempts: Ids of those whose logs were not read from the start.
    """
    return tuple(
        replace(
            cause,
            occurrences=tuple(
                replace(item, line=None)
                if str(item.attempt.job_id) in attempts
                else item
                for item in cause.occurrences
            ),
        )
        for cause in causes
    )


def shortened(report: ScanReport) -> ScanReport:
    """The report as an answer: of each cause the first tests and jobs."""
    few = (
        replace(row, jobs=row.jobs[:1], text=brief(row.text, BRIEF))
        for row in report.passed_on_retry[:RETRIED]
    )
    return replace(
        report, causes=tuple(map(_brief, report.causes)), passed_on_retry=tuple(few)
    )


def _brief(row: CauseRow) -> CauseRow:
    return replace(
        row,
        text=brief(row.text, BRIEF),
        reason=brief(row.reason, BRIEF),
        tests=tuple(map(_brief_test, row.tests[:TESTS])),
        jobs=row.jobs[:JOBS],
        evidence=tuple(brief(text, BRIEF) for text in row.evidence[:EVIDENCE]),
    )


def _brief_test(test: FailingTest) -> FailingTest:
    return replace(test, message=brief(test.message, BRIEF) if test.message else None)


def _order(row: CauseRow) -> tuple[int, bool, int, int, str]:
    category = CATEGORIES.index(row.category)
    return category, row.soft, -row.job_count, -row.test_count, row.name


def _row(cause: Cause) -> CauseRow:
    verdict, seen = cause.verdict, cause.occurrences
    return CauseRow(
        cause_id=cause.cause_id,
        category=verdict.category,
        trouble=verdict.trouble,
        confidence=round(verdict.confidence, 3),
        level=verdict.level,
        reason=brief(verdict.reason, TEXT),
        text=brief(cause.text, TEXT),
        tests=tuple(_tests(seen)[:WHOLE_TESTS]),
        test_count=len(cause.tests),
        jobs=tuple(_jobs(seen)[:WHOLE_JOBS]),
        job_count=len(cause.jobs),
        soft=cause.soft,
        exception=next((item.exception for item in seen if item.exception), None),
        signature=seen[0].signature,
        issue=_issue(cause.match),
        owner=_owner(cause.owner),
        since=_since(verdict.since),
        evidence=tuple(_evidence(item, verdict) for item in verdict.evidence),
    )


def _since(first: PastBuild | None) -> SinceRow | None:
    if first is None:
        return None
    return SinceRow(build_number=first.number, build_url=first.url)


def _evidence(evidence: Evidence, verdict: Verdict) -> str:
    """What it says, and of which category, where that is another."""
    if evidence.weight < 0:
        return f"{evidence.text} (against {evidence.category})"
    if evidence.category != verdict.category:
        return f"{evidence.text} (for {evidence.category})"
    return evidence.text


def _tests(seen: Sequence[Occurrence]) -> list[FailingTest]:
    """Each test once, where it was seen first."""
    by_test: dict[str, list[Occurrence]] = {}
    for item in seen:
        if item.test_id:
            by_test.setdefault(item.test_id, []).append(item)
    return [_test(test_id, found) for test_id, found in by_test.items()]


def _test(test_id: str, seen: Sequence[Occurrence]) -> FailingTest:
    first = next((item for item in seen if item.message), seen[0])
    return FailingTest(
        test_id=test_id,
        job_id=str(first.attempt.job_id),
        line=first.line,
        message=brief(first.message, TEXT) if first.message else None,
        exception=first.exception,
        signature=first.signature,
        jobs=len({id(item.job) for item in seen}),
    )


def _jobs(seen: Sequence[Occurrence]) -> list[JobRow]:
    """The last attempt of each job in which it was seen, then the others."""
    attempts: dict[str, Occurrence] = {}
    for item in seen:
        attempts.setdefault(str(item.attempt.job_id), item)
    last = {id(item.job): item for item in attempts.values()}
    others = [item for item in attempts.values() if last[id(item.job)] is not item]
    return [job_row(item) for item in (*last.values(), *others)]


def job_row(seen: Occurrence) -> JobRow:
    """The attempt in which a failure was seen."""
    attempt = seen.attempt
    return JobRow(
        name=attempt.name,
        job_id=str(attempt.job_id),
        url=attempt.url,
        log=attempt.log,
        line=seen.line,
        soft=seen.job.ending == "soft_failed",
        retried=attempt is not seen.job.last,
        exit_status=attempt.exit_status,
        host=attempt.host,
    )


def _issue(match: Match | None) -> IssueRow | None:
    if match is None:
        return None
    return IssueRow(
        number=match.issue.number,
        url=match.issue.url,
        title=match.issue.title,
        state="open" if match.issue.open else "closed",
        score=round(match.score, 2),
        how=match.how,
        recurrence=match.recurrence,
    )


def _owner(owner: Owner | None) -> OwnerRow | None:
    if owner is None:
        return None
    return OwnerRow(
        names=owner.names,
        source=owner.source,
        confidence=round(owner.confidence, 2),
        why=owner.why,
    )
