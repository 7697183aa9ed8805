"""``go test -json``: one event a line."""

from __future__ import annotations

import json
from bisect import bisect_left
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sickbay.logs.frameworks.go.panic import running
from sickbay.logs.frameworks.go.story import NAME, failure, story, with_parents
from sickbay.logs.frameworks.results import Session, TestResult
from sickbay.logs.frameworks.totals import distinct
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.log import Log

_BACK = 600
"""Lines before a failure in which its output is looked for."""


def event_sessions(log: Log) -> Sequence[Session]:
    """The one session of all events in the log; none when nothing is known to run."""
    bad = log.marks.at("go.event")
    good = log.marks.at("go.good")
    if not bad and not good:
        return []
    failed = distinct(with_parents(_failed(log)))
    outcomes = [result.outcome for result in failed]
    passes = sum('"Action":"pass"' in (log.lines.text(n) or "") for n in good)
    return [
        Session(
            framework=NAME,
            line_start=min([*bad[:1], *good[:1]]),
            line_end=max([*bad[-1:], *good[-1:]]),
            counts=Counts(
                passed=passes,
                failed=outcomes.count("failed"),
                error=outcomes.count("error"),
                crashed=outcomes.count("crashed"),
                timed_out=outcomes.count("timed_out"),
                skipped=len(good) - passes,
            ),
            failed=failed,
        )
    ]


def _failed(log: Log) -> Iterator[TestResult]:
    """Failed tests, and failed packages of which no test failed."""
    guilty: set[str] = set()
    printed = _Printed(log)
    for number in log.marks.at("go.event"):
        event = _event(log.lines.raw(number))
        package, test = _field(event, "Package"), _field(event, "Test")
        if event.get("Action") == "build-fail":
            continue
        if test:
            guilty.add(package)
            output = printed.before(number, package, test)
            yield failure(f"{package}.{test}", number, story(output))
        elif package not in guilty:
            yield _package(printed, number, package, _field(event, "FailedBuild"))


def _package(printed: _Printed, number: int, package: str, build: str) -> TestResult:
    """A package that failed as a whole; a test of it where its panic names one."""
    output, whole = (printed.before(number, package, test) for test in ("", None))
    told = story(output) or story(whole)
    if told and told.outcome != "failed":
        names = running([text for _, text in whole], package=package, started=())
        test_id = f"{package}.{names[-1]}" if names else package or "go test"
        return failure(test_id, number, told)
    if build:
        output = printed.before(number, "", "", build=build) or output
    said = [
        (at, text.strip())
        for at, text in output
        if text.strip() and not text.startswith(("FAIL", "# ", "exit status "))
    ]
    line, message = (said[0] if build else said[-1]) if said else (number, None)
    name = package or "go test"
    return TestResult(name, NAME, "error", line, message=message, span=(line, line))


class _Printed:
    """What was printed shortly before each failure, by who printed it.

    Args:
        log: With all of the events; each of its lines is read once at most.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._by: dict[tuple[str, str, str | None], list[tuple[int, str]]] = {}
        done = 0
        for number in log.marks.at("go.event"):
            for at, text in log.lines.between(max(number - _BACK, done + 1), number):
                if '"Output":' in text:
                    self._take(at)
            done = number

    def _take(self, number: int) -> None:
        event = _event(self._log.lines.raw(number))
        package, build = _field(event, "Package"), _field(event, "ImportPath")
        lines = [(number, text) for text in _field(event, "Output").splitlines()]
        for test in (_field(event, "Test"), None):
            self._by.setdefault((package, build, test), []).extend(lines)

    def before(
        self, number: int, package: str, test: str | None, *, build: str = ""
    ) -> list[tuple[int, str]]:
        """What a test, a package or a build printed, on the lines before one.

        ``test`` is ``""`` for what no test printed, ``None`` for what any of them did.
        """
        lines = self._by.get((package, build, test), [])
        first = bisect_left(lines, max(number - _BACK, 1), key=itemgetter(0))
        last = bisect_left(lines, number, key=itemgetter(0))
        return lines[first:last]


def _event(raw: bytes | None) -> dict[str, Any]:
    try:
        event = json.loads(raw or b"")
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


def _field(event: dict[str, Any], name: str) -> str:
    value = event.get(name, "")
    return value if isinstance(value, str) else ""
