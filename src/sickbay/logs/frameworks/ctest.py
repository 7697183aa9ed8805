"""Reads CTest: the result lines, and the list of failed tests that closes a run.

Ids are the tests' names, as ``ctest -R`` takes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.results import Problem, Session, TestResult
from sickbay.logs.frameworks.totals import below, span
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.log import Log
    from sickbay.logs.report import Outcome

NAME = "ctest"

ANCHORS = (
    Anchor(
        "ctest.result",
        r"^ *(?:\d+/\d+ )?Test +#\d+: .* (?:\.\.\.|\*\*\*|Passed)",
        0,
        60,
    ),
    Anchor(
        "ctest.total", r"^\d{1,9}% tests passed, \d+ tests? failed out of \d+$", 2, 20
    ),
    Anchor("ctest.list", r"^The following tests FAILED:$", 0, 100),
    Anchor("ctest.begin", r"^Test project /|^Test project [A-Z]:", 0, 5),
    Anchor("ctest.none", r"^No tests were found!!!$", 2, 0),
)

_RESULT = Pattern(
    r" *(?:\d+/\d+ )?Test +#(\d+): (.*?) ?\.{2,} *+([^.].*?)?(?:(?<! ) +[\d.]+ sec)?$"
)
_LISTED = Pattern(r"\s+(\d+) - (.*) \(([^()]+)\)(?: +\S.*)?$")
_TOTAL = Pattern(r"\d+% tests passed, (\d+) tests? failed out of (\d+)")
_PASSED = Pattern(r" *(?:\*\*\*)?(?:Passed|Skipped|Not Run \(Disabled\))")
_TELLING = Pattern(
    r"(?i)\b(?:error|exception|assert\w*|abort\w*|terminate called|fail(?:ed|ure)?"
    r"|unable to|could not)\b"
)
_ECHO = Pattern(r"\[ +[A-Z]+ +\] |Test command: ")
_NEXT = Pattern(r" +Start +\d+: | *(?:\d+/\d+ )?Test +#\d+: |test \d+$|\d+% tests ")
_PRINTED = Pattern(r"\d+: ")
_NOT_RUN = Pattern(r"Unable to find executable: |Failed test dependencies: ")

_LISTING = 5000
"""Lines after ``The following tests FAILED:`` that may belong to the list."""

_OUTPUT = 200
"""Lines of a failed test's output that are searched for what it says."""


@dataclass(frozen=True, slots=True)
class _Line:
    """The result line of one attempt of one test."""

    number: int
    test: str
    name: str
    status: str

    @property
    def outcome(self) -> Outcome:
        """How this attempt ended."""
        if _PASSED.match(self.status):
            return "passed"
        return _outcome(self.status)


def sessions(log: Log) -> Sequence[Session]:
    """Every run of ``ctest``."""
    begins = [*log.marks.at("ctest.begin"), log.lines.total + 1]
    totals = log.marks.at("ctest.total")
    if len(begins) == 1:
        begins = [1, *(number + 1 for number in totals)]
    reaches = [(a, b - 1) for a, b in pairwise(begins)]
    runs = [_Run(log, *reach) for reach in reaches]
    return [run.session() for run in runs if run.happened]


