"""From the sessions of a log to its test results: attempts joined, retries known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.report import Counts, FailedTest, Tests
from sickbay.logs.signature import of_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sickbay.logs.anchors import Marks
    from sickbay.logs.frameworks.results import Session, TestResult
    from sickbay.logs.report import Outcome

ANCHORS = (
    Anchor(
        "retry.line",
        r"(?i:\b(?:retrying|re-?running|trying again|second try|will retry"
        r"|retry \d|retry #\d|attempt (?:[2-9]|#[2-9])|retries left))",
    ),
)

OTHER_SPELLING: dict[Outcome, Outcome] = {"rerun": "failed"}


@dataclass(frozen=True, slots=True)
class _Attempt:
    outcome: Outcome
    result: TestResult | None


def tests(sessions: Sequence[Session], marks: Marks) -> Tests:
    """The test results of a log.

    A test that failed and then passed when it was tried again is flaky, not failed:
    again within its session, or in a later session that is a retry (the log says so
    between the two, or the session ran nothing but what had failed). The same test in
    another session that is no retry, such as another environment, stays failed.
    """
    failed: list[FailedTest] = []
    flaky: list[FailedTest] = []
    for attempts in _by_test(sessions, marks).values():
        test = _joined(attempts)
        (flaky if attempts[-1].outcome == "passed" else failed).append(test)
    return Tests(
        frameworks=tuple(dict.fromkeys(session.framework for session in sessions)),
        sessions=len(sessions),
        expected_failed=_expected(sessions),
        counts=sum((session.counts for session in sessions), Counts()),
        failed=tuple(sorted(failed, key=lambda test: test.line)),
        flaky=tuple(sorted(flaky, key=lambda test: test.line)),
    )


def _by_test(
    sessions: Sequence[Session], marks: Marks
) -> dict[tuple[str, str], list[_Attempt]]:
    attempts: dict[tuple[str, str], list[_Attempt]] = {}
    previous: dict[str, Session] = {}
    for session in sessions:
        for result in session.failed:
            key = (result.framework, result.test_id)
            attempts.setdefault(key, []).extend(_attempts(result))
        earlier = previous.get(session.framework)
        if earlier and _is_retry(session, earlier, marks):
            for test_id in _mended(session, earlier):
                key = (session.framework, test_id)
                attempts.setdefault(key, []).append(_Attempt("passed", None))
        previous[session.framework] = session
    return attempts


def _attempts(result: TestResult) -> Iterable[_Attempt]:
    for outcome in result.attempts or (result.outcome,):
        yield _Attempt(OTHER_SPELLING.get(outcome, outcome), result)


def _is_retry(session: Session, earlier: Session, marks: Marks) -> bool:
    if marks.between("retry.line", earlier.line_end - 3, session.line_start + 3):
        return True
    ran, had_failed = _ran(session), earlier.counts.bad
    return 0 < ran <= had_failed < _ran(earlier)


def _mended(session: Session, earlier: Session) -> list[str]:
    """Ids that failed in the earlier session and passed in its retry."""
    before = [result.test_id for result in earlier.failed]
    still = {result.test_id for result in session.failed}
    gone = [test_id for test_id in before if test_id not in still]
    if session.passed or session.problem or session.counts.passed < len(gone):
        return [test_id for test_id in before if test_id in session.passed]
    return gone


def _ran(session: Session) -> int:
    return session.counts.passed + session.counts.bad


def _joined(attempts: Sequence[_Attempt]) -> FailedTest:
    results = [attempt.result for attempt in attempts if attempt.result]
    best = next((result for result in results if result.message), results[0])
    outcomes = tuple(attempt.outcome for attempt in attempts)
    best = replace(best, outcome=OTHER_SPELLING.get(best.outcome, best.outcome))
    return FailedTest(
        test_id=best.test_id,
        framework=best.framework,
        outcome=best.outcome if best.outcome != "passed" else "failed",
        message=best.message,
        exception=best.exception,
        line=best.line,
        signature=of_test(best),
        attempts=outcomes,
    )


def _expected(sessions: Sequence[Session]) -> int | None:
    known = [s.expected_failed for s in sessions if s.expected_failed is not None]
    return sum(known) if known else None
