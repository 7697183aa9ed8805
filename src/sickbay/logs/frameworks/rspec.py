"""Reads RSpec's closing report: the numbered failures and ``Failed examples:``.

Ids are what the ``rspec ./spec/...`` lines give: ``./spec/ward_spec.rb:12``, or
``./spec/ward_spec.rb[1:6:3]`` where one line defines several examples. A file that
could not be loaded stands under its own path.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.results import Frame, Session, TestResult
from sickbay.logs.frameworks.ruby import frames, is_frame
from sickbay.logs.frameworks.totals import below, first_of_each, numbers, span
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sickbay.logs.log import Log
    from sickbay.logs.report import Outcome

NAME = "rspec"

ANCHORS = (
    Anchor("rspec.total", r"^\d{1,9} examples?, \d+ failures?(?:, |$)", 3, 60),
    Anchor("rspec.finished", r"^Finished in [\d.]+ (?:seconds?|minutes?)", 1, 3),
    Anchor("rspec.failures", r"^Failures:$", 1, 40),
    Anchor("rspec.entry", r"^ *[0-9]{1,9}\) ", 1, 30),
    Anchor("rspec.examples", r"^Failed examples:$", 1, 200),
    Anchor("rspec.example", r"^rspec '?\./\S"),
    Anchor("rspec.outside", r"^An error occurred (?:while loading|in an?) ", 1, 20),
    Anchor("rspec.retry", r"^[ \t]*(?:\d+\w\w Try error in|RSpec::Retry: )", 0, 6),
)

_TOTAL = Pattern(r"\d+ examples?, \d+ failures?")
_EXAMPLE = Pattern(r"rspec '?(\./.+?)'? # (.*)$")
_ENTRY = Pattern(r" {2,4}(\d+)\) (.*?)( FIXED)?$")
_OUTSIDE = Pattern(
    r"An error occurred (?:while loading (.+?)\.?|in an? (.+?) hook\.?)$"
)
_TYPE = Pattern(r"((?:[A-Z]\w*::)*[A-Z]\w*):$")
_CODE = Pattern(r"(?:\d+\.\d+\) )?Failure/Error: (.*)$")
_GOT = Pattern(r"Got \d+ failures?(?: and \d+ other errors?)?")
_RETRY = Pattern(r"\s*(\d+)\w\w Try error in (.+):$")
_TIMEOUT = Pattern(r"(?:^|::)Timeout|Timeout(?:Error)?$")

_BODY = 120
"""Lines of one failure that are read."""

_LISTING = 20_000
"""Lines after the totals that may be the list of failed examples."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What a numbered failure says."""

    first: int
    line: int
    last: int
    title: str
    message: str | None
    exception: str | None
    frames: tuple[Frame, ...]


def sessions(log: Log) -> Sequence[Session]:
    """Every run of RSpec that came to its end."""
    found: list[Session] = []
    start = 1
    totals = _totals(log)
    for total, following in pairwise([*totals, log.lines.total + 1]):
        run = _Run(log, start, total, following - 1)
        found.append(run.session())
        start = found[-1].line_end + 1
    return found


def _totals(log: Log) -> list[int]:
    """The totals that follow ``Finished in``; a test may print such a line too."""
    return [
        number
        for number in log.marks.at("rspec.total")
        if log.marks.between("rspec.finished", number - 3, number)
    ]


