"""Reads Minitest, its reporters, Rails' runner, and test-unit.

Ids are ``Class#test_name``, which ``-n`` takes back, whichever way a version writes
it: ``test_name(Class)`` is the same test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.results import Frame, Problem, Session, TestResult
from sickbay.logs.frameworks.ruby import frames, is_frame, raised
from sickbay.logs.frameworks.totals import below, first_of_each, numbers, span
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.log import Log
    from sickbay.logs.report import Outcome

NAME = "minitest"

ANCHORS = (
    Anchor("minitest.begin", r"^# Running(?: tests)?\b.*:$|^Loaded suite \S", 3, 3),
    Anchor(
        "minitest.finished", r"^Finished (?:tests )?in [\d.]+ ?s(?:econds)?\b", 1, 3
    ),
    Anchor(
        "minitest.total",
        r"^\d{1,9} (?:runs|tests), \d+ assertions, \d+ failures, \d+ errors\b",
        3,
        3,
    ),
    Anchor("minitest.entry", r"^ {0,3}(?:\d+\) )?(?:Failure|Error):$", 0, 25),
    Anchor("minitest.unit", r"^(?:Failure|Error): \S.*\)(?:: |$)", 1, 25),
    Anchor("minitest.crash", r"\[BUG\] (?:Segmentation fault|\S)", 3, 10),
)

_ENTRY = Pattern(r" {0,3}(?:(\d+)\) )?(Failure|Error):$")
_PLACED = Pattern(r"(?=.*\d\]:?$)(\S.*?)(?<!\s)\s+\[(\S+?):(\d+)\]:?$")
_NAMED = Pattern(r"(\S.*?)(?::|\s)?$")
_OLD = Pattern(r"(test.*)\(((?:\w+::)*+\w+)\)$")
_UNIT = Pattern(r"(Failure|Error): (test.*\([^\s(]+?\))(?:: (.*))?$")
_RERUN = Pattern(r"(?:bin/)?(?:rails|rake) test |rake test")
_VERBOSE = Pattern(r"(\S.*) = ")
_DIFF = ("---", "+++")

_BODY = 80
"""Lines of one failure that are read."""


def sessions(log: Log) -> Sequence[Session]:
    """Every run that came to its totals, and one that crashed before."""
    found: list[Session] = []
    start = 1
    for total in log.marks.at("minitest.total"):
        if log.marks.between("minitest.finished", start, total):
            found.append(_Run(log, start, total).session())
            start = total + 1
    begins = log.marks.between("minitest.begin", start, log.lines.total)
    crashes = log.marks.between("minitest.crash", start, log.lines.total)
    if begins and crashes:
        found.append(_crashed(log, begins[0], crashes[0]))
    return found


@dataclass(frozen=True, slots=True)
class _Run:
    log: Log
    start: int
    total: int

    def session(self) -> Session:
        totals = numbers(self._text(self.total))
        failed, errors = totals.get("failure", 0), totals.get("error", 0)
        results = first_of_each([*self._entries(), *self._units()])
        ran = totals.get("run", totals.get("test", 0))
        skips = sum(totals.get(word, 0) for word in ("skip", "pending", "omission"))
        return Session(
            framework=NAME,
            line_start=self._begin(),
            line_end=self.total,
            counts=Counts(
                passed=max(ran - failed - errors - skips, 0),
                failed=failed,
                error=errors,
                skipped=skips,
            ),
            expected_failed=failed + errors,
            failed=results,
        )

    def _text(self, number: int) -> str:
        return self.log.lines.text(number) or ""

    def _at(self, what: str) -> Sequence[int]:
        return self.log.marks.between(f"minitest.{what}", self.start, self.total)

    def _begin(self) -> int:
        begins = self._at("begin") or self._at("entry") or self._at("finished")
        return begins[-1] if self._at("begin") else min([self.total, *begins])

    def _entries(self) -> Iterator[TestResult]:
        """``Failure:`` blocks; numbered ones only count after the run is finished."""
        finished = self._at("finished")[-1]
        for number in self._at("entry"):
            match = _ENTRY.match(self._text(number))
            if match and (number > finished or not match[1]):
                result = self._entry(
                    number, "failed" if match[2] == "Failure" else "error"
                )
                if result:
                    yield result

    def _entry(self, number: int, outcome: Outcome) -> TestResult | None:
        texts = self._body(number)
        if not texts:
            return None
        placed = _PLACED.match(texts[0])
        named = placed or _NAMED.match(texts[0])
        if not named or ("#" not in named[1] and not _OLD.match(named[1])):
            return None
        exception, message, last = _said(texts[1:])
        trace = frames(text for text in texts[1:] if is_frame(text))
        here = (Frame(placed[2], int(placed[3]), None),) if placed else ()
        return TestResult(
            _id(named[1]),
            NAME,
            outcome,
            number + 2 if message else number + 1,
            message=message,
            exception=exception,
            span=span(number, number + 2 + last + len(trace)),
            frames=trace or here,
        )

    def _body(self, number: int) -> list[str]:
        """The lines of a block, up to the next one."""
        body: list[str] = []
        for text in below(self.log.lines, number, min(_BODY, self.total - number - 1)):
            if (
                _ENTRY.match(text)
                or _RERUN.match(text)
                or text.startswith("Finished in")
            ):
                break
            body.append(text)
        return body

    def _units(self) -> Iterator[TestResult]:
        """test-unit's blocks: one line says all, then frames, code and comparison."""
        for number in self._at("unit"):
            match = _UNIT.match(self._text(number))
            if match:
                yield self._unit(number, match[1], match[2], match[3])

    def _unit(self, number: int, kind: str, name: str, says: str | None) -> TestResult:
        texts: list[str] = []
        for text in below(self.log.lines, number, _BODY):
            if text.startswith("=====") or _UNIT.match(text):
                break
            texts.append(text)
        exception, message = raised(says) if says else (None, None)
        loose = [t for t in texts if t[:1] not in (" ", "") and not is_frame(t)]
        return TestResult(
            _id(name),
            NAME,
            "failed" if kind == "Failure" else "error",
            number,
            message=message or " ".join(text.strip() for text in loose[:3]) or None,
            exception=exception,
            span=span(number, number + len(texts)),
            frames=frames(text for text in texts if is_frame(text)),
        )


