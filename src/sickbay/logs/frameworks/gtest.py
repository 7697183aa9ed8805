"""Reads GoogleTest: each ``[  FAILED  ]``, the list at the end, and crashes.

Ids are what ``--gtest_filter`` takes: ``Suite.Test``, ``Prefix/Suite.Test/0``, and the
bare suite where its set-up or tear-down failed. Every iteration of ``--gtest_repeat``
is a session of its own, with its own counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.results import Frame, Session, TestResult
from sickbay.logs.frameworks.totals import below, first_of_each, numbers, span
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sickbay.logs.log import Log

NAME = "gtest"

ANCHORS = (
    Anchor("gtest.begin", r"^\[==========\] Running \d+ tests? from ", 2, 4),
    Anchor("gtest.end", r"^\[==========\] \d+ tests? from .* ran\.", 2, 8),
    Anchor("gtest.run", r"^\[ RUN      \] \S"),
    Anchor("gtest.ok", r"\[       OK \] \S.* \(\d+ ms\)$"),
    Anchor("gtest.failed", r"\[  FAILED  \] \S.* \(\d+ ms\)$", 20, 1),
    Anchor("gtest.failure", r": Failure$|: error: Failure$|\(\d+\): error: ", 0, 10),
    Anchor("gtest.total", r"^\[  (?:PASSED|FAILED |SKIPPED) +\] \d+ tests?\b", 0, 30),
)

_NAME = Pattern(r"(.*?)\[ +[A-Z]+ +\] ([\w/.]*[\w/])(?:, where .*)?(?: \(\d+ ms\))?$")
_RUN = Pattern(r"\[ RUN +\] (\S+)")
_LISTED = Pattern(r"\[  FAILED  \] ([\w/]+(?:\.[\w/]+)?)(?:, where .*)?(: .*)?$")
_PLACE = Pattern(
    r"(?:.*?)(?<![^\s:()])([^\s:()]++)[:(](\d+)\)?: (?:error: )?(?:Failure)?(.*)$"
)
_THROWN = Pattern(r'(?:\S+ )?C\+\+ exception with description "(.*)"? thrown in')
_TERMINATE = Pattern(r"terminate called after throwing an instance of '(.+)'")
_WHAT = Pattern(r"\s*what\(\): +(.*)")

_BODY = 200
"""Lines of one test that are searched for its first failure."""

_SAID = 30
"""Lines of one assertion that are read."""

_LISTING = 2000
"""Lines after the counts that may be the list of failed tests."""


def sessions(log: Log) -> Sequence[Session]:
    """Every run of a GoogleTest program, crashed ones included."""
    begins = list(log.marks.at("gtest.begin")) or _begins_of_brief_runs(log)
    stops = [number - 1 for number in begins[1:]] + [log.lines.total]
    runs = [_Run(log, *reach) for reach in zip(begins, stops, strict=False)]
    found = [(run, run.failed()) for run in runs]
    wanted = {result.test_id for _, failed in found for result in failed}
    return [run.session(failed, wanted) for run, failed in found]


def _begins_of_brief_runs(log: Log) -> list[int]:
    """Where ``--gtest_brief`` runs begin: it only prints failures and the end."""
    ends = [0, *log.marks.at("gtest.end")]
    return [
        next(iter(log.marks.between("gtest.failure", before, end)), end)
        for before, end in pairwise(ends)
    ]


@dataclass(frozen=True, slots=True)
class _Run:
    log: Log
    first: int
    stop: int

    def session(self, failed: Sequence[TestResult], wanted: set[str]) -> Session:
        totals = self._totals()
        expected = totals.get("FAILED", 0) + totals.get("suites", 0)
        silent = bool(failed) and "FAILED" not in totals  # --gtest_brief gives no list
        return Session(
            framework=NAME,
            line_start=self.first,
            line_end=self._last(failed),
            counts=Counts(
                passed=totals.get("PASSED", len(self._at("ok"))),
                failed=sum(result.outcome == "failed" for result in failed),
                crashed=sum(result.outcome == "crashed" for result in failed),
                skipped=totals.get("SKIPPED", 0),
            ),
            expected_failed=expected if totals and not silent else None,
            failed=failed,
            passed=frozenset(self._passed(wanted)) if wanted else frozenset(),
        )

    def failed(self) -> Sequence[TestResult]:
        """Tests that failed, then those only the list knows, then who crashed."""
        seen = [result for number in self._at("failed") for result in self._one(number)]
        known = {result.test_id for result in seen}
        seen += [result for result in self._listed() if result.test_id not in known]
        return first_of_each([*seen, *self._crashed()])

    def _at(self, what: str) -> Sequence[int]:
        return self.log.marks.between(f"gtest.{what}", self.first, self.stop)

    def _one(self, number: int) -> Iterator[TestResult]:
        match = _NAME.match(self.log.lines.text(number) or "")
        if match and not match[1].endswith((" ", "\t", "'", '"')):
            yield self._result(match[2], number)

    def _begin_of(self, number: int) -> int:
        """The line before a test's own output begins."""
        reach = max(self.first, number - _BODY), number - 1
        before = [
            self.log.marks.between(f"gtest.{what}", *reach)[-1:]
            for what in ("run", "ok", "failed")
        ]
        return max([reach[0], *(one for some in before for one in some)])

    def _result(self, test_id: str, number: int) -> TestResult:
        begin = self._begin_of(number)
        places = self.log.marks.between("gtest.failure", begin, number)
        if not places:
            return TestResult(test_id, NAME, "failed", number, span=(number, number))
        place, last = places[0], min([*places[1:2], number]) - 1
        texts = self.log.lines.after(place, min(last - place, _SAID))
        where = _PLACE.match(self.log.lines.text(place) or "")
        message = _message(where[3] if where else "", texts)
        thrown = _THROWN.match(message or "")
        return TestResult(
            test_id,
            NAME,
            "failed",
            place,
            message=thrown[1].rstrip('"') if thrown else message,
            exception="C++ exception" if thrown else None,
            span=span(place, last),
            frames=(Frame(where[1], int(where[2]), None),) if where else (),
        )

    def _listed(self) -> Iterator[TestResult]:
        """The list after the counts: tests, and suites that failed as a whole."""
        totals = set(self._at("total"))
        for total in sorted(totals):
            if "FAILED" not in (self.log.lines.text(total) or ""):
                continue
            listing = below(self.log.lines, total, min(_LISTING, self.stop - total))
            for number, text in enumerate(listing, total + 1):
                match = _LISTED.match(text)
                if match:
                    message = match[2][2:] + " failed" if match[2] else None
                    yield self._whole(match[1], number, message)
                elif text.strip() and (number in totals or "FAILED" not in text):
                    break

    def _whole(self, test_id: str, number: int, message: str | None) -> TestResult:
        if message is None:
            return TestResult(test_id, NAME, "failed", number, span=(number, number))
        places = self._at("failure")
        line = places[0] if places else number
        return TestResult(
            test_id, NAME, "failed", line, message=message, span=span(line, line + 3)
        )

    def _crashed(self) -> Iterator[TestResult]:
        """The test that was running when the program ended without a word."""
        started = self._at("run")
        if not started or self._at("end"):
            return
        last = started[-1]
        match = _RUN.match(self.log.lines.text(last) or "")
        done = [*self._at("ok"), *self._at("failed")]
        if match and not any(number >= last for number in done):
            yield self._crash(match[1], last)

    def _crash(self, test_id: str, started: int) -> TestResult:
        texts = below(self.log.lines, started, min(_BODY, self.stop - started))
        exception = message = None
        line = started
        for number, text in enumerate(texts, started + 1):
            what, thrown = _WHAT.match(text), _TERMINATE.match(text)
            if thrown:
                exception, line = thrown[1], number
            elif what and exception:
                message = what[1]
            elif not message and text.strip():
                message, line = text.strip(), number
            if message and (what or number > line):
                break
        return TestResult(
            test_id,
            NAME,
            "crashed",
            line,
            message=message,
            exception=exception,
            span=span(started, max(line + 1, started)),
        )

    def _totals(self) -> dict[str, int]:
        totals: dict[str, int] = {}
        for number in self._at("total"):
            text = self.log.lines.text(number) or ""
            for count in numbers(text).values():
                totals.setdefault(text[2:11].strip(), count)
        if totals:
            totals["suites"] = sum(":" in text for text in self._suite_lines())
        return totals

    def _suite_lines(self) -> Iterable[str]:
        for total in self._at("total")[-1:]:
            for text in below(self.log.lines, total, min(_LISTING, self.stop - total)):
                match = _LISTED.match(text)
                if match and match[2]:
                    yield text

    def _passed(self, wanted: set[str]) -> Iterator[str]:
        for number in self._at("ok"):
            match = _NAME.match(self.log.lines.text(number) or "")
            if match and match[2] in wanted:
                yield match[2]

    def _last(self, failed: Sequence[TestResult]) -> int:
        marks = [*self._at("total"), *self._at("end"), *self._at("failed")]
        lines = [result.span[1] for result in failed if result.span]
        return max([self.first, *marks, *self._at("run"), *lines])


def _message(rest: str, texts: Sequence[str]) -> str | None:
    """What an assertion says: its first line, and what follows one ending in ``:``."""
    said = [text.strip() for text in (rest, *texts) if text.strip()]
    if not said:
        return None
    if said[0] == "Failed" and len(said) > 1:
        return said[1]
    several = said[0].endswith(":") or said[0].startswith("Value of: ")
    return " ".join(said[:5] if several else said[:1])
