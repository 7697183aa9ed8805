"""Reads JUnit's own console runners: JUnit 4's text and the JUnit Platform's launcher.

Tests are named ``package.Class.method``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.java import frames, thrown, timed_out
from sickbay.logs.frameworks.results import Session, TestResult
from sickbay.logs.frameworks.totals import below
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sickbay.logs.lines import Lines
    from sickbay.logs.log import Log
    from sickbay.logs.report import Outcome

NAME = "junitconsole"

ANCHORS = (
    Anchor("junitconsole.four", r"^There (?:was|were) \d+ failures?:$", 1, 60),
    Anchor("junitconsole.total", r"^Tests run: \d+,  Failures: \d+$", 3, 1),
    Anchor("junitconsole.ok", r"^OK \(\d+ tests?\)$", 1, 1),
    Anchor("junitconsole.five", r"^Failures \(\d+\):$", 1, 60),
    Anchor("junitconsole.source", r"^ {4}\w+Source \[className = '", 1, 20),
    Anchor("junitconsole.count", r"^\[ +\d+ (?:tests|containers) [a-z]+ +\]$", 1, 1),
)

_FOUR = Pattern(r"(\d+)\) (?:(.+)\(([\w.$]+)\)|([\w.$]+))$")
_SOURCE = Pattern(r" {4}\w+ \[className = '([^']+)'(?:, methodName = '([^']+)')?")
_INVOCATION = Pattern(r".*:([^:]+):\[(\d+)\]")
_TOTALS = Pattern(r"(\d{1,9})(?:,  Failures: (\d{1,9}))?")
_COUNT = Pattern(r"\[ +(\d+) (\w+ \w+) +\]")

_BLOCK = 40
_SPAN = 10


@dataclass(slots=True)
class _Run:
    """What is known of one run while its lines go by."""

    line: int
    end: int
    five: bool = False
    results: dict[str, TestResult] = field(default_factory=dict)
    passed: int = 0
    failed: int | None = None
    counts: dict[str, int] = field(default_factory=dict)


def sessions(log: Log) -> Sequence[Session]:
    """Every run of one of these runners in the log."""
    runs: list[_Run] = []
    for number, name in log.marks.under(NAME):
        what = name.removeprefix("junitconsole.")
        fresh = not runs or runs[-1].failed is not None
        if what in {"four", "five", "ok"} or (fresh and what == "count"):
            runs.append(_Run(line=number, end=number, five=what == "five"))
        if runs:
            _note(log.lines, runs[-1], what, number)
    return [_session(run) for run in runs if run.failed is not None]


def _note(lines: Lines, run: _Run, what: str, number: int) -> None:
    text = lines.text(number) or ""
    ran, failed = _totals(text)
    if what == "total" and not run.five and run.failed is None:
        run.failed, run.passed = failed, max(ran - failed, 0)
        _four(run, lines.between(run.line + 1, number - 1))
    elif what == "ok":
        run.failed, run.passed = 0, ran
    elif what == "source" and run.five:
        _five(lines, run, number, text)
    elif what == "count":
        _count(run, text)
    else:
        return
    run.end = max(run.end, number)


def _totals(text: str) -> tuple[int, int]:
    """How many tests ran, and how many failed."""
    match = _TOTALS.search(text)
    return (int(match[1]), int(match[2] or 0)) if match else (0, 0)


def _count(run: _Run, text: str) -> None:
    match = _COUNT.match(text)
    if match:
        run.counts[match[2]] = int(match[1])
    if match and match[2] == "tests failed":
        run.failed = int(match[1]) + run.counts.get("containers failed", 0)
        run.passed = run.counts.get("tests successful", 0)


def _four(run: _Run, lines: Iterable[tuple[int, str]]) -> None:
    """Take the numbered list of failures that JUnit 4 closes with."""
    entries: list[tuple[int, str, bool, list[str]]] = []
    for number, text in lines:
        match = _FOUR.match(text)
        if match and int(match[1]) == len(entries) + 1:
            name = f"{match[3]}.{match[2]}" if match[3] else match[4]
            entries.append((number, name, not match[3], []))
        elif entries and len(entries[-1][-1]) < _BLOCK:
            entries[-1][-1].append(text)
    for number, name, whole, body in entries:
        run.results.setdefault(name, _result(name, number, body, 0, whole=whole))


def _five(lines: Lines, run: _Run, number: int, text: str) -> None:
    """Take one failure of the Platform's list: its source, then what was thrown."""
    match = _SOURCE.match(text)
    if not match:
        return
    body: list[str] = []
    for line in below(lines, number, _BLOCK):
        if not line.startswith("    ") or _SOURCE.match(line):
            break
        body.append(line.strip().removeprefix("=> "))
    invocation = _INVOCATION.match(lines.text(number - 1) or "")
    name = match[1]
    if match[2]:
        shown = invocation[1] if invocation else match[2]
        name += "." + (shown if shown.startswith(match[2]) else match[2])
        name += f"[{invocation[2]}]" if invocation else ""
    at = [body[0], *("at " + line for line in body[1:])] if body else []
    result = _result(name, number - 1, at, 1, whole=not match[2])
    run.results.setdefault(name, result)


def _result(
    name: str, number: int, body: Sequence[str], gap: int, *, whole: bool
) -> TestResult:
    index, exception, message = thrown(body)
    outcome: Outcome = "error" if whole else "failed"
    if timed_out(exception, message):
        outcome = "timed_out"
    return TestResult(
        test_id=name,
        framework=NAME,
        outcome=outcome,
        line=number + 1 + gap + index if body else number,
        message=message or None,
        exception=exception,
        span=(number, number + min(len(body) + gap, _SPAN - 1)),
        frames=frames(body),
    )


def _session(run: _Run) -> Session:
    outcomes = [result.outcome for result in run.results.values()]
    return Session(
        framework=NAME,
        line_start=run.line,
        line_end=run.end,
        counts=Counts(
            passed=run.passed,
            failed=outcomes.count("failed"),
            error=outcomes.count("error"),
            skipped=run.counts.get("tests skipped", 0),
            timed_out=outcomes.count("timed_out"),
        ),
        expected_failed=run.failed,
        failed=tuple(run.results.values()),
    )
