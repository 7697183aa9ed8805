"""Reads PHPUnit's closing report, its testdox tree, and runs that died.

Ids are as PHPUnit prints them, ``Class::test`` and ``Class::test with data set "x"``,
which ``--filter`` takes. ``--testdox`` prints titles instead of names: there the id is
``Class::Title``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.results import Frame, Problem, Session, TestResult
from sickbay.logs.frameworks.totals import (
    below,
    first_of_each,
    labelled,
    numbers,
    span,
)
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.log import Log
    from sickbay.logs.report import Outcome

NAME = "phpunit"

ANCHORS = (
    Anchor("phpunit.begin", r"^PHPUnit \d+\.[\w.-]+ by Sebastian Bergmann", 1, 5),
    Anchor("phpunit.time", r"^Time: [\d:.]+(?: \w+)?, Memory: ", 1, 5),
    Anchor(
        "phpunit.section",
        r"^There (?:was|were) \d+ (?:PHPUnit )?(?:test runner )?[a-z]+(?: tests?)?s?:",
        1,
        2,
    ),
    Anchor("phpunit.entry", r"^ *[0-9]{1,9}\) ", 1, 25),
    Anchor("phpunit.total", r"^Tests: \d+, Assertions: \d+", 3, 1),
    Anchor("phpunit.good", r"^OK \(\d+ tests?, \d+ assertions?\)$", 1, 1),
    Anchor("phpunit.none", r"^No tests executed!$", 2, 0),
    Anchor("phpunit.bad_title", r"^ ✘ \S", 2, 12),
    Anchor("phpunit.fatal", r"(?:PHP )?Fatal error: +\S", 1, 6),
)

_SECTION = Pattern(r"There (?:was|were) \d+ ([\w ]+?):")
_ENTRY = Pattern(r"(\d+)\) (.+)$")
_PROVIDER = Pattern(r"The data provider specified for (\S+) is invalid")
_DATA = Pattern(r'( with data set (?:#\d+|".*")) \(.*\)$|( with data set .*)$')
_RAISED = Pattern(r"((?:\w+\\)*[A-Z]\w*): (.*)$")
_FRAME = Pattern(r"(/\S.*|[A-Z]:\\\S.*|\S+\.php):(\d+)$")
_FATAL = Pattern(r"(?:.*?)(?:PHP )?((?:Fatal|Parse) error): +(.*)$")
_TITLE = Pattern(r" [✔✘↩∅⚠☢] ")
_CLASS = Pattern(r"(\S.*?)(?: \((\S+)\))?$")

_SECTIONS: dict[str, Outcome] = {
    "error": "error",
    "errors": "error",
    "failure": "failed",
    "failures": "failed",
}
"""The sections whose tests failed; others warn, or list what was left out."""

_HEADING = 500
"""Lines above a testdox line that are searched for its heading."""

_BODY = 120
"""Lines of one failure that are read."""


def sessions(log: Log) -> Sequence[Session]:
    """Every run of PHPUnit."""
    begins = log.marks.at("phpunit.begin")
    if not begins:
        begins = log.marks.at("phpunit.time")[:1]
    stops = [number - 1 for number in begins[1:]] + [log.lines.total]
    runs = [_Run(log, *reach) for reach in zip(begins, stops, strict=False)]
    return [run.session() for run in runs]


@dataclass(frozen=True, slots=True)
class _Run:
    log: Log
    first: int
    stop: int

    def session(self) -> Session:
        closing = self._closing()
        end = self._end(closing)
        totals = labelled(self._text(end)) if end else {}
        failed = first_of_each(self._failed(closing, end or self.stop))
        errors, failures = totals.get("Errors", 0), totals.get("Failures", 0)
        left_out = totals.get("Skipped", 0) + totals.get("Incomplete", 0)
        ran = totals.get("Tests", 0)
        if end and not totals:
            ran = numbers(self._text(end)).get("test", 0)
        return Session(
            framework=NAME,
            line_start=self.first,
            line_end=end or max([closing, *(result.line for result in failed)]),
            counts=Counts(
                passed=max(ran - errors - failures - left_out, 0),
                failed=failures,
                error=errors,
                skipped=left_out,
            ),
            expected_failed=errors + failures if end else None,
            failed=failed,
            problem=None if end else self._problem(),
        )

    def _text(self, number: int) -> str:
        return self.log.lines.text(number) or ""

    def _at(self, what: str, first: int | None = None) -> Sequence[int]:
        return self.log.marks.between(f"phpunit.{what}", first or self.first, self.stop)

    def _closing(self) -> int:
        """Where the closing report begins: what is above it, a test may print."""
        times = self._at("time")
        return times[-1] if times else self.first

    def _end(self, closing: int) -> int | None:
        ends = [*self._at("total", closing), *self._at("good", closing)]
        return min(ends) if ends and self._at("time") else None

    def _failed(self, closing: int, end: int) -> Iterator[TestResult]:
        listed = [n for n in self._at("section", closing) if n < end]
        yield from self._listed(listed, end)
        if not listed:
            yield from self._titled(closing)

    def _listed(self, sections: Sequence[int], end: int) -> Iterator[TestResult]:
        ends = [*sections[1:], end]
        for section, stop in zip(sections, ends, strict=False):
            match = _SECTION.match(self._text(section))
            outcome = _SECTIONS.get(match[1]) if match else None
            due = 1
            for number in self.log.marks.between(
                "phpunit.entry", section + 1, stop - 1
            ):
                entry = _ENTRY.match(self._text(number))
                if not (entry and int(entry[1]) == due):
                    continue
                due += 1
                if outcome:
                    yield self._entry(number, entry[2], outcome, stop)

    def _entry(self, number: int, name: str, outcome: Outcome, stop: int) -> TestResult:
        texts: list[str] = []
        for text in below(self.log.lines, number, min(_BODY, stop - number - 1)):
            if _ENTRY.match(text) or text == "--":
                break
            texts.append(text)
        provider = _PROVIDER.match(texts[0]) if texts else None
        if provider:
            name = provider[1]
        return _result(_id(name), outcome, number, texts)

    def _titled(self, closing: int) -> Iterator[TestResult]:
        """The ``✘`` lines of ``--testdox``, where the report lists nothing."""
        heading = ""
        above = self.first
        for number in self._at("bad_title"):
            if number >= closing:
                break
            heading = self._class_of(max(above, number - _HEADING), number) or heading
            above = number
            texts: list[str] = []
            for text in below(self.log.lines, number, _BODY):
                if not text.startswith("   │"):
                    break
                texts.append(text.removeprefix("   │").removeprefix(" "))
            title = self._text(number)[3:].strip()
            raw = [text for text in texts if text.strip()]
            name = f"{heading}::{title}"
            yield _result(name, "failed", number, raw, gap=len(texts) - len(raw) > 0)

    def _class_of(self, above: int, number: int) -> str:
        """The heading of a testdox line: a title, and mostly the class's name."""
        for text in reversed(self.log.lines.before(number, number - above)):
            if text.strip() and not text.startswith(" "):
                match = _CLASS.match(text)
                return (match[2] or match[1]) if match else text
        return ""

    def _problem(self) -> Problem:
        """A run without an end: no tests, a fatal error, or ``exit`` in a test."""
        for number in self._at("fatal")[:1]:
            match = _FATAL.match(self._text(number))
            if match:
                raised = _RAISED.match(match[2].removeprefix("Uncaught "))
                return Problem(
                    number,
                    number + (1 if raised else 0),
                    raised[2] if raised else match[2],
                    raised[1] if raised else match[1],
                )
        for number in self._at("none")[:1]:
            return Problem(number, number, self._text(number))
        return Problem(self.first, self.first, "PHPUnit ended without its report")


def _id(name: str) -> str:
    """Without the values of a data set, which its name stands for."""
    return _DATA.sub(r"\1\2", name)


def _result(
    name: str, outcome: Outcome, number: int, texts: Sequence[str], *, gap: bool = False
) -> TestResult:
    """What the lines under a test's name say."""
    said: list[str] = []
    for text in texts:
        if not text.strip() or text.startswith(("--- Expected", "--- expected")):
            break
        if _FRAME.match(text):
            break
        said.append(text.strip())
    raised = _RAISED.match(said[0]) if said else None
    found = [match for match in map(_FRAME.match, texts) if match]
    line = number + 1 + gap if said else number
    return TestResult(
        name,
        NAME,
        outcome,
        line,
        message=raised[2] if raised else " ".join(said[:2]) or None,
        exception=raised[1] if raised else None,
        span=span(number, number + len("\n".join(texts).rstrip().splitlines())),
        frames=tuple(Frame(m[1], int(m[2]), None) for m in reversed(found)),
    )
