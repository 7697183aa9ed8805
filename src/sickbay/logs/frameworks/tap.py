"""Reads TAP: raw streams of any producer, and what prove makes of them.

A test is named by the file, subtests and assertion it is, ``file > subtest > name``,
as far as the log has them; a file that failed as a whole by its path.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.javascript import thrown
from sickbay.logs.frameworks.results import Problem, Session, TestResult
from sickbay.logs.frameworks.tapfailure import JOINT, diagnosed, leaves, not_ok
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.frameworks.tapfailure import Failure
    from sickbay.logs.lines import Lines
    from sickbay.logs.log import Log

NAME = "tap"

ANCHORS = (
    Anchor("tap.version", r"^TAP version 1[34]$"),
    Anchor("tap.plan", r"^1\.\.\d+(?: *# .*)?$"),
    Anchor("tap.notok", r"^ *not ok \d", 2, 40),
    Anchor("tap.failed", r"^ *#   Failed test", 0, 12),
    Anchor("tap.looks", r"^# Looks like (?:you (?:planned|failed)|your test exited)"),
    Anchor("tap.count", r"^# (?:tests|pass|fail|cancelled|skipped|todo) +\d+$"),
    Anchor("tap.count", r"^# \{ total: \d+"),
    Anchor("tap.bail", r"^Bail out!|^Bailout called\.", 1, 1),
    Anchor("tap.heading", r"^\S+ \.{2,} *$", 8, 4),
    Anchor("tap.file", r"^\S+ +\(Wstat: \d+.*Tests: \d+ Failed: \d+\)$", 0, 4),
    Anchor("tap.files", r"^Files=\d+, Tests=\d+,"),
    Anchor("tap.result", r"^Result: (?:PASS|FAIL|NOTESTS)$", 2, 1),
)

_FILE = Pattern(r"(\S+) +\(Wstat: (\d+).*Tests: (\d+) Failed: (\d+)\)$")
_HEADING = Pattern(r"(\S+) \.{2,} *$")
_TESTS = Pattern(r"Files=\d+, Tests=(\d+),")
_COUNT = Pattern(r"(?<!\w)(\w+):? +(\d+)")
_LOOKS = Pattern(r"# Looks like you failed (\d+) test")
_WHY = Pattern(r"  Parse errors: *(.*)$")
_TALK = Pattern(r"\s|(?:not )?ok\b|1\.\.|Failed \d|All \d|No subtests|\S+ \.{2,}")

_CLOSES = frozenset({"count", "looks", "file", "files"})
_NEAR = 8


@dataclass(slots=True)
class _Run:
    """What is known of one stream, or one call of prove, while its lines go by."""

    line: int
    end: int
    real: bool = False
    planned: bool = False
    closing: bool = False
    heading: str = ""
    not_ok: list[Failure] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    headings: dict[str, int] = field(default_factory=dict)
    files: list[tuple[str, int, int, int]] = field(default_factory=list)
    tests: int | None = None
    counts: dict[str, int] = field(default_factory=dict)
    looks: int | None = None
    problem: Problem | None = None
    over: bool = False


def sessions(log: Log) -> Sequence[Session]:
    """Every TAP stream and every call of prove in the log."""
    runs: list[_Run] = []
    for number, name in log.marks.under(NAME):
        what = name.removeprefix("tap.")
        if not runs or runs[-1].over or _starts(runs[-1], what, number):
            runs.append(_Run(line=number, end=number))
        _note(log.lines, runs[-1], what, number)
    return [_session(log.lines, run) for run in runs if run.real]


def _starts(run: _Run, what: str, number: int) -> bool:
    """Whether a line begins another stream."""
    if run.headings or what in {"heading", "file", "files", "result"}:
        return False
    if what == "version":
        return run.real or number > run.line
    if what == "plan":
        return run.planned
    return run.closing and what not in _CLOSES


def _note(lines: Lines, run: _Run, what: str, number: int) -> None:
    text = lines.text(number) or ""
    run.end = max(run.end, number)
    run.real = run.real or what not in {"notok", "heading", "plan", "count"}
    run.closing = run.closing or what == "count"
    if what == "notok":
        _not_ok(lines, run, number)
    elif what == "failed":
        _failed(lines, run, number)
    elif what == "plan":
        run.planned = True
        run.real = run.real or bool(run.not_ok)
    elif what == "count":
        run.real = run.real or run.planned
        run.counts |= {match[1]: int(match[2]) for match in _COUNT.finditer(text)}
    elif what == "looks":
        _looks(run, number, text)
    elif what == "bail":
        run.problem = Problem(number, number, text.strip())
    else:
        _prove(run, what, number, text)


def _not_ok(lines: Lines, run: _Run, number: int) -> None:
    failure = not_ok(lines, number, run.not_ok[-1] if run.not_ok else None)
    if failure:
        failure.file = run.heading
        run.not_ok.append(failure)
        run.real = run.real or run.planned


def _failed(lines: Lines, run: _Run, number: int) -> None:
    failure = diagnosed(lines, number)
    if failure:
        run.failed.append(failure)


def _looks(run: _Run, number: int, text: str) -> None:
    match = _LOOKS.match(text)
    if match:
        run.looks = int(match[1])
    elif not run.headings and not run.problem:
        run.problem = Problem(number, number, text.removeprefix("# "))


def _prove(run: _Run, what: str, number: int, text: str) -> None:
    if what == "heading":
        match = _HEADING.match(text)
        run.heading = match[1] if match else ""
        run.headings.setdefault(run.heading, number)
    elif what == "file":
        match = _FILE.match(text)
        if match:
            run.files.append((match[1], int(match[2]), int(match[4]), number))
    elif what == "files":
        match = _TESTS.match(text)
        run.tests = int(match[1]) if match else None
    elif what == "result":
        run.over = True
        if text.endswith("NOTESTS"):
            run.problem = Problem(number, number, "no tests")


def _session(lines: Lines, run: _Run) -> Session:
    told = run.failed or run.not_ok
    tops = _tops(told)
    failed, plain = leaves(run.failed), leaves(run.not_ok)
    inner = len(failed or plain) - tops
    results = _results([*failed, *_unexplained(plain, failed)])
    broken = _broken(lines, run)
    results |= {result.test_id: result for result in broken}
    return Session(
        framework=NAME,
        line_start=run.line,
        line_end=run.end,
        counts=_counts(run, results),
        expected_failed=_expected(run, inner + len(broken), _off_node(told)),
        failed=tuple(results.values()),
        problem=run.problem,
    )


def _off_node(failures: Sequence[Failure]) -> int:
    """By how much Node's own counts differ from what failed innermost.

    Node counts a test beside the subtests it failed for, and never counts a suite.
    """
    bad = [failure for failure in failures if not failure.todo]
    parents = sum(failure.outer and not failure.suite for failure in bad)
    return sum(failure.suite and not failure.outer for failure in bad) - parents


def _tops(failures: Sequence[Failure]) -> int:
    """How many failures the producer counts: not those within others."""
    depths = [failure.indent for failure in failures if not failure.todo]
    return depths.count(min(depths, default=0))


def _unexplained(plain: list[Failure], failed: list[Failure]) -> Iterator[Failure]:
    """Those that no comment of Perl's tells more about."""
    known = Counter(_bare(failure) for failure in failed)
    for failure in plain:
        if known[_bare(failure)] > 0:
            known[_bare(failure)] -= 1
        else:
            yield failure


