"""Reads Gradle's test logging: ``Class > test FAILED``, and how many tests completed.

Tests are named ``package.Class.method``, as ``gradle --tests`` takes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.java import frames, thrown, timed_out
from sickbay.logs.frameworks.results import Frame, Session, TestResult
from sickbay.logs.frameworks.totals import below
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.lines import Lines
    from sickbay.logs.log import Log
    from sickbay.logs.report import Outcome

NAME = "gradle"

ANCHORS = (
    Anchor("gradle.failed", r"^[^> \n].* > .* FAILED$", 1, 30),
    Anchor("gradle.completed", r"^\d+ tests? completed(?:, \d+ (?:failed|skipped))+$"),
    Anchor("gradle.end", r"^BUILD (?:FAILED|SUCCESSFUL) in \d"),
)

_FAILED = Pattern(r"(?=.* FAILED$)(.*) > (.*) FAILED$")
_COUNT = Pattern(r"(?<!\d)(\d+) (?:tests? )?(completed|failed|skipped)")
_AT = Pattern(r"(\S+) at (\S+?\.\w+)(?::(\d+))?$")
_RUNNER = Pattern(r"Gradle (?:suite|test|Test (?:Run|Executor)\b)")

_BLOCK = 60
_SPAN = 10


@dataclass(slots=True)
class _Run:
    """What is known of one build while its lines go by."""

    line: int
    end: int
    failed: dict[str, TestResult] = field(default_factory=dict)
    again: int = 0
    completed: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    over: bool = False


def sessions(log: Log) -> Sequence[Session]:
    """Every build in the log of which Gradle told test results."""
    runs: list[_Run] = []
    for number, name in log.marks.under(NAME):
        if not runs or runs[-1].over:
            runs.append(_Run(line=number, end=number))
        _note(log.lines, runs[-1], name, number)
    return [_session(run) for run in runs if run.failed or run.completed]


def _note(lines: Lines, run: _Run, name: str, number: int) -> None:
    text = lines.text(number) or ""
    run.end = max(run.end, number)
    if name == "gradle.failed":
        result = _result(lines, number, text)
        if result and result.test_id in run.failed:
            run.again += 1
        elif result:
            run.failed[result.test_id] = result
    elif name == "gradle.completed":
        run.completed = True
        for match in _COUNT.finditer(text):
            run.counts[match[2]] = run.counts.get(match[2], 0) + int(match[1])
    else:
        run.over = True


def _result(lines: Lines, number: int, text: str) -> TestResult | None:
    match = _FAILED.match(text)
    if not match:
        return None
    body = _body(lines, number)
    index, exception, message = thrown(body)
    result = TestResult(
        test_id=_test_id(f"{match[1]} > {match[2]}", body),
        framework=NAME,
        outcome=_outcome(match[2], exception, message),
        line=number + 1 + index if body else number,
        message=message or None,
        exception=exception,
        span=(number, number + min(len(body), _SPAN - 1)),
        frames=frames(body),
    )
    brief = _AT.match(message)
    if not brief:
        return result
    place = Frame(brief[2], int(brief[3]) if brief[3] else None, None)
    outcome = _outcome(match[2], brief[1], "")
    return replace(
        result,
        exception=brief[1],
        message=brief[1],
        outcome=outcome,
        frames=(place,),
    )


def _outcome(name: str, exception: str | None, message: str) -> Outcome:
    if timed_out(exception, message):
        return "timed_out"
    return "error" if name in {"classMethod", "initializationError"} else "failed"


def _body(lines: Lines, number: int) -> list[str]:
    body: list[str] = []
    for text in below(lines, number, _BLOCK):
        if not text.startswith("    "):
            break
        body.append(text.strip())
    return body


def _test_id(shown: str, body: Sequence[str]) -> str:
    """``package.Class.method`` from the display names, the class in full if known."""
    owner, *names = [p for p in shown.split(" > ") if not _RUNNER.match(p)] or [shown]
    if "." not in owner:
        for frame in frames(body):
            found = (frame.function or "").rpartition(".")[0].partition("$")[0]
            if found.rpartition(".")[2] == owner:
                owner = found
                break
    names = [name.removesuffix("()") for name in names if name != "classMethod"]
    return ".".join([owner, " > ".join(names)]) if names else owner


def _session(run: _Run) -> Session:
    outcomes = [result.outcome for result in run.failed.values()]
    failed, skipped = run.counts.get("failed", 0), run.counts.get("skipped", 0)
    completed = run.counts.get("completed", 0)
    return Session(
        framework=NAME,
        line_start=run.line,
        line_end=run.end,
        counts=Counts(
            passed=max(completed - failed - skipped, 0),
            failed=outcomes.count("failed"),
            error=outcomes.count("error"),
            skipped=skipped,
            timed_out=outcomes.count("timed_out"),
        ),
        # The same test may fail in several tasks of one build.
        expected_failed=max(failed - run.again, 0) if run.completed else None,
        failed=tuple(run.failed.values()),
    )
