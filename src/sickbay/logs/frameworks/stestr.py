"""Reads what stestr prints: unittest suites run by many workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.exception import Raised, raised
from sickbay.logs.frameworks.results import Session, TestResult
from sickbay.logs.frameworks.unittest import identity
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.log import Log

NAME = "stestr"

ANCHORS = (
    Anchor("stestr.test", r"^\{\d+\} \S.* \[[\d.]+s\] \.\.\. \w", after=40),
    Anchor("stestr.ran", r"^Ran: \d+ tests? in [\d.]+ sec", after=8),
)

_BODY = 300
_TEST = Pattern(
    r"\{\d+\} (?P<what>\S.*) \[[\d.]+s\] \.\.\. (?P<word>ok|FAILED|SKIPPED)\b"
)
_TOTAL = Pattern(r" - (?P<what>[A-Z][A-Za-z ]*): (?P<number>\d+)$")


def sessions(log: Log) -> Sequence[Session]:
    """One session for each time that totals were printed, and one for a run cut off."""
    found: list[Session] = []
    tests: list[int] = []
    for number, name in log.marks.under(NAME):
        if name == "stestr.test":
            tests.append(number)
        else:
            found.append(_session(log, tests, number))
            tests = []
    if tests:
        found.append(_session(log, tests, None))
    return found


def _session(log: Log, tests: Sequence[int], ran: int | None) -> Session:
    results: dict[str, TestResult] = {}
    passed = set()
    for number, following in zip(tests, [*tests[1:], ran or 0], strict=False):
        match = _TEST.match(log.lines.text(number) or "")
        if match and match["word"] == "ok":
            passed.add(identity(match["what"]))
        elif match and match["word"] == "FAILED":
            last = min((following or log.lines.total + 1) - 1, number + _BODY)
            result = _result(log, number, identity(match["what"]), last)
            results.setdefault(result.test_id, result)
    said = _totals(log, ran) if ran else {}
    failed = said.get("Failed", len(results)) + said.get("Unexpected Success", 0)
    return Session(
        framework=NAME,
        line_start=tests[0] if tests else ran or 1,
        line_end=(ran + len(said)) if ran else tests[-1],
        counts=Counts(
            passed=said.get("Passed", len(passed)),
            failed=failed,
            skipped=said.get("Skipped", 0),
            xfailed=said.get("Expected Fail", 0),
        ),
        expected_failed=failed if ran else None,
        failed=tuple(results.values()),
        passed=frozenset(passed - set(results)),
    )


def _totals(log: Log, ran: int) -> dict[str, int]:
    found = (_TOTAL.match(text) for text in log.lines.after(ran, 6))
    return {match["what"]: int(match["number"]) for match in found if match}


def _result(log: Log, number: int, test_id: str, last: int) -> TestResult:
    line, says = _says(log, number, last)
    return TestResult(
        test_id=test_id,
        framework=NAME,
        outcome="failed",
        line=line,
        message=says.message or says.exception,
        exception=says.exception,
        span=(max(number, line - 4), line),
    )


def _says(log: Log, number: int, last: int) -> tuple[int, Raised]:
    """The last exception below: a line of its own, indented by four."""
    found = (number, Raised())
    blank = False
    for at, text in log.lines.between(number + 1, last):
        if text.startswith("====="):
            break  # all failures are printed again below
        if blank and text.startswith("    ") and not text[4:5].isspace():
            says = raised(text)
            if says.exception:
                found = (at, says)
        blank = not text.strip()
    return found
