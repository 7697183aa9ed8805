"""The page about a scan for a terminal: verdict, causes, and what was not done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.render.page import Quote, block, line
from sickbay.render.plain import clipped
from sickbay.render.words import amount, share
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

    from sickbay.render.page import Line, Part
    from sickbay.toolsets.buildkite.models.scan import CauseRow, RetriedRow, ScanReport

NEW = "NEW_REGRESSION"
MOST = 3
"""Causes of one category that are shown where there are few categories."""

TEXT = 92
"""Columns of a text that stays on one line."""

FLAKY, UNDONE = 2, 3
MOODS = {
    "NEW_REGRESSION": "bold red",
    "FLAKY_SUSPECTED": "bold yellow",
    "INFRA_SUSPECTED": "bold cyan",
    "KNOWN_TRACKED": "bold blue",
    "NEEDS_HUMAN_TRIAGE": "bold yellow",
}
_GOOD = frozenset({"passed"})


def scan_page(scan: ScanReport) -> Iterator[Part]:
    """The page about a build.

    Args:
        scan: Of it.
    """
    yield block(_head(scan))
    found = list(by_category(scan.causes))
    for category, causes in found:
        most = MOST if category == NEW else max(1, MOST + 1 - len(found))
        yield block(_category(category, causes, most))
    yield block(_retried(scan.passed_on_retry))
    yield block(_foot(scan))


def _head(scan: ScanReport) -> Iterator[Line]:
    build = scan.build_info
    if build is None:
        yield line("No build.", mood="bold")
        return
    mood = "bold green" if build.state in _GOOD else "bold red"
    found = amount(scan.unique_failures, "unique failure")
    named = f"{kind(build)} {build.build_number} {state(build)}: {found}"
    yield line(named, mood=mood if build.finished else "bold yellow")
    if build.title:
        yield line(Quote(build.title), level=1)
    place = (Quote(f"{build.organization}/{build.pipeline}"), ", ", Quote(build.branch))
    yield line(*place, ", commit ", Quote(build.commit[:SHA]), level=1)
    jobs = scan.jobs
    said = endings(jobs)
    counts = f"{amount(jobs.total, 'job')}, {jobs.failed:,} failed"
    yield line(f"{counts} ({said})" if said else counts, level=1)
    if not build.finished:
        yield line("The build still runs: this is how far it is.", level=1)
    yield line(Quote(build.build_url), level=1, mood="dim")


def _category(category: str, causes: Sequence[CauseRow], most: int) -> Iterator[Line]:
    yield line(f"{category} ({len(causes):,})", mood=MOODS[category])
    for cause in causes[:most]:
        yield from _cause(cause)
    if (more := len(causes) - most) > 0:
        yield line(f"and {amount(more, 'more failure')}", level=1, mood="dim")


def _cause(cause: CauseRow) -> Iterator[Line]:
    """What fails, how sure that is and why; of what is new also whose it is."""
    yield line(Quote(cause.name), level=1)
    if cause.message:
        yield line(Quote(clipped(cause.message, TEXT)), level=2, mood="red")
    soft = ", soft" if cause.soft else ""
    sure = f"{share(cause.confidence)} sure, {reach(cause)}{soft}: "
    room = TEXT - len(sure)
    yield line(sure, Quote(clipped(cause.reason, room)), level=2)
    if cause.category == NEW and (known := ", ".join(_known(cause))):
        yield line(Quote(clipped(known, TEXT)), level=2)
    if cause.category == "KNOWN_TRACKED" and cause.issue:
        yield line(Quote(cause.issue.url), level=2, mood="dim")
    for job in cause.jobs[:1]:
        yield line(Quote(job.url or job.name), level=2, mood="dim")


def _known(cause: CauseRow) -> Iterator[str]:
    """Since when, which issue may be about it, and whose it is."""
    if cause.since:
        yield f"since build {cause.since.build_number}"
    if issue := cause.issue:
        yield f"issue {issue.number}{' came back?' if issue.recurrence else ''}"
    if owner := cause.owner:
        yield f"owner {' '.join(owner.names)} ({share(owner.confidence)} sure)"


def _retried(causes: Sequence[RetriedRow]) -> Iterator[Line]:
    if not causes:
        return
    jobs = len({job.job_id for cause in causes for job in cause.jobs})
    found = f"{amount(len(causes), 'failure')} of {amount(jobs, 'attempt')}"
    yield line(f"Passed on retry: {found}, none of the build", mood="bold yellow")
    for cause in causes[:FLAKY]:
        names = ", ".join(dict.fromkeys(job.name for job in cause.jobs[:2]))
        yield line(Quote(cause.name), " in ", Quote(names), level=1)
    if (more := len(causes) - FLAKY) > 0:
        yield line(f"and {more:,} more", level=1, mood="dim")


def _foot(scan: ScanReport) -> Iterator[Line]:
    left = undone(scan)
    for words in left[:UNDONE]:
        yield line("Not looked at: ", Quote(clipped(words, TEXT * 2)), mood="yellow")
    if (more := len(left) - UNDONE) > 0:
        yield line(f"Not looked at: {more:,} more.", mood="yellow")
    if scan.coverage.of:
        yield line(f"{logs_read(scan)}.", mood="dim")
    if scan.scan_id:
        told = f"All of it: sickbay buildkite report {scan.scan_id}"
        yield line(told, mood="bold")
