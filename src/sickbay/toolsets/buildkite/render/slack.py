"""A scan for Slack, in Slack's own markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.render.link import slack, slack_link
from sickbay.toolsets.buildkite.render.phrases import (
    SHA,
    by_category,
    endings,
    kind,
    reach,
    state,
    undone,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.toolsets.buildkite.models.scan import CauseRow, ScanReport

CAUSES = 6
"""Of one category that are shown."""

NAME, TEXT = 120, 160
UNDONE = 3


def slack_post(scan: ScanReport) -> str:
    """A post about a scan.

    Args:
        scan: Of a build.
    """
    rows = list(_head(scan))
    for category, causes in by_category(scan.causes):
        rows += ["", f"*{category}* ({len(causes)})"]
        for cause in causes[:CAUSES]:
            rows += _cause(cause)
        if (more := len(causes) - CAUSES) > 0:
            rows.append(f"\u2022 and {more:,} more")
    if scan.passed_on_retry:
        names = [slack(cause.name, NAME) for cause in scan.passed_on_retry[:CAUSES]]
        more = len(scan.passed_on_retry) - len(names)
        rest = f" and {more:,} more" if more else ""
        rows += ["", f"Passed on retry: {', '.join(names)}{rest}"]
    left = undone(scan)
    rows += [f"_Not looked at: {slack(words, TEXT)}_" for words in left[:UNDONE]]
    return "\n".join(rows) + "\n"


def _head(scan: ScanReport) -> Iterator[str]:
    build = scan.build_info
    if build is None:
        yield "No build."
        return
    number = slack_link(str(build.build_number), build.build_url, NAME)
    place = f"{slack(build.branch, NAME)}, `{slack(build.commit[:SHA], SHA)}`"
    failed = f"{scan.jobs.failed} of {scan.jobs.total} jobs failed"
    yield f"*{kind(build)} {number} {state(build)}*: {failed} ({place})"
    jobs = endings(scan.jobs)
    yield f"{scan.unique_failures} unique failures{f' ({jobs})' if jobs else ''}"


def _cause(cause: CauseRow) -> Iterator[str]:
    job = cause.jobs[0] if cause.jobs else None
    where = slack_link(job.name, job.url, NAME) if job else ""
    more = f" ({reach(cause)})" if cause.job_count > 1 or cause.test_count > 1 else ""
    soft = ", soft" if cause.soft else ""
    yield f"\u2022 {slack(cause.name, NAME)} in {where}{more}{soft}"
    said = [slack(cause.message, TEXT)] if cause.message else []
    said.append(f"{cause.confidence:.0%} sure")
    if cause.since:
        first = cause.since
        number = slack_link(str(first.build_number), first.build_url, NAME)
        said.append(f"since {number}")
    if cause.issue:
        number = slack_link(f"issue {cause.issue.number}", cause.issue.url, NAME)
        said.append(number)
    if cause.owner:
        said.append(f"owner {slack(', '.join(cause.owner.names), NAME)}")
    yield "    " + " \u00b7 ".join(said)
