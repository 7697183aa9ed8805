"""Reads Jest: the bullets under each failed file, and the closing counts.

A test is named as Jest's own bullet names it, a file that did not run by its path.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.javascript import frames, thrown, ticked, timed_out
from sickbay.logs.frameworks.results import Problem, Session, TestResult
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sickbay.logs.lines import Lines
    from sickbay.logs.log import Log
    from sickbay.logs.report import Outcome

NAME = "jest"

JOINT = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "
"""What Jest puts between the names of suites and test."""

ANCHORS = (
    Anchor("jest.file", r"^ ?(?:PASS|FAIL) {1,2}.*\.[A-Za-z]+(?: \([\d.]+ ?m?s\))?$"),
    Anchor("jest.bullet", r"^(?:  )?● \S", 1, 30),
    Anchor("jest.retry", r"^ LOGGING RETRY ERRORS  \S", 0, 12),
    Anchor("jest.suites", r"^Test Suites: +\d.* total$", 2, 5),
    Anchor("jest.tests", r"^Tests: +\d.* total$", 2, 5),
    Anchor("jest.again", r"^Summary of all failing tests$"),
    Anchor("jest.none", r"^No tests found, exiting with code [1-9]", 0, 8),
)

_FILE = Pattern(r" ?(PASS|FAIL) ++(?:.* )?(\S+)(?: \([\d.]+ ?m?s\))?$")
_BULLET = Pattern(r"(?:  )?● (\S(?:.*\S)?)\s*$")
_RETRIES = " LOGGING RETRY ERRORS  "
_RETRY = Pattern(rf"{_RETRIES}((?:.*\S)?)\s*$")
_ATTEMPT = Pattern(r" RETRY \d+ *$")
_COUNT = Pattern(r"(?<!\d)(\d+) (\w+)")
_END = Pattern(rf"\S| ?(?:PASS|FAIL) |(?:  )?● |{JOINT}\d")
_CODE = Pattern(r" *(?:> *)?(?:\d+ +)?\|")

_SUITE = "Test suite failed to run"
_CONFIG = "Validation Error:"
_NOT_TESTS = {"Console", "Validation Warning:", "Deprecation Warning:"}
_FAILED: tuple[Outcome, ...] = ("failed",)
_BLOCK = 60
_RETRY_LINES = 1000
_SPAN = 10


@dataclass(frozen=True, slots=True)
class _Retried:
    """The failed attempts of a test that Jest repeated."""

    attempts: int
    first: TestResult


@dataclass(slots=True)
class _Run:
    """What is known of one run while its lines go by."""

    line: int
    end: int = 0
    file: str | None = None
    failures: dict[tuple[str, str], TestResult] = field(default_factory=dict)
    retries: dict[str, _Retried] = field(default_factory=dict)
    suites: dict[str, int] = field(default_factory=dict)
    tests: dict[str, int] | None = None
    problem: Problem | None = None


def sessions(log: Log) -> Sequence[Session]:
    """Every run of Jest in the log."""
    run: _Run | None = None
    runs: list[_Run] = []
    for number, name in log.marks.under(NAME):
        if run is None:
            run = _Run(line=number)
        run.end = number
        _note(log.lines, run, name.removeprefix("jest."), number)
        if run.tests is not None or name == "jest.none":
            runs.append(run)
            run = None
    if run and (run.failures or run.problem):
        runs.append(run)
    return _finished(log.lines, runs)


def _note(lines: Lines, run: _Run, what: str, number: int) -> None:
    text = lines.text(number) or ""
    if what == "file":
        match = _FILE.match(text)
        run.file = match[2] if match and match[1] == "FAIL" else None
    elif what == "bullet":
        _bullet(lines, run, number, text)
    elif what == "retry":
        match = _RETRY.match(text)
        if match:
            run.retries[match[1]] = _retried(lines, match[1], number)
    elif what == "suites":
        run.suites = _counted(text)
    elif what == "tests":
        run.tests = _counted(text)
    elif what == "none":
        run.problem = Problem(number, number, text.strip())


def _counted(text: str) -> dict[str, int]:
    return {match[2]: int(match[1]) for match in _COUNT.finditer(text)}


def _retried(lines: Lines, name: str, number: int) -> _Retried:
    """The failed attempts logged under the heading at ``number``."""
    count = 0
    for _, text in lines.between(number + 1, number + _RETRY_LINES):
        if _ATTEMPT.match(text):
            count += 1
        elif _END.match(text) or text.startswith(_RETRIES):
            break
    body = [(n, t) for n, t in _body(lines, number + 1) if not _ATTEMPT.match(t)]
    return _Retried(max(count, 1), _result(name, "", number, body))


def _bullet(lines: Lines, run: _Run, number: int, text: str) -> None:
    match = _BULLET.match(text)
    name = match[1] if match else ""
    body = _body(lines, number)
    if name == _CONFIG:
        said = next((text.strip() for _, text in body if text.strip()), name)
        run.problem = Problem(number, min(number + _SPAN - 1, body[-1][0]), said)
    elif run.file and name and name not in _NOT_TESTS:
        result = _result(name, run.file, number, body)
        run.failures.setdefault((run.file, result.test_id), result)
        run.end = max(run.end, body[-1][0] if body else number)


def _body(lines: Lines, number: int) -> list[tuple[int, str]]:
    body: list[tuple[int, str]] = []
    for line, text in lines.between(number + 1, number + _BLOCK):
        if _END.match(text) or text.startswith(_RETRIES):
            break
        body.append((line, text))
    while body and not body[-1][1].strip():
        body.pop()
    return body or [(number, "")]


def _result(
    name: str, file: str, number: int, body: list[tuple[int, str]]
) -> TestResult:
    suite = name == _SUITE
    said = [(n, t) for n, t in body if t.strip() and not _CODE.match(t)]
    typed = [(n, t) for n, t in said if thrown(t)[0]] if suite else []
    line, text = (typed or said or [(number, name)])[0]
    exception, message = thrown(text.strip().removeprefix(": "))
    message = message.removeprefix("thrown: ").strip('"')
    start = number if line < number + _SPAN else line
    end = body[-1][0] if body else number
    outcome: Outcome = "error" if suite else "failed"
    if timed_out(message):
        outcome = "timed_out"
    return TestResult(
        test_id=file if suite else name,
        framework=NAME,
        outcome=outcome,
        line=line,
        message=message or name,
        exception=exception,
        span=(start, min(end, start + _SPAN - 1)),
        frames=frames(text for _, text in body),
    )


def _finished(lines: Lines, runs: Sequence[_Run]) -> Sequence[Session]:
    found: list[Session] = []
    bad: set[str] = set()
    for run in runs:
        ticks = ticked(lines.between(run.line, run.end), bad, JOINT)
        session = _session(run, frozenset(ticks))
        bad |= {result.test_id for result in session.failed}
        found.append(session)
    return found


def _session(run: _Run, passed: frozenset[str]) -> Session:
    results: dict[str, TestResult] = {}
    for (file, name), result in run.failures.items():
        # Many files have a test of the same name, and each failed.
        ident = f"{file}{JOINT}{name}" if name in results else name
        retried = run.retries.pop(name.replace(JOINT, " "), None)
        attempts = _FAILED * (retried.attempts + 1) if retried else ()
        results[ident] = replace(result, test_id=ident, attempts=attempts)
    flaky = [_flaky(retried) for retried in run.retries.values()]
    return Session(
        framework=NAME,
        line_start=run.line,
        line_end=run.end,
        counts=_counts(run, results.values()),
        expected_failed=_expected(run),
        failed=(*results.values(), *flaky),
        passed=passed | {result.test_id for result in flaky},
        problem=run.problem,
    )


def _flaky(retried: _Retried) -> TestResult:
    attempts: tuple[Outcome, ...] = (*_FAILED * retried.attempts, "passed")
    return replace(retried.first, outcome="rerun", attempts=attempts)


def _counts(run: _Run, results: Collection[TestResult]) -> Counts:
    tests = run.tests or {}
    slow = sum(result.outcome == "timed_out" for result in results)
    seen = sum(result.outcome != "error" for result in results)
    return Counts(
        passed=tests.get("passed", 0),
        failed=max(tests.get("failed", seen) - slow, 0),
        error=sum(result.outcome == "error" for result in results),
        skipped=sum(tests.get(word, 0) for word in ("skipped", "todo", "pending")),
        timed_out=slow,
        rerun=sum(retried.attempts for retried in run.retries.values()),
    )


def _expected(run: _Run) -> int | None:
    """Failed tests and files that did not run, by Jest's own counts.

    Jest counts files, whether they did not run or have a failed test; the files of
    which tests were seen to fail tell the two apart.
    """
    if run.tests is None:
        return None
    failed = run.tests.get("failed", 0)
    broken = {file for file, name in run.failures if file == name}
    tests = [file for file, name in run.failures if file != name]
    if len(tests) < failed:
        return failed + len(broken)
    silent = run.suites.get("failed", 0) - len(broken | set(tests))
    return failed + len(broken) + max(silent, 0)
