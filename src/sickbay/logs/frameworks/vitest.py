"""Reads Vitest: the closing list of failures and the counts under it.

Tests are named as that list names them, ``file > suite > test``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.javascript import frames, thrown, timed_out
from sickbay.logs.frameworks.results import Problem, Session, TestResult
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sickbay.logs.lines import Lines
    from sickbay.logs.log import Log
    from sickbay.logs.report import Outcome

NAME = "vitest"

# Anchors match bytes: a class or a repeat would take these marks apart.

ANCHORS = (
    Anchor("vitest.start", r"^ ?(?:RUN|DEV) {1,2}v\d+\.\d+\.\d+ ", 0, 4),
    Anchor("vitest.banner", r"^(?:⎯)+ Failed (?:Suites|Tests) \d+ (?:⎯)+$", 1, 2),
    Anchor(
        "vitest.unhandled", r"^(?:⎯)+ (?:Unhandled|Uncaught) [A-Z][a-z]+ (?:⎯)", 1, 12
    ),
    Anchor("vitest.fail", r"^ FAIL {2,3}\S", 1, 40),
    Anchor("vitest.file", r"^ \S{2,3} .*\(\d+ tests?(?: \|.*)?\)"),
    Anchor("vitest.passed", r"^ +✓ .* > "),
    Anchor("vitest.retried", r"\d+m?s \(retry x\d+\)$", 0, 1),
    Anchor("vitest.tests", r"^ *Tests  .*\(\d+\)$", 2, 5),
    Anchor("vitest.none", r"^No test (?:files|suites?) found, exiting with code [1-9]"),
)

_FAIL = Pattern(r" FAIL  (?:\|[^|]+\| | \S+  )?(\S(?:.*\S)?)\s*$")
_SUITE = Pattern(r"(?=.* \]$)(.*) \[ .* \]$")
_BANNER = Pattern(r".* Failed (\w+) (\d+) ")
_RULE = Pattern(r"⎯{8}")
_HEADING = Pattern(r" (\S) +(?:\|[^|]+\| +)?(\S.*?) \(\d+ tests?")
_TICK = Pattern(r" +\S (.*?)(?: \d+m?s)?(?: \(retry x(\d+)\))?$")
_COUNT = Pattern(r"(?<!\d)(\d+) (\w+)")
_TIMES = Pattern(r" *Start at  ")

_BLOCK = 60
_SPAN = 10
_NEAR = 4
"""Lines below the counts within which Vitest says when it started."""


@dataclass(slots=True)
class _Run:
    """What is known of one run while its lines go by."""

    line: int
    end: int
    file: str = ""
    listing: bool = False
    body: list[tuple[int, str]] = field(default_factory=list)
    told: TestResult | None = None
    suites: int = 0
    failures: dict[str, TestResult] = field(default_factory=dict)
    retried: dict[str, tuple[int, int]] = field(default_factory=dict)
    passed: set[str] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)
    tests: dict[str, int] | None = None
    problem: Problem | None = None


def sessions(log: Log) -> Sequence[Session]:
    """Every run of Vitest in the log."""
    runs: list[_Run] = []
    for number, name in log.marks.under(NAME):
        fresh = not runs or runs[-1].tests is not None
        if name == "vitest.start" or (fresh and name == "vitest.banner"):
            runs.append(_Run(line=number, end=number))
        if runs:
            _note(log.lines, runs[-1], name.removeprefix("vitest."), number)
    bad: dict[str, set[str]] = {}
    found = []
    for run in runs:
        session = _session(log.lines, run, bad)
        for result in session.failed:
            file = result.test_id.partition(" > ")[0]
            bad.setdefault(file, set()).add(result.test_id)
        found.append(session)
    return found


def _note(lines: Lines, run: _Run, what: str, number: int) -> None:
    text = lines.text(number) or ""
    run.end = max(run.end, number)
    if what == "banner":
        match = _BANNER.match(text)
        run.listing = True
        run.suites += int(match[2]) if match and match[1] == "Suites" else 0
    elif what == "fail" and run.listing:
        _fail(lines, run, number, text)
    elif what == "tests" and _closes(lines, number):
        run.tests = {match[2]: int(match[1]) for match in _COUNT.finditer(text)}
    elif what == "unhandled":
        run.listing = True
        run.problem = run.problem or _unhandled(lines, number)
    elif what == "none":
        run.problem = Problem(number, number, text.strip())
    elif not run.listing:
        _progress(run, what, number, text)


def _progress(run: _Run, what: str, number: int, text: str) -> None:
    """Take a line that is printed while the tests run."""
    if what == "file":
        match = _HEADING.match(text)
        run.file = match[2] if match else ""
        if match and match[1] == "✓":
            run.whole.add(run.file)
        return
    tick = _TICK.match(text)
    if not tick:
        return
    name = tick[1] if tick[1].startswith(run.file + " > ") else _name(run, tick[1])
    if what == "passed":
        run.passed.add(name)
    elif what == "retried" and tick[2]:
        run.retried[name] = (int(tick[2]), number)
        if text.lstrip().startswith("✓"):
            run.passed.add(name)


def _name(run: _Run, name: str) -> str:
    return f"{run.file} > {name}" if run.file else name


def _closes(lines: Lines, number: int) -> bool:
    """Whether these are Vitest's own counts, not some that a test printed."""
    return any(_TIMES.match(text) for text in lines.after(number, _NEAR))


