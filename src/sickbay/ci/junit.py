"""JUnit files of a job: the failed tests that its log does not name, or not in full."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sickbay.ci.hearing import Heard, heard_in
from sickbay.ci.scan.families import canonical
from sickbay.core.errors import Malformed
from sickbay.logs.anchors import Marks
from sickbay.logs.frameworks.junit import junit_suites
from sickbay.logs.report import Tests
from sickbay.logs.tally import tests

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.logs.report import FailedTest, Report

MAX_BYTES = 64 << 20
"""A larger file is none that a test run wrote."""

_CUT = "..."
"""How pytest ends a message that is wider than its terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JunitResults:
    """What a JUnit file says.

    Attributes:
        tests: Its results; their lines are those of the file.
        heard: Every test of it, with its time.
        why: Why it says nothing, if it does not.
    """

    tests: Tests = field(default_factory=Tests)
    heard: Heard = field(default_factory=Heard)
    why: str | None = None


def junit_results(data: bytes) -> JunitResults:
    """Read a JUnit file; one that is none, or not all of one, says so.

    A test that failed in itself and in its teardown, which such files tell twice, is
    one failed test. Nothing in the file is expanded: it may declare no entities.
    """
    if not data.strip():
        return JunitResults(why="the JUnit file is empty")
    if len(data) > MAX_BYTES:
        return JunitResults(why=f"the JUnit file has {len(data):,} bytes")
    try:
        suites = junit_suites(data)
    except Malformed as exc:
        return JunitResults(why=str(exc))
    sessions = [suite.session for suite in suites]
    return JunitResults(tests=tests(sessions, Marks()), heard=heard_in(suites))


def reconciled(report: Report, junit: JunitResults) -> Report:
    """The report with the failed tests of a JUnit file that its log does not name.

    Tests that the log names keep their places in it; where it cut their messages off,
    they get the whole ones.
    """
    mine, more = report.tests, junit.tests
    theirs = {_key(test.test_id): test for test in more.failed}
    failed = [_filled(test, theirs.get(_key(test.test_id))) for test in mine.failed]
    known = {_key(test.test_id) for test in (*mine.failed, *mine.flaky)}
    return replace(
        report,
        tests=replace(
            mine,
            frameworks=tuple(dict.fromkeys((*mine.frameworks, *more.frameworks))),
            sessions=mine.sessions or more.sessions,
            counts=mine.counts if mine.sessions else more.counts,
            expected_failed=mine.expected_failed
            if mine.expected_failed is not None
            else more.expected_failed,
            failed=(*failed, *_unknown(more.failed, known)),
            flaky=(*mine.flaky, *_unknown(more.flaky, known)),
        ),
    )


def _unknown(found: Iterable[FailedTest], known: set[str]) -> Iterable[FailedTest]:
    """Those that the log does not name; it has no line for them."""
    return [replace(test, line=0) for test in found if _key(test.test_id) not in known]


def _filled(test: FailedTest, other: FailedTest | None) -> FailedTest:
    if other is None or not other.message:
        return test
    if test.message and not test.message.endswith(_CUT):
        return test
    return replace(test, message=other.message, exception=other.exception)


def _key(test_id: str) -> str:
    """What is the same however a file writes the dots and slashes of an id."""
    path, bracket, parameters = canonical(test_id).partition("[")
    plain = path.replace(".py::", ".").replace("::", ".").replace("/", ".")
    return f"{plain}{bracket}{parameters}"
