"""``go test -json``: one event a line."""

from __future__ import annotations

import json
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
    for number in log.marks.at("go.event"):
        event = _event(log.lines.raw(number))
        package, test = _field(event, "Package"), _field(event, "Test")
        if event.get("Action") == "build-fail":
            continue
        if test:
            guilty.add(package)
            output = _output(log, number, package, test)
            yield failure(f"{package}.{test}", number, story(output))
        elif package not in guilty:
            yield _package(log, number, package, _field(event, "FailedBuild"))


def _package(log: Log, number: int, package: str, build: str) -> TestResult:
    """A package that failed as a whole; a test of it where its panic names one."""
    output = _output(log, number, package, "")
    told = story(output) or story(_output(log, number, package, None))
    if told and told.outcome != "failed":
        dump = [text for _, text in _output(log, number, package, None)]
        names = running(dump, package=package, started=())
        test_id = f"{package}.{names[-1]}" if names else package
        return failure(test_id, number, told)
    if build:
        output = _output(log, number, "", "", build=build) or output
    said = [
        (at, text.strip())
        for at, text in output
        if text.strip() and not text.startswith(("FAIL", "# ", "exit status "))
    ]
    line, message = (said[0] if build else said[-1]) if said else (number, None)
    return TestResult(package, NAME, "error", line, message=message, span=(line, line))


def _output(
    log: Log, number: int, package: str, test: str | None, *, build: str = ""
) -> list[tuple[int, str]]:
    """What a test, a package or a build printed, by the events before a line.

    ``test`` is ``""`` for what no test printed, ``None`` for what any of them did.
    """
    output: list[tuple[int, str]] = []
    for at, text in log.lines.between(max(number - _BACK, 1), number - 1):
        if '"Output":' not in text or (package and package not in text):
            continue
        event = _event(log.lines.raw(at))
        same = _field(event, "Package") == package and (
            test is None or _field(event, "Test") == test
        )
        if same and _field(event, "ImportPath") == build:
            output += [(at, line) for line in _field(event, "Output").splitlines()]
    return output


def _event(raw: bytes | None) -> dict[str, Any]:
    try:
        event = json.loads(raw or b"")
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


def _field(event: dict[str, Any], name: str) -> str:
    value = event.get(name, "")
    return value if isinstance(value, str) else ""
