"""Reads what unittest and the runners built on it print: Django, nose, testtools."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.exception import Raised, raised
from sickbay.logs.frameworks.results import Frame, Session, TestResult
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sickbay.logs.log import Log
    from sickbay.logs.report import Outcome

    Numbered = Sequence[tuple[int, str]]

NAME = "unittest"

ANCHORS = (
    Anchor(
        "unittest.block",
        r"^(?:FAIL|ERROR|UNEXPECTED SUCCESS): \S",
        before=1,
        after=60,
    ),
    Anchor("unittest.ran", r"^Ran \d+ tests? in \d", before=3, after=4),
    Anchor(
        "unittest.test",
        r"^test\w* \([A-Za-z_][\w.]*\)(?: |$)|(?:^|\.\.\. )(?:ok|FAIL|ERROR)$",
    ),
    Anchor(
        "unittest.crash",
        r"Fatal Python error: |Segmentation fault|^Killed$|core dumped",
    ),
)

MAX_SPAN = 10
_MAX_BODY = 4000
_RULE = Pattern(r"={20,}$")
_LINE = Pattern(r"-{20,}$")
_BLOCK = Pattern(r"(?P<word>FAIL|ERROR|UNEXPECTED SUCCESS): (?P<what>\S.*)$")
_RAN = Pattern(r"Ran (?P<number>\d+) tests? in ")
_VERDICT = Pattern(r"(?:OK|FAILED|NO TESTS RAN)(?: \((?P<counts>.*)\))?$")
_COUNT = Pattern(r"(?P<what>[A-Za-z][A-Za-z ]{0,60})=(?P<number>\d+)")
_METHOD = Pattern(r"(?P<name>\S.*?) \((?P<where>[A-Za-z_][\w.]*)\)(?P<rest>.*)$")
_DOTTED = Pattern(r"(?P<id>[\w.]+\.\w+) (?:\[.*\] )?\(\w+=.*\)$")
_ENDED = Pattern(r"(?P<before>.*?)(?:\.\.\. |^)(?P<word>ok|FAIL|ERROR)$")
_FIXTURES = ("setUpClass", "tearDownClass", "setUpModule", "tearDownModule")
_LOADER = "unittest.loader."
_FRAME = Pattern(r"\s+File \"(?P<path>.+?)\", line (?P<line>\d+)(?:, in (?P<in>.*))?")
_OUTPUT = Pattern(r"(?:Stdout|Stderr):$|-+ >> begin captured ")
_TRACEBACK = "Traceback (most recent call last):"


@dataclass(slots=True)
class _Draft:
    """One run, as far as it was read."""

    first: int = 0
    blocks: list[tuple[int, str, str]] = field(default_factory=list)
    passed: set[str] = field(default_factory=set)
    running: tuple[str, int] | None = None
    crash: tuple[int, str] | None = None


def sessions(log: Log) -> Sequence[Session]:
    """Every run that printed its blocks or its count of tests."""
    found: list[Session] = []
    draft = _Draft()
    for number, name in log.marks.under(NAME):
        text = (log.lines.text(number) or "").rstrip()
        if name == "unittest.ran":
            found.append(_finished(log, draft, number, text))
            draft = _Draft()
            continue
        draft.first = draft.first or number
        if name == "unittest.crash":
            if " ... " in text and draft.crash is None:
                _note_test(draft, number, text)
            if draft.running and draft.crash is None:
                draft.crash = (number, text.rpartition(" ... ")[2])
        elif name == "unittest.block":
            _note_block(log, draft, number, text)
        elif draft.crash is None:
            _note_test(draft, number, text)
    if draft.blocks or (draft.running and draft.crash):
        found.append(_session(log, draft, log.lines.total, {}, None))
    return found


def _note_block(log: Log, draft: _Draft, number: int, text: str) -> None:
    before = log.lines.before(number, 2)[::-1]
    if any(_RULE.match(line.rstrip()) for line in before):
        match = _BLOCK.match(text)
        if match:
            draft.blocks.append((number, match["word"], match["what"]))


def _note_test(draft: _Draft, number: int, text: str) -> None:
    ended = _ENDED.match(text)
    name = ended["before"].strip() if ended else text.partition(" ... ")[0].strip()
    if _METHOD.match(name) or (ended and name and " " not in name):
        draft.running = (identity(name), number)
    if ended and draft.running:
        if ended["word"] == "ok":
            draft.passed.add(draft.running[0])
        draft.running = None


def _finished(log: Log, draft: _Draft, number: int, text: str) -> Session:
    """The session that says here how many tests it ran."""
    match = _RAN.match(text)
    total = int(match["number"]) if match else 0
    last = number
    said: dict[str, int] = {}
    for offset, line in enumerate(log.lines.after(number, 4), 1):
        verdict = _VERDICT.match(line.rstrip())
        if verdict:
            last = number + offset
            found = _COUNT.finditer(verdict["counts"] or "")
            said = {one["what"].strip().lower(): int(one["number"]) for one in found}
            break
    draft.running = None
    draft.first = draft.first or number
    return _session(log, draft, last, said, total)


def _session(
    log: Log, draft: _Draft, last: int, said: dict[str, int], total: int | None
) -> Session:
    results = _results(log, draft, last)
    failures, errors = said.get("failures", 0), said.get("errors", 0)
    surprises = said.get("unexpected successes", 0)
    crashed = sum(result.outcome == "crashed" for result in results)
    if total is None:
        failures = sum(result.outcome == "failed" for result in results)
        errors = sum(result.outcome == "error" for result in results)
    skipped = said.get("skipped", 0) + said.get("skip", 0)
    expected = said.get("expected failures", 0)
    rest = (total or 0) - failures - errors - surprises - skipped - expected
    return Session(
        framework=NAME,
        line_start=draft.first,
        line_end=last,
        counts=Counts(
            passed=len(draft.passed) if total is None else max(rest, 0),
            failed=failures + surprises,
            error=errors,
            skipped=skipped,
            xfailed=expected,
            crashed=crashed,
        ),
        expected_failed=None if total is None else failures + errors + surprises,
        failed=results,
        passed=frozenset(draft.passed - {result.test_id for result in results}),
    )


def _results(log: Log, draft: _Draft, last: int) -> Sequence[TestResult]:
    """One result per test: several subtests of one test are one failure of it."""
    results: dict[str, TestResult] = {}
    starts = [number for number, _, _ in draft.blocks]
    for (number, word, what), following in zip(
        draft.blocks, [*starts[1:], last], strict=False
    ):
        end = min(following - 1, number + _MAX_BODY)
        body = _body(log.lines.between(number + 1, end))
        result = _result(number, word, what, body)
        known = results.setdefault(result.test_id, result)
        if known.outcome == "error" and result.outcome == "failed":
            results[result.test_id] = result
    if draft.running and draft.crash:
        test_id, line = draft.running
        number, text = draft.crash
        span = (line, min(number, line + MAX_SPAN - 1))
        results[test_id] = TestResult(test_id, NAME, "crashed", line, text, None, span)
    return list(results.values())


def _body(lines: Iterable[tuple[int, str]]) -> Numbered:
    """The lines of one block, up to the rule that ends it."""
    body: list[tuple[int, str]] = []
    opened = False
    for number, raw in lines:
        text = raw.rstrip()
        if _LINE.match(text) or _RULE.match(text):
            if opened:
                break
            opened = True
        elif _OUTPUT.match(text):
            break
        elif text:
            body.append((number, text))
    return body


def _result(number: int, word: str, what: str, body: Numbered) -> TestResult:
    frames = _frames(body)
    line, says = _says(body)
    outcome: Outcome = "error" if word == "ERROR" else "failed"
    if word == "UNEXPECTED SUCCESS":
        says = Raised(None, "unexpected success")
    line = line or number
    above = [at for at, text in body if _FRAME.match(text) and at < line]
    first = max(above[-1] if above else line, line - MAX_SPAN + 1)
    return TestResult(
        test_id=_import_failure(what, frames) or identity(what),
        framework=NAME,
        outcome=outcome,
        line=line,
        message=says.message or says.exception,
        exception=says.exception,
        span=(first, line),
        frames=frames,
    )


def identity(what: str) -> str:
    """The dotted name that the runner accepts, from how it describes a test."""
    match = _METHOD.match(what.lstrip())
    if match is None:
        dotted = _DOTTED.match(what)
        return dotted["id"] if dotted else what.removeprefix("Doctest: ")
    name, where = match["name"], match["where"]
    if where.startswith(_LOADER):
        return name
    if name in _FIXTURES or where.endswith("." + name):
        return where
    return f"{where}.{name}"


def _import_failure(what: str, frames: Sequence[Frame]) -> str | None:
    """The file that nose could not load, which it describes by its exception only."""
    if not what.startswith("Failure: "):
        return None
    modules = (frame.path for frame in frames if frame.function == "<module>")
    return next(modules, None)


def _frames(body: Numbered) -> tuple[Frame, ...]:
    found = (_FRAME.match(text) for _, text in body)
    return tuple(
        Frame(match["path"], int(match["line"]), match["in"])
        for match in found
        if match
    )


def _says(body: Numbered) -> tuple[int, Raised]:
    """The line below the last traceback, and what it says."""
    starts = [i for i, (_, text) in enumerate(body) if text == _TRACEBACK]
    for number, text in body[starts[-1] + 1 :] if starts else body:
        if not text[0].isspace():
            return number, raised(text, sure=True)
    return 0, Raised()
