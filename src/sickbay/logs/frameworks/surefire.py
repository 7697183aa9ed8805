"""Reads Maven Surefire and Failsafe: each class's failures and the closing results.

Tests are named ``package.Class.method``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.java import frames, is_frame, thrown, timed_out
from sickbay.logs.frameworks.mavensummary import Summary
from sickbay.logs.frameworks.results import Problem, Session, TestResult
from sickbay.logs.frameworks.totals import below
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.lines import Lines
    from sickbay.logs.log import Log
    from sickbay.logs.report import Outcome

NAME = "surefire"

_RUN = r"Tests run: *\d+, Failures: *\d+, Errors: *\d+"

ANCHORS = (
    Anchor("surefire.banner", r"^(?:\[INFO\] )? ?T E S T S[ \t]*$"),
    Anchor("surefire.running", r"^(?:\[INFO\] )?Running [\w.$]+$"),
    Anchor("surefire.class", rf"{_RUN}, .*Time elapsed: .* <<< (?:FAILURE|ERROR)!"),
    Anchor("surefire.detail", r"Time elapsed: .* <<< (?:FAILURE|ERROR)!", 1, 30),
    Anchor("surefire.results", r"^(?:\[INFO\] )?Results ?:[ \t]*$", 1, 200),
    Anchor(
        "surefire.kind", r"^(?:\[(?:ERROR|WARNING)\] )(?:Failures|Errors|Flakes): *$"
    ),
    Anchor(
        "surefire.kind", r"^(?:\[(?:ERROR|WARNING)\] )?(?:Failed tests|Tests in error):"
    ),
    Anchor(
        "surefire.total",
        rf"^(?:\[\w+\] )?{_RUN}(?:, Skipped: *\d+)?(?:, Flakes: \d+)?$",
    ),
    Anchor(
        "surefire.crash", r"The forked VM terminated without .*saying goodbye", 1, 12
    ),
    Anchor("surefire.crashed", r"^\[ERROR\] Crashed tests:", 1, 8),
    Anchor(
        "surefire.none", r"^\[ERROR\] .*: No tests (?:were executed!|matching pattern)"
    ),
)

_CLASS = Pattern(r".*?Failures: *(\d+), Errors: *(\d+).*<<< \w+!(?: --? in (\S+))?")
_DETAIL = Pattern(
    r"(?:\[\w+\]\s+)?(\S.*?)\s(?:-- )?Time elapsed: .* <<< (FAILURE|ERROR)!"
)
_RUNNING = Pattern(r"(?:\[INFO\] )?Running (\S+)$")
_METHOD = Pattern(r"(.*)\(([\w$]+(?:\.[\w$]+)*)\)$")
_END = Pattern(r"\[(?:INFO|ERROR|WARNING)\]|Running [\w.$]+$|Tests run:")
_COUNT = Pattern(r"(?<!\w)(\w+): *(\d+)")
_CRASHED = Pattern(r"\[ERROR\] ((?:[\w$]+\.)+[\w$]+)\s*$")

_OPENS = frozenset({"class", "detail", "kind"})
_BLOCK = 60
_SPAN = 10


@dataclass(slots=True)
class _Run:
    """What is known of one run while its lines go by."""

    line: int
    end: int
    classname: str = ""
    running: dict[str, str] = field(default_factory=dict)
    left: int = 0
    headed: bool = False
    details: list[TestResult] = field(default_factory=list)
    results: int = 0
    total: dict[str, int] | None = None
    problem: Problem | None = None
    crashed: list[TestResult] = field(default_factory=list)


def sessions(log: Log) -> Sequence[Session]:
    """Every run of Surefire in the log; one per module of a build."""
    runs: list[_Run] = []
    for number, name in log.marks.under(NAME):
        what = name.removeprefix("surefire.")
        fresh = not runs or runs[-1].total is not None
        if what == "banner" or (fresh and what in _OPENS) or (not runs and _ends(what)):
            runs.append(_Run(line=number, end=number))
            fresh = False
        if runs and (not fresh or _ends(what)):
            _note(log.lines, runs[-1], what, number)
    return [_session(log.lines, run) for run in runs if _told(run)]


def _ends(what: str) -> bool:
    return what in {"crash", "crashed", "none"}


def _told(run: _Run) -> bool:
    return bool(run.total is not None or run.details or run.problem or run.crashed)


def _note(lines: Lines, run: _Run, what: str, number: int) -> None:
    text = lines.text(number) or ""
    run.end = max(run.end, number)
    if what == "running":
        _running(run, text)
    elif what == "class":
        _class(run, text)
    elif what == "detail":
        _detail(lines, run, number, text)
    elif what in {"results", "kind"}:
        run.results = run.results or number
    elif what == "total" and run.results:
        run.total = {match[1]: int(match[2]) for match in _COUNT.finditer(text)}
    elif what == "crashed":
        run.crashed = run.crashed or list(_crashed(lines, number))
    elif what in {"crash", "none"}:
        said = text[max(text.find("No tests"), 0) :].removeprefix("[ERROR] ")
        run.problem = run.problem or Problem(number, number, said.strip())


def _running(run: _Run, text: str) -> None:
    match = _RUNNING.match(text)
    if match:
        run.classname = match[1]
        run.running[match[1].rpartition(".")[2]] = match[1]


def _class(run: _Run, text: str) -> None:
    """Take the head of one class's failures; as many of them follow as it says."""
    match = _CLASS.match(text)
    if match:
        run.left = int(match[1]) + int(match[2])
        run.headed = True
        run.classname = match[3] or run.classname


