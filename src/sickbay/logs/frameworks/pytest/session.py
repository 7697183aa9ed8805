"""From what was noted about a session to its results."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sickbay.logs.frameworks.exception import Raised, raised
from sickbay.logs.frameworks.pytest.anchors import NAME
from sickbay.logs.frameworks.pytest.block import block, line_blocks
from sickbay.logs.frameworks.pytest.cases import Cases
from sickbay.logs.frameworks.pytest.death import killed, problem
from sickbay.logs.frameworks.results import Session, TestResult
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sickbay.logs.frameworks.pytest.block import Block
    from sickbay.logs.frameworks.pytest.cases import Case
    from sickbay.logs.frameworks.pytest.draft import Draft
    from sickbay.logs.report import Outcome

    Between = Callable[[int, int], Sequence[tuple[int, str]]]

_TIMEOUT = Pattern(r"Timeout >?\(?>?\d")
_DIED = Pattern(r"worker '\w+' crashed while running ")
_ROOTDIR = Pattern(r"rootdir: (?P<path>.*?)(?:, (?:ini|config)file: .*)?$")
_HEADER_LINES = 12
_MAX_SECTION = 100_000


def session(draft: Draft, between: Between) -> Session:
    """The results of one session.

    Args:
        draft: What was noted about it.
        between: Gives the lines of its stream between two raw numbers.
    """
    head = [text for _, text in between(draft.first, draft.first + _HEADER_LINES)]
    blocks = [*_blocks(draft, between)]
    cases = Cases(draft, blocks, _rootdir(head) if draft.announced else "")
    results = [_result(case) for case in cases.collected() if case.bad or _reran(case)]
    dead = killed(draft, between)
    if dead and dead.test_id not in {result.test_id for result in results}:
        results.append(dead)
    results.sort(key=lambda result: result.line)
    passed = cases.passed.union(
        result.test_id for result in results if result.attempts[-1:] == ("passed",)
    )
    return Session(
        framework=NAME,
        line_start=draft.first,
        line_end=max(draft.last, dead.line if dead else 0),
        counts=_counts(draft, results),
        expected_failed=None if draft.final is None else _bad(draft.final),
        failed=results,
        passed=frozenset(passed),
        problem=problem(draft, between),
    )


def _rootdir(head: Sequence[str]) -> str:
    found = (_ROOTDIR.match(text) for text in head)
    return next((match["path"] for match in found if match), "")


def _blocks(draft: Draft, between: Between) -> Iterator[Block]:
    for head in draft.heads:
        if head.where in ("failures", "errors"):
            yield block(head, between(head.line + 1, head.last))
    for index, (where, line) in enumerate(draft.sections):
        following = draft.sections[index + 1 :]
        last = following[0][1] - 1 if following else draft.last
        empty = not any(line < head.line <= last for head in draft.heads)
        if where == "failures" and empty:
            yield from line_blocks(between(line + 1, min(last, line + _MAX_SECTION)))


def _reran(case: Case) -> bool:
    return any(outcome == "rerun" for outcome, _ in case.runs)


def _result(case: Case) -> TestResult:
    order = ("call", "collecting", "setup", "teardown")
    blocks = sorted(case.blocks, key=lambda found: order.index(found.stage))
    best = next((found for found in blocks if found.raised.message), None)
    best = best or (blocks[0] if blocks else None)
    says = best.raised if best else Raised()
    if says.message is None and case.said:
        says = raised(case.said, hint=says.exception, sure=True)
    elif says.exception is None and case.said:
        says = Raised(raised(case.said, sure=True).exception, says.message)
    line = best.line if best else case.line or (case.runs[-1][1] if case.runs else 0)
    return TestResult(
        test_id=case.test_id,
        framework=NAME,
        outcome=_outcome(case, says),
        line=line,
        message=says.message or says.exception,
        exception=says.exception,
        span=best.span if best else (line, line),
        frames=best.frames if best else (),
        attempts=_attempts(case),
    )


def _outcome(case: Case, says: Raised) -> Outcome:
    if not case.bad:
        return "rerun"
    message = says.message or ""
    if _DIED.match(message):
        return "crashed"
    if says.exception == "Failed" and _TIMEOUT.match(message):
        return "timed_out"
    return "failed" if case.failed or case.part else "error"


def _attempts(case: Case) -> tuple[Outcome, ...]:
    outcomes = tuple(outcome for outcome, _ in case.runs)
    bad = ("failed", "error")
    again = any(
        earlier in bad and later == "passed" for earlier, later in pairwise(outcomes)
    )
    return outcomes if not case.part and ("rerun" in outcomes or again) else ()


def _bad(final: dict[str, int]) -> int:
    return final.get("failed", 0) + final.get("error", 0) + final.get("errors", 0)


def _counts(draft: Draft, results: Sequence[TestResult]) -> Counts:
    """The framework's own counts; crashes and time-outs are among its failures."""
    crashed = sum(result.outcome == "crashed" for result in results)
    timed_out = sum(result.outcome == "timed_out" for result in results)
    said = draft.final
    if said is None:
        said = {}
        for outcome in {run.test_id: run.outcome for run in draft.runs}.values():
            said[outcome] = said.get(outcome, 0) + 1
        for name in ("failed", "error"):
            said[name] = sum(result.outcome == name for result in results)
        said["failed"] += crashed + timed_out
    return Counts(
        passed=said.get("passed", 0),
        failed=max(said.get("failed", 0) - crashed - timed_out, 0),
        error=said.get("error", 0) + said.get("errors", 0),
        skipped=said.get("skipped", 0),
        xfailed=said.get("xfailed", 0),
        xpassed=said.get("xpassed", 0),
        rerun=said.get("rerun", 0),
        crashed=crashed,
        timed_out=timed_out,
    )
