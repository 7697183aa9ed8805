"""Reads ExUnit: the numbered failures among the dots, and the closing counts.

Ids are places, ``test/ward_test.exs:12``, as ``mix test`` takes them. Tests that share
their line (doctests, tests made in a loop) stand under their names instead, such as
``doctest Ward.beds/0 (1) (WardTest)``; a module whose ``setup_all`` failed, under its
own name.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.results import Frame, Problem, Session, TestResult
from sickbay.logs.frameworks.totals import below, first_of_each, numbers, span
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.log import Log
    from sickbay.logs.report import Outcome

NAME = "exunit"

ANCHORS = (
    Anchor("exunit.finished", r"^Finished in [\d.]+ seconds", 1, 2),
    Anchor(
        "exunit.total", r"^(?:\d{1,9} \w+, )*\d{1,9} \w+, \d+ failures?(?:, |$)", 2, 3
    ),
    Anchor("exunit.entry", r"^ {0,2}\d+\) \S.*(?:\)$|: failure on setup_all)", 0, 30),
    Anchor("exunit.compile", r"^== Compilation error (?:in|on) file ", 0, 6),
)

_ENTRY = Pattern(r" {0,2}(\d+)\) (\S.*)$")
_TEST = Pattern(r"(\S.*) \(([\w.]+)\)$")
_SETUP = Pattern(r"([\w.]+): failure on setup_all callback")
_PLACE = Pattern(r"\s+(\S+\.exs?:\d+)$")
_RAISED = Pattern(r"\s+\*\* \((EXIT|[\w.]+)(?: from #PID<[\d.]+>)?\) ?(.*)$")
_KEY = Pattern(r"\s+(?:code|left|right|stacktrace|arguments|doctest|mailbox|hint):")
_FRAME = Pattern(r"\s+(?:\([\w.]+(?: [^)]*)?\) )?([\w./-]+\.(?:exs?|erl)):(\d+): (.*)$")
_COMPILE = Pattern(r"== Compilation error (?:in|on) file (\S+) ==")

_OF_OTHERS = {"example", "assertion", "run"}
"""What RSpec and Minitest count in a line that is else like ExUnit's."""

_BODY = 80
"""Lines of one failure that are read."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """A numbered failure: its result under its place, and its name."""

    result: TestResult
    name: str
    invalidates: bool


def sessions(log: Log) -> Sequence[Session]:
    """Every run of ``mix test``, and compilation that failed before one."""
    found: list[Session] = []
    start = 1
    for total in log.marks.at("exunit.total"):
        words = numbers(log.lines.text(total) or "").keys()
        finished = log.marks.between("exunit.finished", total - 2, total)
        if finished and not words & _OF_OTHERS:
            found.append(_Run(log, start, total).session())
            start = total + 1
    return [*found, *_uncompiled(log)]


@dataclass(frozen=True, slots=True)
class _Run:
    log: Log
    start: int
    total: int

    def session(self) -> Session:
        totals = numbers(self.log.lines.text(self.total) or "")
        failures = list(self._failures())
        failed = totals.get("failure", 0)
        invalid = totals.get("invalid", 0)
        skipped = totals.get("skipped", 0)
        kinds = ("test", "doctest", "property", "propertie", "feature")
        ran = sum(totals.get(kind, 0) for kind in kinds)
        modules = sum(one.invalidates for one in failures) if invalid else 0
        return Session(
            framework=NAME,
            line_start=failures[0].result.line if failures else self.total,
            line_end=self.total,
            counts=Counts(
                passed=max(ran - failed - invalid - skipped, 0),
                failed=failed,
                error=invalid,
                skipped=skipped + totals.get("excluded", 0),
            ),
            expected_failed=failed + modules,
            failed=first_of_each(_named(failures)),
        )

    def _failures(self) -> Iterator[_Failure]:
        """The failures: their numbers follow each other, printed fakes' do not."""
        last = 0
        for number in self.log.marks.between("exunit.entry", self.start, self.total):
            match = _ENTRY.match(self.log.lines.text(number) or "")
            if not match:
                continue
            setup = _SETUP.match(match[2])
            if int(match[1]) != last + 1 and not (setup and int(match[1]) == last):
                continue
            failure = self._failure(number, match[2], setup[1] if setup else None)
            if failure:
                last = int(match[1])
                yield failure

    def _failure(self, number: int, name: str, module: str | None) -> _Failure | None:
        texts = self._body(number)
        place = _PLACE.match(texts[0]) if texts else None
        if not module and not (place and _TEST.match(name)):
            return None
        body = texts if module else texts[1:]
        first = number + 1 if module else number + 2
        said = _said(body)
        raised = _RAISED.match(body[0]) if body else None
        timed_out = raised is not None and raised[1] == "ExUnit.TimeoutError"
        outcome: Outcome = "timed_out" if timed_out else "failed"
        message = (raised[2] if raised else " ".join(said[:1])) or None
        if said and said[0].startswith(("Assertion with", "match (=) failed")):
            message = " ".join(_compared(said[0], body))
        elif raised and raised[1] == "EXIT":
            message = " ".join([raised[2], *said[1:2]])
        result = TestResult(
            module or (place[1] if place else name),
            NAME,
            "error" if module else outcome,
            first if message else number,
            message=message,
            exception=raised[1] if raised else None,
            span=span(number, first + max(len(body) - 1, 0)),
            frames=_frames(body),
        )
        return _Failure(result, name, module is not None)

    def _body(self, number: int) -> list[str]:
        """The lines of a failure: indented by five, with gaps inside a message."""
        texts: list[str] = []
        for text in below(self.log.lines, number, min(_BODY, self.total - number - 1)):
            if text.strip() and not text.startswith("     "):
                break
            if not text.strip() and texts and not texts[-1].strip():
                break
            texts.append(text)
        while texts and not texts[-1].strip():
            texts.pop()
        return texts


def _named(failures: Sequence[_Failure]) -> Iterator[TestResult]:
    """The results; those that share their place under their names."""
    places = Counter(one.result.test_id for one in failures)
    for one in failures:
        shared = places[one.result.test_id] > 1 or one.name.startswith("doctest ")
        named = shared and not one.invalidates
        yield replace(one.result, test_id=one.name) if named else one.result


def _said(body: Sequence[str]) -> list[str]:
    said: list[str] = []
    for text in body:
        if _KEY.match(text):
            break
        if text.strip():
            said.append(text.strip())
    return said


def _compared(head: str, body: Sequence[str]) -> Iterator[str]:
    """An assertion, with its code and sides on one line."""
    yield head
    for text in body:
        stripped = text.strip()
        if stripped.startswith(("code:", "left:", "right:")):
            key, _, value = stripped.partition(":")
            yield f"{key}: {value.strip()}"


def _frames(body: Sequence[str]) -> tuple[Frame, ...]:
    found = [match for match in map(_FRAME.match, body) if match]
    return tuple(Frame(m[1], int(m[2]), m[3]) for m in reversed(found))


def _uncompiled(log: Log) -> Iterator[Session]:
    for number in log.marks.at("exunit.compile"):
        match = _COMPILE.match(log.lines.text(number) or "")
        texts = log.lines.after(number, 1)
        raised = _RAISED.match(" " + texts[0]) if texts else None
        if match and raised:
            message, exception = raised[2], raised[1]
            problem = Problem(number, number + 1, message, exception)
            yield Session(NAME, number, number + 1, problem=problem)
