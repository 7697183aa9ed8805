"""The tools that scan builds: the latest nightly, or any."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from sickbay.core.tool import Call, tool
from sickbay.toolsets.buildkite.analysis.rows import shortened
from sickbay.toolsets.buildkite.models.scan import (
    Branch,
    BuildName,
    Pipeline,
    ScanReport,
)
from sickbay.toolsets.buildkite.source import Buildkite
from sickbay.toolsets.buildkite.tools.reference import meant_build
from sickbay.toolsets.buildkite.tools.scanner import Scanner, ref_of

if TYPE_CHECKING:
    from sickbay.toolsets.buildkite.tools.targets import Nightly

TIMEOUT_S = 900.0
FOREIGN = ("build_info", "causes", "passed_on_retry", "notes", "coverage")

Issues = Annotated[bool, "look failures up on GitHub"]


@tool(
    title="Scan the latest nightly",
    items="causes",
    untrusted=FOREIGN,
    timeout_s=TIMEOUT_S,
    open_world=True,
)
async def scan_latest_nightly(  # noqa: PLR0913 - each is a different question
    source: Buildkite,
    call: Call,
    *,
    pipeline: Pipeline = None,
    branch: Branch = None,
    finished: Annotated[bool, "only one that is over"] = False,
    search_issues: Issues = True,
) -> ScanReport:
    """Scan the latest nightly build: what failed, is it new, known, flaky or infra.

    Gives what scan_build gives: scan_id, build_info, jobs, categories,
    unique_failures, causes, passed_on_retry, notes, scanned_at. A build that still
    runs is scanned as far as it is, and said to.
    """
    scanner = Scanner(source, call, issues=search_issues)
    found = await scanner.targets.nightly(pipeline, branch, finished=finished)
    scan = await scanner.scan(ref_of(found.build))
    return shortened(_with_finished(scan.report, found))


@tool(
    title="Scan a build",
    items="causes",
    untrusted=FOREIGN,
    timeout_s=TIMEOUT_S,
    open_world=True,
)
async def scan_build(
    source: Buildkite,
    call: Call,
    *,
    build: BuildName,
    search_issues: Issues = True,
) -> ScanReport:
    """Read the logs of all failed jobs of a build; say what failed, why and whose.

    Gives `causes`, new regressions first: category, confidence, evidence, tests and
    jobs (the first of them; log and line for logs_read), issue, owner, since which
    build; counts by `categories`, `unique_failures`, `jobs` by ending,
    `passed_on_retry` (flaky, no failures), `build_info`, `notes` on what was not to
    be had, `scan_id` and `scanned_at`. Next: buildkite_render.
    """
    scanner = Scanner(source, call, issues=search_issues)
    scan = await scanner.scan(meant_build(source, build))
    return shortened(scan.report)


def _with_finished(report: ScanReport, found: Nightly) -> ScanReport:
    """The report, naming the last nightly that is over where this one is not."""
    if found.finished is None:
        return report
    over = found.finished
    said = f"the last finished nightly, build {over.number} ({over.state}): {over.url}"
    return replace(report, notes=(*report.notes, said))