@dataclass(frozen=True, slots=True)
class _Run:
    log: Log
    first: int
    total: int
    stop: int

    def session(self) -> Session:
        text = self.log.lines.text(self.total) or ""
        totals = numbers(text)
        examples = list(self._examples())
        outside = list(self._outside())
        told = self._told()
        titled = {one.title: one for one in reversed(told)}
        failed = [
            self._result(one, told[index] if index < len(told) else None, titled)
            for index, one in enumerate(examples)
        ]
        attempts = self._attempts()
        flaky = list(self._flaky(attempts, {result.test_id for result in failed}))
        bad = totals.get("failure", 0)
        return Session(
            framework=NAME,
            line_start=self._begin(),
            line_end=max([self.total, *(number for number, _, _ in examples)]),
            counts=Counts(
                passed=max(
                    totals.get("example", 0) - bad - totals.get("pending", 0), 0
                ),
                failed=bad,
                error=totals.get("error", 0),
                skipped=totals.get("pending", 0),
                rerun=len(flaky),
            ),
            expected_failed=bad + totals.get("error", 0),
            failed=first_of_each([*outside, *failed, *flaky]),
            passed=frozenset(result.test_id for result in flaky),
        )

    def _at(self, what: str, first: int, last: int) -> Sequence[int]:
        return self.log.marks.between(f"rspec.{what}", first, last)

    def _begin(self) -> int:
        marks = [
            self._at(what, self.first, self.total)[:1]
            for what in ("failures", "outside", "finished", "retry")
        ]
        return min([self.total, *(number for some in marks for number in some)])

    def _examples(self) -> Iterator[tuple[int, str, str]]:
        """The ``rspec ./spec/...`` lines: number, id, description."""
        heads = self._at("examples", self.total, min(self.total + 4, self.stop))
        for head in heads[:1]:
            for number, text in self.log.lines.between(
                head + 1, min(head + _LISTING, self.stop)
            ):
                match = _EXAMPLE.match(text)
                if match:
                    yield number, match[1], match[2]
                elif text.strip():
                    break

    def _told(self) -> list[_Told]:
        """The numbered failures, in order: each number follows the last one."""
        heads = self._at("failures", self.first, self.total)
        entries = self._at("entry", heads[-1], self.total) if heads else ()
        found: list[_Told] = []
        for number in entries:
            match = _ENTRY.match(self.log.lines.text(number) or "")
            if match and int(match[1]) == len(found) + 1:
                found.append(self._entry(number, match[2]))
        return found

    def _entry(self, number: int, title: str) -> _Told:
        texts: list[str] = []
        for text in below(self.log.lines, number, min(_BODY, self.total - number - 1)):
            if _ENTRY.match(text) or (text.strip() and not text.startswith("    ")):
                break
            texts.append(text)
        while texts and not texts[-1].strip():
            texts.pop()
        return _tell(number, title, texts)

    def _result(
        self,
        example: tuple[int, str, str],
        story: _Told | None,
        titled: Mapping[str, _Told],
    ) -> TestResult:
        number, test_id, description = example
        if story is None or story.title != description:
            story = titled.get(description, story)
        if story is None:
            return TestResult(test_id, NAME, "failed", number, span=(number, number))
        return TestResult(
            test_id,
            NAME,
            _outcome(story.exception),
            story.line,
            message=story.message,
            exception=story.exception,
            span=span(story.first, story.last),
            frames=story.frames,
        )

    def _outside(self) -> Iterator[TestResult]:
        """Errors outside of examples: files that do not load, hooks of the suite."""
        for number in self._at("outside", self.first, self.total):
            match = _OUTSIDE.match(self.log.lines.text(number) or "")
            if not match:
                continue
            told = self._loose(number)
            yield TestResult(
                match[1] or match[2].strip("`"),
                NAME,
                "error",
                told.line,
                message=told.message,
                exception=told.exception,
                span=span(number, max(told.last, number)),
                frames=told.frames,
            )

    def _loose(self, number: int) -> _Told:
        texts: list[str] = []
        for text in below(self.log.lines, number, min(_BODY, self.total - number - 1)):
            if text.startswith(("An error occurred", "Finished in", "Failures:")):
                break
            texts.append(text)
        return _tell(number, "", texts)

    def _attempts(self) -> dict[str, tuple[int, int]]:
        """By place: the line of its last failed attempt, and how many failed."""
        attempts: dict[str, tuple[int, int]] = {}
        for number in self._at("retry", self.first, self.total):
            match = _RETRY.match(self.log.lines.text(number) or "")
            if match:
                attempts[match[2]] = (number, int(match[1]))
        return attempts

    def _flaky(
        self, attempts: dict[str, tuple[int, int]], failed: set[str]
    ) -> Iterator[TestResult]:
        """Examples that rspec-retry brought to pass."""
        for place, (line, failures) in attempts.items():
            if place in failed:
                continue
            said = [text for text in self.log.lines.after(line, 6) if text.strip()]
            tries: list[Outcome] = ["failed"] * failures
            yield TestResult(
                place,
                NAME,
                "rerun",
                line,
                message=_joined([text.strip() for text in said]) if said else None,
                span=span(line, line + 5),
                attempts=(*tries, "passed"),
            )


def _tell(number: int, title: str, texts: Sequence[str]) -> _Told:
    """What the lines under a failure's title say."""
    exception: str | None = None
    said: list[tuple[int, str]] = []
    code = ""
    for at, text in enumerate(texts, number + 1):
        line = text.strip()
        found, typed = _CODE.match(line), _TYPE.match(line)
        if line.startswith("# ") and (is_frame(line) or said):
            break
        if found:
            if said:
                break
            code = found[1]
        elif typed and exception is None and not said:
            exception = typed[1]
        elif line and not _GOT.match(line):
            said.append((at, line))
        elif not line and len(said) > 1:
            break
    first = said[0][0] if said else number
    message = _joined([line for _, line in said]) if said else code or None
    last = said[-1][0] if said else number + 1
    trace = frames(text for text in texts if "# " in text)
    return _Told(number, first, last, title, message, exception, trace)


def _joined(said: Sequence[str]) -> str:
    """One line: what was expected together with what was got."""
    expected = said[0].startswith("expected") and len(said) > 1
    return " ".join(said[:2] if expected and "got" in said[1] else said[:1])


def _outcome(exception: str | None) -> Outcome:
    return "timed_out" if exception and _TIMEOUT.search(exception) else "failed"
