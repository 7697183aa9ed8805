"""One cause as a new issue, in the form that vLLM's issues about failures have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.render.link import link, literal, plain
from sickbay.render.markdown import fence, span
from sickbay.render.plain import clipped, printable
from sickbay.render.words import amount, share
from sickbay.toolsets.buildkite.render.phrases import SHA, kind, reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.toolsets.buildkite.models.scan import CauseRow, JobRow, ScanReport

TITLE = 240
"""GitHub takes 256 characters."""

ERROR = 2000
TESTS, JOBS, EVIDENCE = 20, 10, 6


def issue_of(cause: CauseRow, scan: ScanReport) -> tuple[str, str]:
    """Title and body of an issue about a cause.

    Args:
        cause: One of those of the scan, with all its tests and jobs.
        scan: Says of which build it is.
    """
    parts = [
        _what(cause),
        _tests(cause),
        _jobs(cause),
        _since(cause, scan),
        _evidence(cause),
        _owner(cause),
    ]
    body = "\n\n".join("\n".join(rows) for part in parts if (rows := list(part)))
    return _title(cause), body + "\n"


def _title(cause: CauseRow) -> str:
    """What the title is: it is no markdown, but a mention in it would be one."""
    test = f" - {cause.tests[0].test_id}" if cause.tests else ""
    said = printable(f"[CI Failure]: {cause.job_name}{test}").replace("@", "@\u200b")
    return clipped(said, TITLE)


def _what(cause: CauseRow) -> Iterator[str]:
    yield "### What fails"
    yield ""
    yield f"{literal(cause.name)} in {span(cause.job_name)}: {reach(cause)}."
    if cause.message:
        yield ""
        yield fence(cause.message[:ERROR])


def _tests(cause: CauseRow) -> Iterator[str]:
    if cause.test_count < 2:  # noqa: PLR2004 - one is named above
        return
    yield f"### {amount(cause.test_count, 'test')}"
    yield ""
    for test in cause.tests[:TESTS]:
        yield f"- {span(test.test_id)}"
    if (more := cause.test_count - len(cause.tests[:TESTS])) > 0:
        yield f"- and {more:,} more"


def _jobs(cause: CauseRow) -> Iterator[str]:
    yield "### Logs"
    yield ""
    for job in cause.jobs[:JOBS]:
        yield f"- {link(job.name, job.url)}{_details(job)}"
    if (more := cause.job_count - len(cause.jobs[:JOBS])) > 0:
        yield f"- and {more:,} more"


def _details(job: JobRow) -> str:
    said = []
    if job.line:
        said.append(f"line {job.line}")
    if job.exit_status is not None:
        said.append(f"exit status {job.exit_status}")
    if job.host:
        said.append(f"on {span(job.host)}")
    if job.retried:
        said.append("retried")
    if job.soft:
        said.append("soft")
    return f": {', '.join(said)}" if said else ""


def _since(cause: CauseRow, scan: ScanReport) -> Iterator[str]:
    build = scan.build_info
    if build is None:
        return
    yield "### Since when"
    yield ""
    number = link(str(build.build_number), build.build_url)
    place = f"{span(build.branch)}, commit {span(build.commit[:SHA])}"
    yield f"- {kind(build)} {number} of {literal(build.pipeline)} ({place})"
    if cause.since:
        first = link(str(cause.since.build_number), cause.since.build_url)
        yield f"- fails without interruption since build {first}"
    if cause.issue and cause.issue.recurrence:
        number = link(str(cause.issue.number), cause.issue.url)
        yield f"- it may be what issue {number} was about: {span(cause.issue.title)}"


def _evidence(cause: CauseRow) -> Iterator[str]:
    yield "### Evidence"
    yield ""
    yield f"{cause.category}, {share(cause.confidence)} sure: {plain(cause.reason)}"
    said = [words for words in cause.evidence if words != cause.reason]
    if said:
        yield ""
    for words in said[:EVIDENCE]:
        yield f"- {plain(words)}"
    # by which a later scan knows that this issue is about the same failure
    signatures = dict.fromkeys(test.signature for test in cause.tests)
    known = [text for text in {cause.signature: None, **signatures} if text]
    if known:
        yield f"- signature {', '.join(map(span, known[:EVIDENCE]))}"


def _owner(cause: CauseRow) -> Iterator[str]:
    if cause.owner is None:
        return
    yield "### Who could look at it"
    yield ""
    names = ", ".join(map(span, cause.owner.names))
    yield f"{names} ({plain(cause.owner.why)}, {share(cause.owner.confidence)} sure)"
