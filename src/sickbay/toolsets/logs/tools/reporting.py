"""The tools that say what logs mean."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sickbay.core.results import Coverage
from sickbay.core.tool import Call, tool
from sickbay.toolsets.logs.models import (
    Clusters,
    Difference,
    Explanation,
    LogCluster,
    LogName,
    LogNames,
    LogSummary,
    TestResults,
)
from sickbay.toolsets.logs.source import Logs, parts

if TYPE_CHECKING:
    from sickbay.clients.logstore import StoredLog
    from sickbay.logs.cluster import Cluster
    from sickbay.logs.report import Cause, Report, RuleMatch

TIMEOUT_S = 300.0

LINE = 300
"""Characters of a line that an explanation shows; logs_read shows more of it."""


@tool(
    title="Explain a log",
    items="tests.failed",
    untrusted=("causes", "rule_match", "tests", "verdict.evidence", "reports"),
    budget_bytes=16_000,
    timeout_s=TIMEOUT_S,
    open_world=True,
)
async def explain(source: Logs, call: Call, *, log: LogName) -> Explanation:
    """Start here: why a CI log failed. Takes a folder, too: a row per log in `reports`.

    Gives `source`, `bytes`, `lines`, `ci`, the `verdict` (category: code, test,
    infrastructure, dependency, configuration; confidence, reason, evidence), up to ten
    `causes`, best first (line_start, line_end, text, score), the `rule_match` and the
    `tests` (frameworks, counts, failed, flaky).
    Next: logs_read around a cause, logs_diff with a run that passed, logs_search.
    """
    if await source.is_folder(log):
        return await _explained_folder(source, call, log)
    report = await _report(source, call, log)
    return Explanation(
        source=report.source,
        bytes=report.bytes,
        lines=report.lines,
        ci=report.ci,
        verdict=report.verdict,
        causes=tuple(map(_brief, report.causes)),
        rule_match=_brief_match(report.rule_match),
        tests=report.tests,
        coverage=report.coverage,
    )


@tool(
    title="Test results of a log",
    items="failed",
    untrusted=("failed", "flaky"),
    timeout_s=TIMEOUT_S,
    open_world=True,
)
async def extract_test_results(
    source: Logs, call: Call, *, log: LogName
) -> TestResults:
    """List the failed tests of a log or JUnit XML file, whatever ran them.

    Gives `frameworks`, `sessions`, `counts` by outcome, `expected_failed` (as the log
    itself counts), `failed` and `flaky` tests: test_id, message, exception, line.
    """
    report = await _report(source, call, log)
    found = report.tests
    return TestResults(
        frameworks=found.frameworks,
        sessions=found.sessions,
        expected_failed=found.expected_failed,
        counts=found.counts,
        failed=found.failed,
        flaky=found.flaky,
        coverage=report.coverage,
    )


@tool(
    title="Compare two logs",
    items="hunks",
    untrusted=("hunks",),
    timeout_s=TIMEOUT_S,
    open_world=True,
)
async def diff(
    source: Logs, call: Call, *, passed: LogName, failed: LogName
) -> Difference:
    """Show what only the failing log says; noise such as times is masked.

    Use it when a log of the same job that passed is at hand. Gives the number of
    `new_lines` and `hunks`, the most telling first: line_start, line_end, score, kind,
    and lines with a status (new, changed, more, same). Next: logs_read.
    """
    good, bad = await source.log(passed), await source.log(failed)
    found: Difference = await call.thread(_compared, source, call, good, bad)
    return found


@tool(
    title="Group logs by cause",
    items="clusters",
    untrusted=("clusters",),
    timeout_s=TIMEOUT_S,
    open_world=True,
)
async def cluster(source: Logs, call: Call, *, logs: LogNames) -> Clusters:
    """Group the failures of many logs by cause: is it one failure, or many?

    Gives `clusters`, largest first: headline, cause, category, count, example, tests,
    sources (logs); `without_failure` counts logs in which nothing failed.
    Next: logs_explain for the log of an example.
    """
    reports, coverage = await source.each(call, logs, _Reporter(source, call))
    found: Clusters = await call.thread(_clustered, reports, coverage)
    return found


class _Reporter:
    """Explains logs in a worker thread."""

    def __init__(self, source: Logs, call: Call) -> None:
        self._source = source
        self._call = call

    def __call__(self, name: str, stored: StoredLog) -> Report:
        from sickbay.logs.parts import explain_parts  # noqa: PLC0415 - see source.opened

        wanted = self._source.rulebook.wanted(self._call)
        return explain_parts(parts(stored, self._call), wanted, source=name)


async def _report(source: Logs, call: Call, log: str) -> Report:
    stored = await source.log(log)
    report: Report = await call.thread(_Reporter(source, call), log, stored)
    return report


async def _explained_folder(source: Logs, call: Call, folder: str) -> Explanation:
    reports, coverage = await source.each(call, [folder], _Reporter(source, call))
    return Explanation(
        source=folder,
        bytes=sum(report.bytes for report in reports),
        lines=sum(report.lines for report in reports),
        reports=tuple(_summary(report) for report in reports),
        coverage=coverage,
    )


def _brief(cause: Cause) -> Cause:
    return replace(
        cause,
        text="\n".join(map(_clipped, cause.text.split("\n"))),
        captures=tuple(map(_clipped, cause.captures)),
        evidence=tuple(map(_clipped, cause.evidence)),
    )


def _brief_match(match: RuleMatch | None) -> RuleMatch | None:
    if match is None:
        return None
    captures = tuple(map(_clipped, match.captures))
    return replace(match, line=_clipped(match.line), captures=captures)


def _clipped(text: str) -> str:
    return text if len(text) <= LINE else f"{text[:LINE]}…"


def _summary(report: Report) -> LogSummary:
    from sickbay.logs.signature import likeness  # noqa: PLC0415 - see source.opened

    best = report.causes[0] if report.causes else None
    return LogSummary(
        log=report.source,
        category=report.verdict.category,
        reason=report.verdict.reason,
        cause=_clipped(max(best.text.split("\n"), key=likeness)) if best else None,
        line_number=best.line_start if best else None,
        failed_tests=len(report.tests.failed),
    )


def _compared(
    source: Logs, call: Call, passed: StoredLog, failed: StoredLog
) -> Difference:
    from sickbay.logs.parts import diff_parts  # noqa: PLC0415 - see source.opened

    found = diff_parts(
        parts(passed, call),
        parts(failed, call),
        source.rulebook.wanted(call),
        names=(passed.handle, failed.handle),
    )
    return Difference(
        new_lines=found.new_lines, hunks=found.hunks, coverage=found.coverage
    )


def _clustered(reports: list[Report], coverage: Coverage) -> Clusters:
    from sickbay.logs.cluster import cluster as clustered  # noqa: PLC0415 - see above

    return Clusters(
        clusters=tuple(_cluster(found) for found in clustered(reports)),
        without_failure=sum(not report.found_failure for report in reports),
        coverage=coverage,
    )


def _cluster(found: Cluster) -> LogCluster:
    return LogCluster(
        headline=found.headline,
        cause=found.cause,
        category=found.category,
        count=found.count,
        example=found.example,
        tests=found.tests,
        sources=found.sources,
        signature=found.signature,
        signatures=found.signatures,
    )
