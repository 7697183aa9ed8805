"""Code, test or machine: weighs every piece of evidence, and shows it.

No single word decides. Each witness (a cause's rule, a failed test, an exit status)
speaks for one category with a weight; what the weights add up to is the verdict.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sickbay.logs.anchors import Anchor
from sickbay.logs.ending import succeeded
from sickbay.logs.frameworks.results import BROKE_OFF
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Verdict
from sickbay.logs.signature import in_test, is_symptom, said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sickbay.logs.frameworks.results import Frame, Session, TestResult
    from sickbay.logs.log import Log, RuleHit
    from sickbay.logs.report import Category, Cause, Tests

ANCHORS = (
    Anchor(
        "verdict.exit",
        r"(?i:\b(?:exited with|exit(?:ed)?(?: with)?(?: non-zero)? (?:code|status)"
        r"|returned(?: a)?(?: non-zero)?(?: exit)? (?:code|status)"
        r"|command terminated with exit code):? +-?[0-9]+)",
    ),
)

EXIT_STATUS = Pattern(
    r"(?i)\b(?:exited with|(?:exit|code|status)\w*)(?: with)?"
    r"(?: code| status)?:? +(-?\d+)"
)

EXITS: Mapping[int, tuple[Category, float, str]] = {
    -1: ("infrastructure", 0.7, "the agent was lost or could not start the command"),
    124: ("test", 0.3, "a time limit ended it"),
    125: ("infrastructure", 0.5, "the container could not be started"),
    126: ("configuration", 0.5, "the command could not be executed"),
    127: ("configuration", 0.5, "the command was not found"),
    128: ("infrastructure", 0.2, "git or the shell gave up"),
    132: ("code", 0.5, "SIGILL: an illegal instruction"),
    134: ("code", 0.5, "SIGABRT: it aborted itself"),
    135: ("code", 0.5, "SIGBUS: a bad memory access"),
    136: ("code", 0.5, "SIGFPE: an arithmetic trap"),
    137: ("infrastructure", 0.6, "SIGKILL: killed from outside, often for memory"),
    139: ("code", 0.5, "SIGSEGV: it crashed"),
    143: ("infrastructure", 0.4, "SIGTERM: told to stop from outside"),
}
"""What an exit status says by itself: 128 + n is death by signal n (bash manual,
"Exit Status"); 125 to 127 are the shell's and the container engine's."""

SIGKILL = 137

MODULE_MISSING = ("ModuleNotFoundError", "ImportError", "LoadError", "ClassNotFound")

TESTS = 0.8
"""What failed tests weigh together: as much as one good cause."""

SYMPTOMS = 0.3
"""What they weigh if all of them say that the reason is elsewhere, and it is not."""

ENOUGH = 0.6
"""Weight that a verdict needs before its confidence is more than its share."""


@dataclass(frozen=True, slots=True)
class Witness:
    """One piece of evidence: whom it speaks against, how strongly, and what it says."""

    category: Category
    weight: float
    says: str


class Exit(NamedTuple):
    """An exit status that tells something by itself, and the line that names it."""

    number: int
    status: int


def verdict(
    log: Log, sessions: Sequence[Session], causes: Sequence[Cause], tests: Tests
) -> Verdict:
    """Weigh the evidence of one log.

    Args:
        log: The scanned log.
        sessions: Its test sessions.
        causes: Ranked, best first.
        tests: The joined results; a flaky test is no witness.

    Returns:
        ``unknown`` with confidence 0 when nothing speaks.
    """
    witnesses = _witnesses(log, sessions, causes, tests)
    if not witnesses:
        return Verdict("unknown", 0.0, _nothing(causes, tests))
    weights: dict[Category, float] = defaultdict(float)
    for witness in witnesses:
        weights[witness.category] += witness.weight
    category = max(weights, key=lambda name: weights[name])
    total = sum(weights.values())
    share = weights[category] / total
    confidence = round(min(0.95, share * min(1.0, total / ENOUGH)), 2)
    mine = sorted(
        (witness for witness in witnesses if witness.category == category),
        key=lambda witness: -witness.weight,
    )
    others = [witness for witness in witnesses if witness.category != category]
    evidence = [f"for {witness.category}: {witness.says}" for witness in mine[:4]]
    evidence += [f"for {witness.category}: {witness.says}" for witness in others[:3]]
    return Verdict(category, confidence, mine[0].says, tuple(evidence))


def _witnesses(
    log: Log, sessions: Sequence[Session], causes: Sequence[Cause], tests: Tests
) -> list[Witness]:
    """All that speaks.

    Tests that only met what something else had left behind say nothing of their own
    where it is known what that was.
    """
    end = _exit(log, sessions)
    told = [*_from_causes(log, causes)]
    results = _failed(sessions, tests)
    own = [r for r in results if not is_symptom(r.exception, r.message)]
    if own:
        told += _from_tests(log, own, end, TESTS * len(own) / len(results))
    elif not told:
        told += _from_tests(log, results, end, SYMPTOMS)
    return [*told, *_from_exits(end)]


def _nothing(causes: Sequence[Cause], tests: Tests) -> str:
    if causes:
        return "something failed, but nothing says whose fault it is"
    if tests.flaky:
        return "every test that failed passed when it was tried again"
    return "nothing in the log says that anything failed"


def _from_causes(log: Log, causes: Sequence[Cause]) -> Iterator[Witness]:
    """The best cause speaks loudest; a cause of no known rule says nothing.

    What calls itself a consequence says nothing either, unless all do.
    """
    own = [cause for cause in causes if not is_symptom(*said(cause))] or causes
    for cause, share in zip(own, (1.0, 0.4, 0.2), strict=False):
        speaking = _speaking(log, cause.line_start, cause.line_end)
        for place, hit in enumerate(speaking):
            weight = hit.rule.weight * max(cause.score, 0.3) * share * 0.4**place
            told = f"line {hit.number}: {hit.rule.name}"
            yield Witness(hit.rule.fault, weight, told)


def _speaking(log: Log, first: int, last: int) -> list[RuleHit]:
    """The rule hits that speak for the lines ``first..last``: one for each category.

    Of the rules on one line only the heaviest speaks: the others are more general.
    """
    lines: dict[int, RuleHit] = {}
    for hit in log.hits_on(first, last):
        best = lines.get(hit.number)
        if best is None or hit.rule.weight > best.rule.weight:
            lines[hit.number] = hit
    best_last = sorted(lines.values(), key=lambda hit: (hit.rule.weight, -hit.number))
    categories = {hit.rule.fault: hit for hit in best_last}
    categories.pop("unknown", None)
    return sorted(categories.values(), key=lambda hit: (-hit.rule.weight, hit.number))


def _failed(sessions: Sequence[Session], tests: Tests) -> list[TestResult]:
    """What is known of each failed test; of one that failed twice, the last time."""
    failed = {test.test_id for test in tests.failed}
    results = {
        result.test_id: result
        for session in sessions
        for result in session.failed
        if result.test_id in failed
    }
    return list(results.values())


def _from_tests(
    log: Log, results: Sequence[TestResult], end: Exit | None, weight: float
) -> Iterator[Witness]:
    """The tests' weight, split by what they say."""
    told = [_of_test(log, result, end) for result in results]
    for (category, says), count in Counter(told).items():
        named = "test" if count == 1 else "tests"
        yield Witness(category, weight * count / len(told), f"{count} {named}: {says}")


