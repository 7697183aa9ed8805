"""The daily findings: everything that failed in a build, by category, as markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.render.markdown import span
from sickbay.render.plain import clipped
from sickbay.render.words import share
from sickbay.toolsets.buildkite.render.link import link, literal, plain
from sickbay.toolsets.buildkite.render.phrases import (
    SHA,
    by_category,
    endings,
    logs_read,
    reach,
    undone,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.toolsets.buildkite.models.scan import (
        BuildInfo,
        CauseRow,
        IssueRow,
        JobRow,
        RetriedRow,
        ScanReport,
    )

ERROR = 160
"""Characters of an error."""

CAUSES = 10
"""Of one category that are shown whole."""

JOBS = 4
FLAKY = 8
UNDONE = 6


def daily_findings(scan: ScanReport) -> str:
    """The report that the one on duty pastes every morning.

    Args:
        scan: Of a build.
    """
    rows = [*_summary(scan), "", "## Failures by Category"]
    for category, causes in by_category(scan.causes):
        # as programs look for it, whatever the number
        rows += ["", f"### {category} ({len(causes)} failures)", ""]
        for cause in causes[:CAUSES]:
            rows += _failure(cause)
        rows += _folded(causes[CAUSES:])
    if not scan.causes:
        rows += ["", "Nothing failed."]
    return "\n".join([*rows, *_retried(scan.passed_on_retry), *_foot(scan)]) + "\n"


def _summary(scan: ScanReport) -> Iterator[str]:
    date = f"{scan.scanned_at:%Y-%m-%d}" if scan.scanned_at else "unknown day"
    yield f"# Daily Findings - {date}"
    yield ""
    yield "## Summary"
    yield ""
    if scan.build_info:
        yield from _build(scan.build_info)
    jobs = scan.jobs
    yield f"- **Total Jobs**: {jobs.total}, **Failed**: {jobs.failed}"
    yield f"- **Unique Failures**: {scan.unique_failures}"
    if said := endings(jobs):
        yield f"- **Jobs**: {said}"
    if scan.build_info and not scan.build_info.finished:
        yield "- **Unfinished**: the build still runs; this is how far it is"


def _build(build: BuildInfo) -> Iterator[str]:
    yield f"- **Build**: {link(str(build.build_number), build.build_url)}"
    yield f"- **Branch**: {literal(build.branch or 'unknown')}"
    yield f"- **Commit**: {span(build.commit[:SHA] or 'unknown')}"


def _failure(cause: CauseRow) -> Iterator[str]:
    soft = " (soft)" if cause.soft else ""
    yield f"- **{literal(cause.name)}** in {span(cause.job_name)}{soft}"
    if cause.message:
        yield f"  - Error: {span(clipped(cause.message, ERROR))}"
    yield f"  - Reason: {plain(cause.reason)}"
    yield f"  - Confidence: {cause.confidence:.0%}"
    if cause.owner:
        names = ", ".join(map(span, cause.owner.names))
        yield f"  - Owner: {names} (confidence: {cause.owner.confidence:.0%})"
    if cause.issue:
        yield f"  - GitHub Issue: {_issue(cause.issue)}"
    jobs = ", ".join(_jobs(cause.jobs, cause.job_count))
    yield f"  - Seen: {reach(cause)}: {jobs}"
    if cause.since:
        since = cause.since
        yield f"  - Since: {link(f'build {since.build_number}', since.build_url)}"


def _issue(issue: IssueRow) -> str:
    said = "may have come back" if issue.recurrence else issue.state
    match = f"{said}, {share(issue.score)} alike by {plain(issue.how)}"
    number = link(f"issue {issue.number}", issue.url)
    return f"{number} {span(issue.title)} ({match})"


def _jobs(jobs: Sequence[JobRow], count: int) -> Iterator[str]:
    for job in jobs[: min(JOBS, count)]:
        line = f" line {job.line}" if job.line else ""
        yield f"{link(job.name, job.url)}{line}"
    if (more := count - min(len(jobs), JOBS)) > 0:
        yield f"{more:,} more"


def _folded(causes: Sequence[CauseRow]) -> Iterator[str]:
    if causes:
        names = [span(cause.name) for cause in causes[:CAUSES]]
        more = ", ..." if len(causes) > CAUSES else ""
        yield f"- and {len(causes):,} more: {', '.join(names)}{more}"


def _retried(causes: Sequence[RetriedRow]) -> Iterator[str]:
    """Failures that a retry made good: no failures of the build."""
    if not causes:
        return
    yield from ("", f"## Passed on Retry ({len(causes):,})", "")
    for cause in causes[:FLAKY]:
        jobs = ", ".join(_jobs(cause.jobs, cause.job_count))
        yield f"- {literal(cause.name)} in {jobs}"
    if (more := len(causes) - FLAKY) > 0:
        yield f"- and {more:,} more"


def _foot(scan: ScanReport) -> Iterator[str]:
    left = undone(scan)
    if left:
        yield from ("", "## Not Looked At", "")
    for words in left[:UNDONE]:
        yield f"- {plain(clipped(words, ERROR * 2))}"
    if (more := len(left) - UNDONE) > 0:
        yield f"- and {more:,} more"
    if scan.coverage.of:
        yield from ("", f"{logs_read(scan)}.")