def _fail(lines: Lines, run: _Run, number: int, text: str) -> None:
    match = _FAIL.match(text)
    if not match:
        return
    suite = _SUITE.match(match[1])
    name = suite[1] if suite else match[1]
    if name in run.failures:
        return
    if run.told is None or run.body[0][0] <= number:
        run.body = _body(lines, number)
        run.told = _result(name, number, run.body)
    result = replace(run.told, test_id=name, span=_span(number, run))
    if suite or len(run.failures) < run.suites:
        result = replace(result, outcome="error")
    run.failures[name] = result
    run.end = max(run.end, run.body[-1][0])


def _span(number: int, run: _Run) -> tuple[int, int]:
    """From a name to what was thrown, if that is not far below other names."""
    line = run.told.line if run.told else number
    start = number if line < number + _SPAN else line
    return start, max(line, min(run.body[-1][0], start + _SPAN - 1))


def _body(lines: Lines, number: int) -> list[tuple[int, str]]:
    """What was thrown; tests that threw the same are listed above it together."""
    body: list[tuple[int, str]] = []
    for line, text in lines.between(number + 1, lines.total):
        listed = _FAIL.match(text)
        if _RULE.match(text) or (body and listed) or len(body) == _BLOCK:
            break
        if not listed:
            body.append((line, text))
    while body and not body[-1][1].strip():
        body.pop()
    return body or [(lines.total, "")]


def _result(name: str, number: int, body: list[tuple[int, str]]) -> TestResult:
    said = [(n, t) for n, t in body if t.strip()]
    line, text = said[0] if said else (number, name)
    exception, message = thrown(text.strip().removeprefix("Unknown Error: "))
    outcome: Outcome = "timed_out" if timed_out(message) else "failed"
    return TestResult(
        test_id=name,
        framework=NAME,
        outcome=outcome,
        line=line,
        message=message,
        exception=exception,
        frames=frames(text for _, text in body),
    )


def _unhandled(lines: Lines, number: int) -> Problem | None:
    body = list(lines.between(number + 1, number + 2 * _SPAN))
    for line, text in body:
        exception, message = thrown(text)
        if exception:
            return Problem(line, line + 1, message, exception)
    return None


def _session(lines: Lines, run: _Run, bad: Mapping[str, set[str]]) -> Session:
    results = dict(run.failures)
    for name, (retries, number) in run.retried.items():
        if name in results:
            attempts = _FAILED * (retries + 1)
            results[name] = replace(results[name], attempts=attempts)
        elif name in run.passed:
            results[name] = _flaky(lines, name, retries, number)
    whole = {name for file in run.whole for name in bad.get(file, ())}
    tests = run.tests
    failed = tests.get("failed", 0) if tests is not None else None
    return Session(
        framework=NAME,
        line_start=run.line,
        line_end=run.end,
        counts=_counts(run, run.failures.values()),
        expected_failed=None if failed is None else failed + run.suites,
        failed=tuple(results.values()),
        passed=frozenset(run.passed | whole),
        problem=run.problem,
    )


_FAILED: tuple[Outcome, ...] = ("failed",)


def _flaky(lines: Lines, name: str, retries: int, number: int) -> TestResult:
    said = next(iter(lines.after(number, 1)), "").strip()
    return TestResult(
        test_id=name,
        framework=NAME,
        outcome="rerun",
        line=number,
        message=said.removeprefix("→ ") if said.startswith("→ ") else None,
        span=(number, number),
        attempts=(*_FAILED * retries, "passed"),
    )


def _counts(run: _Run, results: Collection[TestResult]) -> Counts:
    tests = run.tests or {}
    slow = sum(result.outcome == "timed_out" for result in results)
    seen = sum(result.outcome != "error" for result in results)
    return Counts(
        passed=tests.get("passed", 0),
        failed=max(tests.get("failed", seen) - slow, 0),
        error=run.suites,
        skipped=tests.get("skipped", 0) + tests.get("todo", 0),
        timed_out=slow,
        rerun=sum(retries for retries, _ in run.retried.values()),
    )