def _id(name: str) -> str:
    """``test_x(Class)`` of older versions, as ``Class#test_x``."""
    match = _OLD.match(name)
    return f"{match[2]}#{match[1]}" if match else name


def _said(texts: Sequence[str]) -> tuple[str | None, str | None, int]:
    """Exception, message, and on which of the lines the message ends."""
    said: list[str] = []
    for text in texts:
        if is_frame(text) or (not text.strip() and said):
            break
        if text.strip():
            said.append(text.strip())
    if not said:
        return None, None, 0
    if said[0].startswith("--- expected"):
        sides = [text for text in said if text[:1] in "-+" and text[:3] not in _DIFF]
        return None, " ".join(sides[:2]) or said[0], len(said) - 1
    exception, message = raised(said[0])
    compares = len(said) > 1 and any(text.startswith("Expected") for text in said[:2])
    if exception is None and compares:
        message = " ".join(said[:3])
    elif exception is None and said[0].endswith(":"):
        message = " ".join(said[:2])
    elif exception in ("Expected", "Actual"):
        exception, message = None, " ".join(said[:2])
    return exception, message or exception, len(said) - 1


def _crashed(log: Log, begin: int, crash: int) -> Session:
    """Ruby itself died: with ``-v`` the line says in which test."""
    text = log.lines.text(crash) or ""
    match = _VERBOSE.match(text)
    message = text.partition("[BUG] ")[2]
    reach = span(crash, crash + 5)
    name = match[1] if match and "#" in match[1] else None
    problem = None if name else Problem(*reach, message)
    failed = (
        TestResult(name, NAME, "crashed", crash, message=message, span=reach)
        if name
        else None
    )
    return Session(
        framework=NAME,
        line_start=begin,
        line_end=crash,
        counts=Counts(crashed=1 if failed else 0),
        failed=(failed,) if failed else (),
        problem=problem,
    )