def _of_test(log: Log, result: TestResult, end: Exit | None) -> tuple[Category, str]:
    first, last = result.span or (result.line, result.line)
    for hit in _speaking(log, first, last)[:1]:
        if hit.rule.fault not in ("code", "test"):
            return hit.rule.fault, hit.rule.name
    if result.outcome == "timed_out":
        return "test", "did not end in time"
    if result.outcome == "crashed":
        if _killed(log, result, end):
            return "infrastructure", "the process was killed while the test ran"
        return "code", "the process died while the test ran"
    name = (result.exception or "").rpartition(".")[2]
    if name in MODULE_MISSING:
        return "dependency", f"{name}: a module or name to import is missing"
    frame = _deepest(result.frames)
    if frame and not in_test(frame) and "Assert" not in name:
        return "code", f"{name or 'an error'} raised in {frame.path}"
    return "test", f"{name or 'a failure'} in a test"


def _killed(log: Log, result: TestResult, end: Exit | None) -> bool:
    """Whether something outside ended the test's process, which said nothing itself."""
    if result.message != BROKE_OFF:
        return False
    if (log.lines.text(result.line) or "").endswith("Killed"):
        return True
    return end is not None and end.status == SIGKILL and end.number > result.line


def _deepest(frames: Sequence[Frame]) -> Frame | None:
    """The last frame of the project's own, where a traceback shows one."""
    foreign = ("site-packages", "dist-packages", "/lib/python", "node_modules", "<")
    own = [frame for frame in frames if not any(mark in frame.path for mark in foreign)]
    return own[-1] if own else None


def _exit(log: Log, sessions: Sequence[Session]) -> Exit | None:
    """The last telling exit status; a plain 1 tells nothing.

    What a job that went well says of statuses is part of its tests.
    """
    if succeeded(log):
        return None
    calm = [s for s in sessions if s.went_well]
    for number in reversed(log.marks.at("verdict.exit")[-50:]):
        found = EXIT_STATUS.search(log.lines.text(number) or "")
        status = int(found[1][:9]) if found else 0
        if any(s.line_start <= number <= s.line_end for s in calm):
            continue
        if status in EXITS:
            return Exit(number, status)
    return None


def _from_exits(end: Exit | None) -> Iterator[Witness]:
    if end:
        category, weight, meaning = EXITS[end.status]
        says = f"line {end.number}: exit status {end.status}, {meaning}"
        yield Witness(category, weight, says)