@dataclass(frozen=True, slots=True)
class _Run:
    log: Log
    first: int
    stop: int

    @property
    def happened(self) -> bool:
        """Whether anything was run, or was found missing."""
        return any(self._at(what) for what in ("result", "total", "none"))

    def session(self) -> Session:
        attempts = self._attempts()
        listed = self._listed()
        total = self._total()
        wanted = {name: tries for name, tries in attempts.items() if _bad(tries)}
        if listed or total == 0:
            wanted = {name: tries for name, tries in wanted.items() if name in listed}
        failed = [self._result(name, tries) for name, tries in wanted.items()]
        known = set(wanted)
        failed += [
            TestResult(
                name,
                NAME,
                _outcome(status),
                number,
                message=status,
                span=(number, number),
            )
            for name, (number, status) in listed.items()
            if name not in known
        ]
        failed += self._retried(attempts)
        return self._session(failed, attempts, total)

    def _session(
        self,
        failed: list[TestResult],
        attempts: dict[str, list[_Line]],
        total: int | None,
    ) -> Session:
        bad = [result.outcome for result in failed]
        finals = [tries[-1] for tries in attempts.values()]
        passed = {line.name for line in finals if "Passed" in line.status}
        return Session(
            framework=NAME,
            line_start=self.first,
            line_end=max([self.first, *self._at("result"), *self._at("total")]),
            counts=Counts(
                passed=len(passed),
                failed=bad.count("failed"),
                error=bad.count("error"),
                crashed=bad.count("crashed"),
                timed_out=bad.count("timed_out"),
                rerun=bad.count("rerun"),
                skipped=sum(line.outcome == "passed" for line in finals) - len(passed),
            ),
            expected_failed=total,
            failed=sorted(failed, key=lambda result: result.line),
            passed=frozenset(passed & {result.test_id for result in failed}),
            problem=self._problem(),
        )

    def _at(self, what: str) -> Sequence[int]:
        return self.log.marks.between(f"ctest.{what}", self.first, self.stop)

    def _attempts(self) -> dict[str, list[_Line]]:
        """The result lines of each test, in order."""
        attempts: dict[str, list[_Line]] = {}
        for number in self._at("result"):
            match = _RESULT.match(self.log.lines.text(number) or "")
            if match:
                line = _Line(number, match[1], match[2].rstrip(), match[3] or "")
                attempts.setdefault(line.name, []).append(line)
        return attempts

    def _listed(self) -> dict[str, tuple[int, str]]:
        """The closing list: line and status by name."""
        listed: dict[str, tuple[int, str]] = {}
        for begin in self._at("list")[-1:]:
            listing = below(self.log.lines, begin, min(_LISTING, self.stop - begin))
            for number, text in enumerate(listing, begin + 1):
                match = _LISTED.match(text)
                if not match:
                    break
                listed[match[2]] = (number, match[3])
        return listed

    def _total(self) -> int | None:
        for number in reversed(self._at("total")):
            match = _TOTAL.match(self.log.lines.text(number) or "")
            if match:
                return int(match[1])
        return None

    def _result(self, name: str, tries: list[_Line]) -> TestResult:
        last = tries[-1]
        line, message = self._said(last)
        return TestResult(
            name,
            NAME,
            last.outcome,
            line,
            message=message,
            span=(last.number, last.number)
            if line == last.number
            else span(line, line + 4),
            attempts=tuple(one.outcome for one in tries) if len(tries) > 1 else (),
        )

    def _retried(self, attempts: dict[str, list[_Line]]) -> Iterator[TestResult]:
        """Tests that ``--repeat until-pass`` brought to pass."""
        for name, tries in attempts.items():
            outcomes = tuple(one.outcome for one in tries)
            if outcomes[-1] == "passed" and set(outcomes) != {"passed"}:
                line, message = self._said(tries[0])
                yield TestResult(
                    name,
                    NAME,
                    "rerun",
                    line,
                    message=message,
                    span=(line, line),
                    attempts=outcomes,
                )

    def _said(self, result: _Line) -> tuple[int, str]:
        """Where the output of a test says why it failed, and what; else its status."""
        for number, text in self._output(result):
            if _TELLING.search(text) and not _ECHO.match(text):
                more = (
                    self.log.lines.after(number, 1)
                    if text.endswith(": Failure")
                    else []
                )
                parts = (part.removeprefix(f"{result.test}:") for part in (text, *more))
                return number, " ".join(part.strip() for part in parts)
        status = result.status.replace("***", " ").strip(" :") or "Failed"
        return result.number, " ".join(status.split())

    def _output(self, result: _Line) -> Iterator[tuple[int, str]]:
        """What a test printed: after its result, or before it under its number."""
        for number, text in self.log.lines.between(
            result.number + 1, min(result.number + _OUTPUT, self.stop)
        ):
            if _NEXT.match(text):
                break
            yield number, text
        if _NOT_RUN.match(self._text(result.number - 1)):
            yield result.number - 1, self._text(result.number - 1)
        elif self._numbered(result.number):
            before = self.log.lines.before(result.number, _OUTPUT)
            for at, text in enumerate(before, result.number - len(before)):
                if text.startswith(f"{result.test}: "):
                    yield at, text.removeprefix(f"{result.test}: ")

    def _text(self, number: int) -> str:
        return self.log.lines.text(number) or ""

    def _numbered(self, number: int) -> bool:
        """Whether what tests print stands under their numbers, as with ``-V``."""
        return any(_PRINTED.match(text) for text in self.log.lines.before(number, 4))

    def _problem(self) -> Problem | None:
        for number in self._at("none"):
            return Problem(number, number, "No tests were found!!!")
        return None


def _bad(tries: list[_Line]) -> bool:
    return tries[-1].outcome != "passed"


def _outcome(status: str) -> Outcome:
    """From ``***Exception: SegFault``, ``(SEGFAULT)``, ``(Timeout)``, ``(Not Run)``."""
    folded = status.lower().replace("*", "").strip()
    if folded.startswith("timeout"):
        return "timed_out"
    if folded.startswith("not run"):
        return "error"
    if folded.startswith("failed"):
        return "failed"
    return "crashed"