def _bare(failure: Failure) -> str:
    unnamed = failure.names[-1] == failure.number or failure.number == "?"
    return JOINT.join([*failure.names[:-1], "?"]) if unnamed else failure.path


def _results(failures: Sequence[Failure]) -> dict[str, TestResult]:
    results: dict[str, TestResult] = {}
    for failure in failures:
        name = JOINT.join(filter(None, (failure.file, failure.path)))
        if name in results and failure.number:
            name = f"{name} #{failure.number}"
        results.setdefault(name, failure.result(name))
    return results


def _broken(lines: Lines, run: _Run) -> list[TestResult]:
    """Files that failed without a failed test: they died, or kept to no plan."""
    found = []
    for file, status, failed, number in run.files:
        why = _why(lines, number)
        if failed or not (status or why):
            continue
        heading = run.headings.get(file)
        line, said = (heading and _cry(lines, heading)) or (number, "")
        exception, message = thrown(said or why or "exited with a non-zero status")
        found.append(
            TestResult(
                test_id=file,
                framework=NAME,
                outcome="error",
                line=line,
                message=message,
                exception=exception,
                span=(line, heading + 1 if heading and said else number + 1),
            )
        )
    return found


def _why(lines: Lines, number: int) -> str:
    """What the summary of prove says of a file."""
    found = [_WHY.match(text) for text in lines.after(number, 4)]
    return next((match[1] for match in found if match), "")


def _cry(lines: Lines, heading: int) -> tuple[int, str] | None:
    """What a file that died said right before prove closed it."""
    cry = None
    for number in range(heading - 1, max(heading - _NEAR, 0), -1):
        text = lines.text(number) or ""
        if not text.startswith("#"):
            if not text or _TALK.match(text):
                break
            cry = number, text.strip()
    return cry


def _expected(run: _Run, more: int, off_node: int) -> int | None:
    """Failures by the producer's own counts, if it gave some.

    Args:
        run: The stream.
        more: Failures that were named and that prove and Test::More do not count:
            those within subtests, and files without a failed test.
        off_node: What to add to Node's counts.
    """
    if "cancelled" in run.counts:
        return run.counts.get("fail", 0) + run.counts["cancelled"] + off_node
    if run.counts:
        return run.counts.get("fail", 0)
    if run.tests is not None:
        return sum(failed for _, _, failed, _ in run.files) + more
    return None if run.looks is None else run.looks + more


def _counts(run: _Run, results: dict[str, TestResult]) -> Counts:
    outcomes = [result.outcome for result in results.values()]
    passed = run.counts.get("pass", 0)
    if run.tests is not None:
        passed = run.tests - sum(failed for _, _, failed, _ in run.files)
    return Counts(
        passed=max(passed, 0),
        failed=outcomes.count("failed"),
        error=outcomes.count("error"),
        skipped=run.counts.get("skipped", 0) + run.counts.get("todo", 0),
        timed_out=outcomes.count("timed_out"),
    )
