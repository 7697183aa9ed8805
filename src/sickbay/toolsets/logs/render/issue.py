"""The report as markdown that pastes into an issue.

Text out of a log stands in code spans and fences only, where it cannot mention
people, link, or become HTML.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.render.markdown import fence, prose, span
from sickbay.render.words import amount, share, size
from sickbay.toolsets.logs.render.groups import (
    by_cause,
    count_words,
    disagreement,
    headline,
)
from sickbay.toolsets.logs.render.words import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.report import Cause, FailedTest, Report, Tests

CAUSES = 3
EVIDENCE = 4
GROUPS = 12
TESTS_OF_A_GROUP = 8


def markdown(report: Report) -> str:
    """The report as markdown, ready for an issue or a comment."""
    parts = [
        _head(report),
        *(_cause(cause) for cause in report.causes[:CAUSES]),
        _failed(report),
        _flaky(report.tests),
        _foot(report),
    ]
    return "\n\n".join("\n".join(rows) for part in parts if (rows := list(part))) + "\n"


def _head(report: Report) -> Iterator[str]:
    verdict = report.verdict
    if not report.found_failure and verdict.category == "unknown":
        yield "### No failure found"
    else:
        yield f"### Looks like: {verdict.category} ({share(verdict.confidence)} sure)"
    yield ""
    if verdict.reason:
        yield prose(verdict.reason)
        yield ""
    said = [words for words in verdict.evidence if verdict.reason not in words]
    for evidence in said[:EVIDENCE]:
        yield f"- {prose(evidence)}"
    if said:
        yield ""
    facts = f"{report.ci}, {amount(report.lines, 'line')}, {size(report.bytes)}"
    yield f"Log: {span(report.source)} ({facts})"


def _cause(cause: Cause) -> Iterator[str]:
    rule = f", rule {span(cause.rule)}" if cause.rule else ""
    yield f"**{cause.rank}. {lines_of(cause)}**{rule} ({share(cause.score)})"
    yield ""
    yield fence(cause.text)


def _failed(report: Report) -> Iterator[str]:
    tests = report.tests
    if not tests.failed:
        return
    groups = by_cause(report)
    yield f"**{amount(len(tests.failed), 'failed test')}**"
    yield ""
    for group in groups[:GROUPS]:
        yield f"- {span(group.cause)} in {amount(len(group.tests), 'test')}"
        yield from _ids(group.tests)
    if rest := groups[GROUPS:]:
        left = sum(len(group.tests) for group in rest)
        yield f"- {amount(left, 'test')} of {amount(len(rest), 'other cause')}"


def _ids(group: Sequence[FailedTest]) -> Iterator[str]:
    for test in group[:TESTS_OF_A_GROUP]:
        outcome = test.outcome.replace("_", " ")
        yield f"  - {span(test.test_id)} {outcome}, line {test.line}"
    if (more := len(group) - TESTS_OF_A_GROUP) > 0:
        yield f"  - and {more:,} more"


def _flaky(tests: Tests) -> Iterator[str]:
    if not tests.flaky:
        return
    yield f"**{amount(len(tests.flaky), 'flaky test')}**, passed on another attempt"
    yield ""
    for test in tests.flaky[:TESTS_OF_A_GROUP]:
        yield f"- {span(test.test_id)} line {test.line}: {span(headline(test))}"
    if (more := len(tests.flaky) - TESTS_OF_A_GROUP) > 0:
        yield f"- and {more:,} more"


def _foot(report: Report) -> Iterator[str]:
    if words := count_words(report.tests):
        yield prose(words)
    if words := disagreement(report.tests):
        yield words
    coverage = report.coverage
    if coverage.examined < coverage.of or coverage.skipped:
        yield f"Read {coverage.examined:,} of {amount(coverage.of, 'line')}."
    for skipped in coverage.skipped[:GROUPS]:
        yield f"Not looked at: {prose(skipped.what)} ({prose(skipped.why)})."
