"""Reads JUnit XML reports, of pytest and of everybody else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.logs.frameworks.exception import Raised, raised
from sickbay.logs.frameworks.junitxml import BAD, suites
from sickbay.logs.frameworks.results import Session, TestResult
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sickbay.logs.frameworks.junitxml import Case, Detail, Suite
    from sickbay.logs.report import Outcome

_STAGE = Pattern(r"failed on (?:setup|teardown) with \"(?P<says>.*?)\"?$")
_DIED = Pattern(r"worker '\w+' crashed while running ")
_PLACE = Pattern(r"file \S.*, line [0-9]+$")
_E = Pattern(r"E {3,}(?P<says>\S.*)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class JunitCase:
    """One test of a JUnit file, however it ended.

    Attributes:
        line: Of the file, as ``result.line``.
        attempts: How often it ran.
        duration_s: Of all attempts; None where the file does not say.
        result: What went wrong, if anything did.
        detail: What the file says of that: a traceback, as a rule.
    """

    test_id: str
    outcome: Outcome
    line: int
    attempts: int = 1
    duration_s: float | None = None
    result: TestResult | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JunitSuite:
    """One suite of a JUnit file that has tests.

    Attributes:
        started_at: As the file writes it, mostly without a zone.
        host: Name of the machine.
    """

    name: str
    started_at: str
    host: str
    session: Session
    cases: tuple[JunitCase, ...]


def parse_junit(data: bytes) -> Sequence[Session]:
    """The sessions of a JUnit XML report, one per suite that has tests.

    Args:
        data: The file.

    Raises:
        Malformed: If it is no JUnit report, is cut off, or defines entities.
    """
    return [_session(suite, *_by_id(suite)) for suite in suites(data)]


def junit_suites(data: bytes) -> Sequence[JunitSuite]:
    """The suites of a JUnit XML report that have tests, with every test of them.

    Args:
        data: The file.

    Raises:
        Malformed: As for ``parse_junit``.
    """
    return [_suite(suite) for suite in suites(data)]


def _announced(attributes: dict[str, str]) -> int | None:
    numbers = [attributes.get(name, "") for name in ("failures", "errors")]
    found = [int(number) for number in numbers if number.isdecimal()]
    return sum(found) if found else None


def _by_id(suite: Suite) -> tuple[str, dict[str, list[Case]]]:
    """The framework, and the cases of every test."""
    python = suite.name == "pytest" or any(
        case.attributes.get("file", "").endswith(".py") for case in suite.cases
    )
    by_id: dict[str, list[Case]] = {}
    for case in suite.cases:
        test_id = _python_id(case) if python else _id(case)
        by_id.setdefault(test_id, []).append(case)
    return "pytest" if python else "junit", by_id


def _session(
    suite: Suite, framework: str, by_id: Mapping[str, Sequence[Case]]
) -> Session:
    results = [
        _result(test_id, cases, framework)
        for test_id, cases in by_id.items()
        if any(case.outcome in BAD or _reran(case) for case in cases)
    ]
    last = {test_id: cases[-1].outcome for test_id, cases in by_id.items()}
    return Session(
        framework=framework,
        line_start=suite.first,
        line_end=suite.last,
        counts=_counts(suite),
        expected_failed=_announced(suite.attributes),
        failed=results,
        passed=frozenset(test_id for test_id in last if last[test_id] == "passed"),
    )


def _suite(suite: Suite) -> JunitSuite:
    framework, by_id = _by_id(suite)
    session = _session(suite, framework, by_id)
    results = {result.test_id: result for result in session.failed}
    return JunitSuite(
        name=suite.name,
        started_at=suite.attributes.get("timestamp", ""),
        host=suite.attributes.get("hostname", ""),
        session=session,
        cases=tuple(
            _told(test_id, cases, results.get(test_id))
            for test_id, cases in by_id.items()
        ),
    )


def _told(test_id: str, cases: Sequence[Case], result: TestResult | None) -> JunitCase:
    timed = [case.seconds for case in cases if case.seconds is not None]
    said = [one for case in cases for one in case.details if one.outcome != "skipped"]
    return JunitCase(
        test_id=test_id,
        outcome=result.outcome if result else cases[0].outcome,
        line=result.line if result else cases[0].line,
        attempts=len(result.attempts) or 1 if result else 1,
        duration_s=sum(timed) if timed else None,
        result=result,
        detail="".join(said[0].text) if result and said else "",
    )


def _python_id(case: Case) -> str:
    """The node id: the dots of a class name part folders, files and classes."""
    name = case.attributes.get("name", "")
    dotted = case.attributes.get("classname", "")
    path = case.attributes.get("file", "")
    if not dotted:
        path = path or name.replace(".", "/") + ".py"
        return path if case.outcome == "error" else f"{path}::{name}"
    parts = dotted.split(".")
    if path:
        module = path.removesuffix(".py").replace("/", ".").split(".")
        classes = parts[len(module) :] if parts[: len(module)] == module else parts
        if classes and classes[0] == module[-1]:
            classes = classes[1:]
    else:
        named = (i for i, part in enumerate(parts) if part[:1].isupper() and i)
        first = next(named, len(parts))
        path, classes = "/".join(parts[:first]) + ".py", parts[first:]
    return "::".join([path, *classes, name])


def _id(case: Case) -> str:
    name = case.attributes.get("name", "")
    owner = case.attributes.get("classname", "")
    if not owner or name.startswith(owner):
        return name
    return f"{owner}.{name}"


def _reran(case: Case) -> bool:
    return any(detail.outcome == "rerun" for detail in case.details)


def _result(test_id: str, cases: Sequence[Case], framework: str) -> TestResult:
    attempts = _attempts(cases)
    bad = [case for case in cases if case.outcome in BAD]
    best = next((case for case in bad if case.outcome == "failed"), None)
    case = best or (bad or cases)[0]
    outcome = case.outcome if attempts[-1:] != ("passed",) else "rerun"
    detail = next((one for one in case.details if one.outcome != "skipped"), None)
    says = _says(detail) if detail else Raised()
    if outcome in BAD and _DIED.match(says.message or ""):
        outcome = "crashed"
    return TestResult(
        test_id=test_id,
        framework=framework,
        outcome=outcome,
        line=case.line,
        message=says.message or says.exception,
        exception=says.exception,
        span=(case.line, case.line),
        attempts=attempts,
    )


def _attempts(cases: Sequence[Case]) -> tuple[Outcome, ...]:
    """Every attempt; a case told twice failed both in itself and in its teardown."""
    outcomes: list[Outcome] = []
    for case in cases:
        reruns = [one.outcome for one in case.details if one.outcome == "rerun"]
        outcomes += [*reruns, case.outcome]
    again = "rerun" in outcomes or outcomes[-1] == "passed"
    return tuple(outcomes) if again and len(outcomes) > 1 else ()


def _says(detail: Detail) -> Raised:
    lines = "".join(detail.text).splitlines()
    errors = [match["says"] for match in map(_E.match, lines) if match]
    message = detail.message.strip().split("\n", 1)[0]
    stage = _STAGE.match(message)
    if stage:
        message = stage["says"]
    unsaid = message == "collection failure" or _PLACE.match(message)
    if unsaid and errors:
        message = errors[-1]
    if not message:
        message = next((line.strip() for line in lines if line.strip()), "")
    says = raised(message, hint=detail.type or None, sure=not detail.type)
    if detail.type and says.exception == detail.type:
        return Raised(detail.type, says.message)
    return says


def _counts(suite: Suite) -> Counts:
    found = Counter[str](case.outcome for case in suite.cases)
    found["rerun"] += sum(
        one.outcome == "rerun" for case in suite.cases for one in case.details
    )
    return Counts(**found)
