"""The summary that gotestsum prints: every failed attempt, and the counts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sickbay.logs.frameworks.go.story import NAME, failure, story, with_parents
from sickbay.logs.frameworks.results import Problem, Session, TestResult
from sickbay.logs.frameworks.totals import numbers
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.log import Log

_ENTRY = Pattern(
    r"=== FAIL: (\S+) (\S*) ?(?:\(re-run (\d+)\) )?\((?:[\d.]+s|unknown|cached)\)$"
)
_OUTPUT = 200


def summary_sessions(log: Log) -> Sequence[Session]:
    """A session for each gotestsum; re-runs of what failed belong to it."""
    found: list[Session] = []
    start = 1
    for number, totals in _last_of_each(log):
        found.append(_session(log, start, number, totals))
        start = number + 1
    return found


def _last_of_each(log: Log) -> Iterator[tuple[int, dict[str, int]]]:
    """The ``DONE`` lines that no re-run follows."""
    done = [(n, numbers(log.lines.text(n) or "")) for n in log.marks.at("go.done")]
    for index, (number, totals) in enumerate(done):
        later = done[index + 1][1] if index + 1 < len(done) else {}
        if later.get("run", 1) <= totals.get("run", 1):
            yield number, totals


def _session(log: Log, start: int, done: int, totals: dict[str, int]) -> Session:
    runs = totals.get("run", 1)
    attempts: dict[str, list[tuple[int, TestResult]]] = {}
    for rerun, result in _entries(log, start, done):
        attempts.setdefault(result.test_id, []).append((rerun, result))
    results = with_parents(_joined(same, runs) for same in attempts.values())
    repeated = sum(len(same) for same in attempts.values()) - len(attempts)
    flaky = [result for result in results if result.outcome == "rerun"]
    outcomes = [result.outcome for result in results]
    return Session(
        framework=NAME,
        line_start=_begin(log, start, done),
        line_end=done,
        counts=Counts(
            passed=max(
                totals.get("test", 0)
                - totals.get("failure", 0)
                - totals.get("skipped", 0),
                0,
            ),
            failed=outcomes.count("failed"),
            error=outcomes.count("error"),
            crashed=outcomes.count("crashed"),
            timed_out=outcomes.count("timed_out"),
            rerun=repeated + len(flaky),
            skipped=totals.get("skipped", 0),
        ),
        expected_failed=totals.get("failure", 0) - repeated - len(flaky),
        failed=results,
        passed=frozenset(result.test_id for result in flaky),
        problem=_problem(log, start, done) if totals.get("error") else None,
    )


def _begin(log: Log, start: int, done: int) -> int:
    kinds = ("step", "package", "entry", "failed")
    marks = [log.marks.between(f"go.{kind}", start, done)[:1] for kind in kinds]
    return min([done, *(number for some in marks for number in some)])


def _entries(log: Log, start: int, done: int) -> Iterator[tuple[int, TestResult]]:
    for number in log.marks.between("go.entry", start, done):
        match = _ENTRY.match(log.lines.text(number) or "")
        if match:
            test_id = f"{match[1]}.{match[2]}" if match[2] else match[1]
            result = failure(test_id, number, story(_output(log, number, done)))
            if not match[2]:
                result = replace(result, outcome="error")
            yield int(match[3] or 0), result


def _output(log: Log, number: int, done: int) -> list[tuple[int, str]]:
    output: list[tuple[int, str]] = []
    for at, text in log.lines.between(number + 1, min(number + _OUTPUT, done - 1)):
        if text.startswith(("=== FAIL:", "=== Errors", "=== SKIP:", "DONE ")):
            break
        output.append((at, text))
    while output and not output[-1][1].strip():
        output.pop()
    return output


def _joined(same: list[tuple[int, TestResult]], runs: int) -> TestResult:
    """One test's failed attempts; in a later run than those, it passed."""
    last, result = max(rerun for rerun, _ in same), same[0][1]
    failures = tuple(one.outcome for _, one in same)
    if last < runs - 1 and result.outcome == "failed":
        return replace(result, outcome="rerun", attempts=(*failures, "passed"))
    return replace(result, attempts=failures) if len(failures) > 1 else result


def _problem(log: Log, start: int, done: int) -> Problem | None:
    """What did not build: the lines under ``=== Errors``."""
    texts = log.lines.before(done, min(30, done - start))
    first = done - len(texts)
    for number, text in enumerate(texts, first):
        if text == "=== Errors":
            message = texts[number - first + 1 :][:1]
            return Problem(number + 1, min(number + 10, done - 1), "".join(message))
    return None
