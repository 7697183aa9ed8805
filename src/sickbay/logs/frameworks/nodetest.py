"""Reads the spec reporter of Node's own test runner; its TAP is read as TAP.

Tests are named by their suites and title, ``suite > test``, a file that did not run by
its path.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.javascript import frames, thrown, timed_out
from sickbay.logs.frameworks.results import Session, TestResult
from sickbay.logs.frameworks.totals import below
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.lines import Lines
    from sickbay.logs.log import Log
    from sickbay.logs.report import Outcome

NAME = "nodetest"

_INFO = "\N{INFORMATION SOURCE}"

# Anchors match bytes: a class or a repeat would take these marks apart.
ANCHORS = (
    Anchor("nodetest.suite", r"^ *▶ \S"),
    Anchor("nodetest.bad", r"^ *✖ \S"),
    Anchor(
        "nodetest.count",
        rf"^{_INFO} (?:tests|pass|fail|cancelled|skipped|todo) \d+$",
        before=1,
        after=4,
    ),
    Anchor("nodetest.list", r"^✖ failing tests:$", 10, 2),
    Anchor("nodetest.at", r"^test at .*:\d+:\d+$", 0, 40),
)

_MARKED = Pattern(r"( *)\S ((?:.*\S)?)\s*$")
_TIME = Pattern(r"(.*?)(?: \([\d.]+ms\))?( #.*)?$")
_AT = Pattern(r"test at (.*):(\d+):\d+$")
_COUNT = Pattern(r"\S+ (\w+) (\d+)$")

_BLOCK = 60
_SPAN = 10

_DEPTH = 20
"""Suites within suites that are followed."""


@dataclass(slots=True)
class _Run:
    """What is known of one run while its lines go by."""

    line: int
    end: int
    suites: list[tuple[int, str]] = field(default_factory=list)
    paths: dict[str, tuple[str, ...]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    listing: bool = False
    results: dict[str, TestResult] = field(default_factory=dict)


def sessions(log: Log) -> Sequence[Session]:
    """Every run of Node's test runner in the log."""
    runs: list[_Run] = []
    for number, name in log.marks.under(NAME):
        what = name.removeprefix("nodetest.")
        counted = bool(runs and runs[-1].counts)
        if not runs or (counted and _starts(runs[-1], log.lines, what, number)):
            runs.append(_Run(line=number, end=number))
        _note(log.lines, runs[-1], what, number)
    return [_session(run) for run in runs if "tests" in run.counts]


def _starts(run: _Run, lines: Lines, what: str, number: int) -> bool:
    """Whether a line comes after the end of a run of which the counts were seen."""
    text = lines.text(number) or ""
    if what == "count":
        match = _COUNT.match(text)
        return bool(match and match[1] in run.counts)
    return what == "suite" or (what == "bad" and number > run.end + 1 + _BLOCK)


def _note(lines: Lines, run: _Run, what: str, number: int) -> None:
    text = lines.text(number) or ""
    run.end = max(run.end, number)
    if what == "count":
        match = _COUNT.match(text)
        if match:
            run.counts[match[1]] = int(match[2])
    elif what == "list":
        run.listing = bool(run.counts)
    elif what == "at" and run.listing:
        _failed(lines, run, number, text)
    elif not run.counts:
        _tree(run, what, text)


def _tree(run: _Run, what: str, text: str) -> None:
    """Take a line of the tree: it tells which suites a failed test is in."""
    match = _MARKED.match(text)
    if not match:
        return
    indent = len(match[1])
    while run.suites and run.suites[-1][0] >= indent:
        run.suites.pop()
    if what == "suite":
        run.suites.append((indent, match[2]))
    else:
        run.paths.setdefault(match[2], tuple(name for _, name in run.suites[-_DEPTH:]))


def _failed(lines: Lines, run: _Run, number: int, text: str) -> None:
    """Take one entry of the closing list of failures."""
    place, shown = _AT.match(text), _MARKED.match(lines.text(number + 1) or "")
    title = _TIME.match(shown[2]) if shown else None
    if not place or not shown or not title or title[2]:
        return
    file = title[1].endswith("/" + place[1]) or title[1] == place[1]
    path = (*run.paths.get(shown[2], ()), title[1])
    name = place[1] if file else " > ".join(path)
    body = _body(lines, number + 1)
    run.results.setdefault(name, _result(name, number, body, file=file))
    run.end = max(run.end, number + 1 + len(body))


def _body(lines: Lines, number: int) -> list[str]:
    body: list[str] = []
    for text in below(lines, number, _BLOCK):
        if text and not text.startswith("  "):
            break
        body.append(text)
    while body and not body[-1].strip():
        body.pop()
    return body


def _result(name: str, number: int, body: Sequence[str], *, file: bool) -> TestResult:
    exception, message = thrown(body[0]) if body else (None, "")
    message = message.strip("'")
    outcome: Outcome = "error" if file else "failed"
    if timed_out(message):
        outcome = "timed_out"
    return TestResult(
        test_id=name,
        framework=NAME,
        outcome=outcome,
        line=number + 2 if body else number + 1,
        message=message or None,
        exception=exception,
        span=(number, number + min(len(body) + 1, _SPAN - 1)),
        frames=frames(body),
    )


def _session(run: _Run) -> Session:
    outcomes = [result.outcome for result in run.results.values()]
    bad = run.counts.get("fail", 0) + run.counts.get("cancelled", 0)
    listed = len(run.results)
    # Node counts a test that failed for its subtests, and lists the subtests alone.
    if listed <= bad <= max(len(run.paths), listed):
        bad = listed
    return Session(
        framework=NAME,
        line_start=run.line,
        line_end=run.end,
        counts=Counts(
            passed=run.counts.get("pass", 0),
            failed=outcomes.count("failed"),
            error=outcomes.count("error"),
            skipped=run.counts.get("skipped", 0) + run.counts.get("todo", 0),
            timed_out=outcomes.count("timed_out"),
        ),
        expected_failed=bad,
        failed=tuple(run.results.values()),
    )
