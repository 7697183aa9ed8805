"""The page of text that a person reads in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.render.plain import (
    Paint,
    clipped,
    columns,
    folded,
    printable,
    wrapped,
)
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

    from sickbay.core.results import Coverage
    from sickbay.logs.report import Cause, FailedTest, Report, Tests, Verdict

MIN_WIDTH, MAX_WIDTH = 40, 120
CAUSES_IN_FULL = 3
EVIDENCE = 3
ROWS_OF_A_LINE = 3
GROUPS = 12
TESTS_OF_A_GROUP = 8
SKIPPED = 5

_MOOD = {"code": "red", "test": "yellow", "unknown": "dim"}


def text(report: Report, *, colour: bool = False, width: int = 80) -> str:
    """The report as a page of text.

    Args:
        report: What to show.
        colour: Whether the reader is a terminal that shows colour.
        width: Columns of the terminal; no line is wider, except for test ids, which
            stay whole so that they can be copied.

    Returns:
        The page, ending in a newline, free of control characters other than its own.
    """
    paint = Paint(colour)
    width = min(max(width, MIN_WIDTH), MAX_WIDTH)
    parts = [
        _heading(report, paint, width),
        _verdict(report, paint, width),
        _causes(report.causes, paint, width),
        _failed(report, paint, width),
        _flaky(report.tests, paint, width),
        _footing(report, paint, width),
    ]
    blocks = ["\n".join(rows) for part in parts if (rows := list(part))]
    return "\n\n".join(blocks) + "\n"


def _heading(report: Report, paint: Paint, width: int) -> Iterator[str]:
    facts = f"{report.ci} log, {amount(report.lines, 'line')}, {size(report.bytes)}"
    name = clipped(printable(report.source), width)
    if columns(name) + len(facts) + 2 <= width:
        yield f"{paint(name, 'bold')}  {paint(facts, 'dim')}"
    else:
        yield paint(name, "bold")
        yield paint(clipped(facts, width), "dim")


def _verdict(report: Report, paint: Paint, width: int) -> Iterator[str]:
    verdict = report.verdict
    if not report.found_failure and verdict.category == "unknown":
        yield paint("No failure found.", "bold", "green")
    else:
        yield paint(_verdict_line(verdict), "bold", _MOOD.get(verdict.category, "cyan"))
    for row in wrapped(printable(verdict.reason), width - 2):
        yield f"  {row}"
    said = [words for words in verdict.evidence if verdict.reason not in words]
    for evidence in said[:EVIDENCE]:
        yield from _bullet(evidence, paint, width)


def _verdict_line(verdict: Verdict) -> str:
    if verdict.category == "unknown":
        return "Cannot tell whose fault it is"
    where = {"code": "the code", "test": "the test", "infrastructure": "the machine"}
    fault = where.get(verdict.category, f"a {verdict.category} problem")
    return f"Looks like {fault} ({share(verdict.confidence)} sure)"


def _bullet(words: str, paint: Paint, width: int) -> Iterator[str]:
    first, *rest = wrapped(printable(words), width - 4) or [""]
    yield paint(f"  - {first}", "dim")
    for row in rest:
        yield paint(f"    {row}", "dim")


def _causes(causes: Sequence[Cause], paint: Paint, width: int) -> Iterator[str]:
    if not causes:
        return
    yield paint("Why", "bold")
    for cause in causes[:CAUSES_IN_FULL]:
        yield from _cause(cause, paint, width)
    if rest := causes[CAUSES_IN_FULL:]:
        places = ", ".join(lines_of(cause) for cause in rest)
        for row in wrapped(f"Less likely: {places}.", width - 2):
            yield paint(f"  {row}", "dim")


def _cause(cause: Cause, paint: Paint, width: int) -> Iterator[str]:
    rule = f": {printable(cause.rule)}" if cause.rule else ""
    score = f"  {share(cause.score)}"
    title = f"{cause.rank}. {lines_of(cause)}{rule}"
    title = clipped(title, width - 2 - len(score))
    yield f"  {paint(title, 'cyan')}{paint(score, 'dim')}"
    gutter = len(str(cause.line_end))
    room = width - gutter - 7
    for number, line in enumerate(cause.text.split("\n"), cause.line_start):
        label = f"{number:>{gutter}}"
        for row in folded(printable(line), room, rows=ROWS_OF_A_LINE):
            yield f"     {paint(f'{label}|', 'dim')} {row}".rstrip()
            label = " " * gutter
    said = [words for words in cause.evidence if words != f"rule: {cause.rule}"]
    for row in wrapped(printable("; ".join(said[:EVIDENCE])), width - 5):
        yield paint(f"     {row}", "dim")


def _failed(report: Report, paint: Paint, width: int) -> Iterator[str]:
    tests = report.tests
    if not tests.failed:
        return
    groups = by_cause(report)
    causes = f", {amount(len(groups), 'cause')}" if len(tests.failed) > 1 else ""
    yield paint(f"{amount(len(tests.failed), 'failed test')}{causes}", "bold")
    for group in groups[:GROUPS]:
        many = len(group.tests) > 1
        count = f"  {amount(len(group.tests), 'test')}" if many else ""
        words = clipped(printable(group.cause), width - 2 - len(count))
        yield f"  {paint(words, 'red')}{paint(count, 'bold')}"
        yield from _ids(group.tests, paint)
    if rest := groups[GROUPS:]:
        left = sum(len(group.tests) for group in rest)
        more = f"and {amount(left, 'test')} of {amount(len(rest), 'other cause')}"
        yield paint(f"  {more}; --format json lists them all", "dim")


def _ids(group: Sequence[FailedTest], paint: Paint) -> Iterator[str]:
    for test in group[:TESTS_OF_A_GROUP]:
        notes = [f"line {test.line}"]
        if test.outcome != "failed":
            notes.insert(0, test.outcome.replace("_", " "))
        if len(test.attempts) > 1:
            notes.append(f"{len(test.attempts)} attempts")
        words = paint(f"  {', '.join(notes)}", "dim")
        yield f"    {printable(test.test_id)}{words}"
    if (more := len(group) - TESTS_OF_A_GROUP) > 0:
        yield paint(f"    and {more:,} more", "dim")


def _flaky(tests: Tests, paint: Paint, width: int) -> Iterator[str]:
    if not tests.flaky:
        return
    yield paint(
        f"{amount(len(tests.flaky), 'flaky test')}, passed on another attempt", "bold"
    )
    for test in tests.flaky[:TESTS_OF_A_GROUP]:
        attempts = ", then ".join(word.replace("_", " ") for word in test.attempts)
        notes = f"{attempts or 'passed later'}, line {test.line}"
        yield f"  {printable(test.test_id)}  {paint(notes, 'dim')}"
        if test.message or test.exception:
            words = clipped(printable(headline(test)), width - 4)
            yield f"    {paint(words, 'yellow')}"
    if (more := len(tests.flaky) - TESTS_OF_A_GROUP) > 0:
        yield paint(f"  and {more:,} more", "dim")


def _footing(report: Report, paint: Paint, width: int) -> Iterator[str]:
    if words := count_words(report.tests):
        yield from wrapped(words, width)
    yield from _disagreement(report.tests, paint, width)
    if match := report.rule_match:
        words = f"First rule that matches: {match.rule}, line {match.line_number}."
        yield from wrapped(printable(words), width)
    yield from _coverage(report.coverage, paint, width)


def _disagreement(tests: Tests, paint: Paint, width: int) -> Iterator[str]:
    for row in wrapped(disagreement(tests), width):
        yield paint(row, "yellow")


def _coverage(coverage: Coverage, paint: Paint, width: int) -> Iterator[str]:
    if coverage.examined >= coverage.of:
        read = f"Read all {amount(coverage.of, 'line')}."
    else:
        read = f"Read {coverage.examined:,} of {amount(coverage.of, 'line')}."
    yield paint(read, "dim")
    for skipped in coverage.skipped[:SKIPPED]:
        words = f"Not looked at: {skipped.what} ({skipped.why})."
        for row in wrapped(printable(words), width):
            yield paint(row, "dim")
    if (more := len(coverage.skipped) - SKIPPED) > 0:
        yield paint(f"Not looked at: {more:,} more.", "dim")
