"""The daily findings: everything that failed in a build, by category, as markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.render.link import link, literal, plain
from sickbay.render.markdown import span
from sickbay.render.plain import clipped
from sickbay.render.words import share
from sickbay.toolsets.buildkite.render.phrases import (
    SHA,
    by_category,
    endings,
    kind,
    logs_read,
    reach,
    state,
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
    date = f"{scan.scanned_at:%Y-%m-%d}" if scan.scanned_at else "unknown day"
    rows = [f"# Daily Findings - {date}", "", "## Summary", "", *_summary(scan), ""]
    return "\n".join([*rows, "## Failures by Category", *_rest(scan)]) + "\n"


def comment(scan: ScanReport) -> str:
    """The same for an issue or a comment.

    Args:
        scan: Of a build.
    """
    rows = [f"## {_title(scan)}", "", *_summary(scan), *_rest(scan)]
    return "\n".join(rows) + "\n"


def _title(scan: ScanReport) -> str:
    if scan.build_info is None:
        return "No build"
    build = scan.build_info
    found = f"{scan.unique_failures} unique failures"
    return f"{kind(build)} {build.build_number} {state(build)}: {found}"


def _rest(scan: ScanReport) -> Iterator[str]:
    for category, causes in by_category(scan.causes):
        # as programs look for it, whatever the number
        yield from ("", f"### {category} ({len(causes)} failures)", "")
        for cause in causes[:CAUSES]:
            yield from _failure(cause)
        yield from _folded(causes[CAUSES:])
    if not scan.causes:
        yield from ("", "Nothing failed.")
    yield from _retried(scan.passed_on_retry)
    yield from _foot(scan)


def _summary(scan: ScanReport) -> Iterator[str]:
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