def _detail(lines: Lines, run: _Run, number: int, text: str) -> None:
    match = _DETAIL.match(text)
    if not match or "Tests run:" in text or (run.headed and not run.left):
        return
    run.left -= run.headed
    body = _body(lines, number)
    name = _test_id(match[1].strip(), run.classname, body)
    run.details.append(_result(name, match[2], number, body))
    run.end = max(run.end, number + len(body))


def _body(lines: Lines, number: int) -> list[str]:
    """What was thrown: up to the empty line after the stack or Maven's next word."""
    body: list[str] = []
    for text in below(lines, number, _BLOCK):
        traced = body and is_frame(body[-1])
        if _END.match(text) or _is_detail(text) or (traced and not text.strip()):
            break
        body.append(text)
    while body and not body[-1].strip():
        body.pop()
    return body


def _is_detail(text: str) -> bool:
    return text.endswith(("<<< FAILURE!", "<<< ERROR!")) and bool(_DETAIL.match(text))


def _test_id(name: str, classname: str, body: Sequence[str]) -> str:
    """``package.Class.method``, from any of the ways Surefire has put it."""
    method = _METHOD.match(name)
    if method and ("." in method[2] or method[2] == classname):
        return f"{method[2]}.{method[1]}"
    package = classname.rpartition(".")[0]
    if name == classname or (package and name.startswith(package + ".")):
        return name
    if not package and "." in name.partition("(")[0].partition("[")[0]:
        return name
    for frame in frames(body):
        owner, _, function = (frame.function or "").rpartition(".")
        if function == name and owner.startswith(classname + "$"):
            return f"{owner}.{name}"
    return f"{classname}.{name}" if classname else name


def _result(name: str, kind: str, number: int, body: Sequence[str]) -> TestResult:
    index, exception, message = thrown(body)
    outcome: Outcome = "failed" if kind == "FAILURE" else "error"
    if timed_out(exception, message):
        outcome = "timed_out"
    return TestResult(
        test_id=name,
        framework=NAME,
        outcome=outcome,
        line=number + 1 + index if body else number,
        message=message or None,
        exception=exception,
        span=(number, number + min(len(body), _SPAN - 1)),
        frames=frames(body),
    )


def _crashed(lines: Lines, number: int) -> Iterator[TestResult]:
    for line, text in lines.between(number + 1, number + _SPAN):
        match = _CRASHED.match(text)
        if not match:
            return
        yield TestResult(
            test_id=match[1],
            framework=NAME,
            outcome="crashed",
            line=line,
            message="the forked VM ended without saying goodbye",
            span=(number, line),
        )


def _session(lines: Lines, run: _Run) -> Session:
    summary = Summary(run.running)
    if run.results:
        summary.read(lines.between(run.results, run.end))
    results = _merged(run, summary)
    total = run.total
    bad = None if total is None else total.get("Failures", 0) + total.get("Errors", 0)
    return Session(
        framework=NAME,
        line_start=run.line,
        line_end=run.end,
        counts=_counts(run, results),
        expected_failed=bad,
        failed=tuple(results.values()),
        passed=frozenset(name for name, r in results.items() if r.outcome == "rerun"),
        problem=run.problem,
    )


def _merged(run: _Run, summary: Summary) -> dict[str, TestResult]:
    """The failures in full, and those that only the closing results have."""
    # Without the head of their class they were printed by a test, or the log is cut.
    details = run.details if run.headed or run.total is None else []
    results: dict[str, TestResult] = {}
    for result in (*details, *run.crashed):
        results.setdefault(result.test_id, result)
    known = {part for name in results for part in name.split(".")[-2:]}
    for result in summary.results:
        if result.test_id.split(".")[-2] not in known:
            results.setdefault(result.test_id, result)
    if run.total and "Flakes" in run.total:
        for name in results.keys() & summary.attempts.keys():
            results[name] = _repeated(results[name], summary.attempts[name])
    return results


def _repeated(result: TestResult, attempts: Sequence[Outcome]) -> TestResult:
    flaky = attempts[-1] == "passed"
    outcome = "rerun" if flaky else result.outcome
    return replace(result, outcome=outcome, attempts=tuple(attempts))


def _counts(run: _Run, results: dict[str, TestResult]) -> Counts:
    outcomes = [result.outcome for result in results.values()]
    slow, again = outcomes.count("timed_out"), outcomes.count("rerun")
    total = run.total or {
        "Failures": outcomes.count("failed"),
        "Errors": outcomes.count("error") + slow,
    }
    failures, errors = total.get("Failures", 0), total.get("Errors", 0)
    skipped = total.get("Skipped", 0)
    return Counts(
        passed=max(total.get("run", 0) - failures - errors - skipped, 0),
        failed=failures,
        error=max(errors - slow, 0),
        skipped=skipped,
        rerun=again,
        crashed=len(run.crashed),
        timed_out=slow,
    )
