"""Reads Mocha's closing report: what passed, what is pending, the numbered failures.

The spec, dot, min, list and nyan reporters all end in it. Suites and test are joined
by a blank, as ``mocha --fgrep`` wants them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.javascript import frames, thrown, ticked, timed_out
from sickbay.logs.frameworks.results import Problem, Session, TestResult
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sickbay.logs.lines import Lines
    from sickbay.logs.log import Log
    from sickbay.logs.report import Outcome

NAME = "mocha"

ANCHORS = (
    Anchor("mocha.passing", r"\d+ passing \(\d+(?:ms|s|m|h|d)\)[ \t]*$", 2, 40),
    Anchor("mocha.failing", r"\d+ failing[ \t]*$", 2, 40),
    Anchor("mocha.entry", r"^ *[0-9]{1,9}\) ", 1, 20),
    Anchor("mocha.crash", r"^[ \t]*Exception during run:", 1, 20),
    Anchor("mocha.none", r"^[ \t]*Error: No test files found", 0, 1),
)

_PASSING = Pattern(r"(.*?)\b(\d+) passing \(\d\w+\)\s*$")
_COUNT = Pattern(r".*?\b(\d+) (pending|failing)\s*$")
_ENTRY = Pattern(r"(\S*(?: *\|)? ?)?? {2}(\d+)\) +(\S.*)$")
_TITLE = Pattern(r"( {5,})(\S.*)$")
_FILE = Pattern(r"\s*at .*[/\\]")
_HOOK = Pattern(r'"(?:before|after) (?:all|each)" hook')

_ENTRY_LINES = 60
"""Lines of one failure that are read; a diff may go on for thousands."""

_QUIET = 4
"""Lines of other output between the counts of one report that are put up with."""

_SPAN = 10


@dataclass(slots=True)
class _Entry:
    titles: list[str]
    line: int
    prefix: str
    body: list[tuple[int, str]] = field(default_factory=list)

    def take(self, number: int, text: str) -> None:
        """Add a line: a further title while they go on, then what was thrown."""
        text = text.removeprefix(self.prefix)
        level = len(self.titles)
        title = _TITLE.match(text)
        if not any(body.strip() for _, body in self.body) and (
            title and len(title[1]) == 5 + 2 * level
        ):
            self.titles.append(title[2])
            self.body.clear()
        elif len(self.body) < _ENTRY_LINES:
            self.body.append((number, text))


@dataclass(slots=True)
class _Closing:
    """One closing report."""

    line: int
    passing: int
    pending: int = 0
    failing: int | None = None
    entries: list[_Entry] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return len(self.entries) == (self.failing or 0)


def sessions(log: Log) -> Sequence[Session]:
    """Every run of Mocha in the log."""
    starts = [n for n in log.marks.at("mocha.passing") if _own_paragraph(log.lines, n)]
    ends = [*starts[1:], log.lines.total + 1][: len(starts)]
    closings = [
        _closing(log.lines, start, end - 1)
        for start, end in zip(starts, ends, strict=True)
    ]
    # A list cut short by a further report was printed by a test.
    closings = [c for c in closings if c.complete or c is closings[-1]]
    found, bad, first = [], set[str](), 1
    for closing in closings:
        session = _session(log.lines, closing, first, bad)
        bad |= {result.test_id for result in session.failed}
        first = session.line_end + 1
        found.append(session)
    return [*found, *_broken(log)]


def _own_paragraph(lines: Lines, number: int) -> bool:
    """Whether an empty line sets the report off, as Mocha has it."""
    match = _PASSING.match(lines.text(number) or "")
    before = lines.text(number - 1)
    return match is not None and (before or "").strip() in {"", match[1].strip()}


def _closing(lines: Lines, start: int, last: int) -> _Closing:
    passing = _PASSING.match(lines.text(start) or "")
    closing = _Closing(line=start, passing=int(passing[2]) if passing else 0)
    quiet = 0
    for number, text in lines.between(start + 1, last):
        count = None if closing.entries else _COUNT.match(text)
        if count and count[2] == "failing":
            closing.failing = int(count[1])
        elif count:
            closing.pending = int(count[1])
        elif not closing.failing:
            quiet += bool(text.strip())
        elif not _take(closing, number, text):
            break
        if quiet > _QUIET:
            break
    return closing


def _take(closing: _Closing, number: int, text: str) -> bool:
    """Add a line to the list of failures; say whether the list goes on."""
    entries = closing.entries
    entry = _ENTRY.match(text)
    if entry and int(entry[2]) == len(entries) + 1 <= (closing.failing or 0):
        entries.append(_Entry([entry[3]], number, entry[1] or ""))
        return True
    if not entries:
        return number < closing.line + 30
    body = entries[-1].body
    entries[-1].take(number, text)
    if len(entries) < (closing.failing or 0):
        return True
    blank = not text.strip() and any(line.strip() for _, line in body)
    return not (blank and _over(body)) and number < entries[-1].line + _ENTRY_LINES


def _over(body: list[tuple[int, str]]) -> bool:
    """Whether a blank line ends the last failure: it had frames, or a second blank."""
    texts = [text for _, text in body]
    return any(map(_FILE.match, texts)) or not any(map(str.strip, texts[-2:]))


def _session(
    lines: Lines, closing: _Closing, first: int, bad: Collection[str]
) -> Session:
    results: dict[str, TestResult] = {}
    for result in map(_result, closing.entries):
        results.setdefault(result.test_id, result)
    errors = sum(result.outcome == "error" for result in results.values())
    slow = sum(result.outcome == "timed_out" for result in results.values())
    failing = closing.failing or 0
    end = max((n for e in closing.entries for n, _ in e.body), default=closing.line)
    return Session(
        framework=NAME,
        line_start=closing.line,
        line_end=end,
        counts=Counts(
            passed=closing.passing,
            failed=max(failing - errors - slow, 0),
            error=errors,
            timed_out=slow,
            skipped=closing.pending,
        ),
        expected_failed=failing,
        failed=tuple(results.values()),
        passed=frozenset(ticked(lines.between(first, closing.line), bad, " ")),
    )


def _result(entry: _Entry) -> TestResult:
    titles = [*entry.titles[:-1], entry.titles[-1].removesuffix(":")]
    name = " ".join(titles).strip()
    said = [(number, text) for number, text in entry.body if text.strip()]
    number, text = said[0] if said else (entry.line, "")
    exception, message = thrown(text)
    outcome: Outcome = "failed"
    if timed_out(message):
        outcome = "timed_out"
    elif _HOOK.search(entry.titles[-1]) or _HOOK.search(name):
        outcome = "error"
    last = said[-1][0] if said else entry.line
    return TestResult(
        test_id=name,
        framework=NAME,
        outcome=outcome,
        line=number,
        message=message or None,
        exception=exception,
        span=(entry.line, min(last, entry.line + _SPAN - 1)),
        frames=frames(text for _, text in entry.body),
    )


def _broken(log: Log) -> Iterator[Session]:
    """Runs that ended before any test: a file that does not load, or no file at all."""
    for number in (*log.marks.at("mocha.crash"), *log.marks.at("mocha.none")):
        said = [(number, log.lines.text(number) or "")]
        said += [(n, t) for n, t in log.lines.between(number + 1, number + 12)]
        errors = [(n, *thrown(t)) for n, t in said if thrown(t)[0]]
        line, exception, message = errors[0] if errors else (number, None, said[0][1])
        yield Session(
            framework=NAME,
            line_start=number,
            line_end=line,
            problem=Problem(number, line, message.strip(), exception),
        )
