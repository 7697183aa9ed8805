"""Reads ``cargo test``: one session per test binary and per crate's doc tests.

Ids are what ``cargo test`` takes as a filter: ``module::tests::name``, and
``src/lib.rs - item (line 5)`` for a doc test. ``cargo nextest`` has its own reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.results import Problem, Session, TestResult
from sickbay.logs.frameworks.rust import Told, told
from sickbay.logs.frameworks.totals import first_of_each, numbers, span
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.log import Log

NAME = "cargo"

ANCHORS = (
    Anchor("cargo.begin", r"^running \d+ tests?$", 2, 2),
    Anchor("cargo.result", r"^test result: (?:ok|FAILED)\. \d+ passed; ", 40, 4),
    Anchor("cargo.failed", r"^test .+ \.\.\. .*FAILED$|^\S.* --- FAILED$", 0, 1),
    Anchor("cargo.passed", r"^test .+ \.\.\. ok$"),
    Anchor("cargo.running", r"^test \S.* \.\.\. \S", 0, 3),
    Anchor("cargo.output", r"^---- .+ stdout ----$", 0, 20),
    Anchor("cargo.panic", r"^thread '.*' (?:\(\d+\) )?panicked at ", 1, 8),
    Anchor("cargo.exit", r"^  process didn't exit successfully: ", 4, 1),
    Anchor("cargo.compile", r"^error: (?:could not|Could not) compile `", 60, 2),
    Anchor("cargo.diagnostic", r"^error(?:\[E\d+\])?: \S", 0, 10),
)

_FAILED = Pattern(r"test (.+?)(?: - should panic)? \.\.\. .*FAILED$|(\S.*) --- FAILED$")
_PASSED = Pattern(r"test (.+?)(?: - should panic)? \.\.\. ok$")
_UNFINISHED = Pattern(
    r"test (\S.*?)(?: - should panic)? \.\.\. (?!ok$|ignored|FAILED$)"
)
_OUTPUT = Pattern(r"---- (.+) stdout ----$")
_PANIC = Pattern(r"thread '(.*)' (?:\(\d+\) )?panicked at ")
_LISTED = Pattern(r" {4}(\S.*)$")

_LISTING = 20_000
"""Lines before ``test result:`` that may be its list of failures."""

_BODY = 100
"""Lines of one test's output that are read."""


def sessions(log: Log) -> Sequence[Session]:
    """Every test binary that ran, and a build that failed."""
    begins = log.marks.at("cargo.begin")
    stops = [number - 1 for number in begins[1:]] + [log.lines.total]
    runs = [_Run(log, *reach) for reach in zip(begins, stops, strict=False)]
    return [*(run.session() for run in runs), *_unbuilt(log)]


@dataclass(frozen=True, slots=True)
class _Run:
    """One test binary: from ``running N tests`` up to the next one's."""

    log: Log
    first: int
    stop: int

    def session(self) -> Session:
        ends = self._at("result")
        totals = numbers(self._text(ends[0])) if ends else {}
        failed = self._failed(ends[0] if ends else None)
        wanted = {result.test_id for result in failed}
        outcomes = [result.outcome for result in failed]
        return Session(
            framework=NAME,
            line_start=self.first,
            line_end=self._last(ends),
            counts=Counts(
                passed=totals.get("passed", len(self._at("passed"))),
                failed=outcomes.count("failed"),
                crashed=outcomes.count("crashed"),
                skipped=totals.get("ignored", 0),
            ),
            expected_failed=totals.get("failed"),
            failed=failed,
            passed=frozenset(self._passed(wanted)) if wanted else frozenset(),
            problem=self._problem() if not ends and "crashed" not in outcomes else None,
        )

    def _at(self, what: str) -> Sequence[int]:
        return self.log.marks.between(f"cargo.{what}", self.first, self.stop)

    def _text(self, number: int) -> str:
        return self.log.lines.text(number) or ""

    def _last(self, ends: Sequence[int]) -> int:
        if ends:
            return ends[0]
        kinds = ("failed", "passed", "running", "panic", "exit")
        return max([self.first, *(n for kind in kinds for n in self._at(kind))])

    def _failed(self, end: int | None) -> Sequence[TestResult]:
        """By the closing list where there is one, else by the tests' own lines."""
        names = list(self._listed(end)) if end else []
        names = names or [
            (match[1] or match[2], number)
            for number in self._at("failed")
            if (match := _FAILED.match(self._text(number)))
        ]
        stories = self._stories() if names else {}
        results = [_result(name, number, stories.get(name)) for name, number in names]
        return first_of_each([*results, *([] if end else self._crashed())])

    def _listed(self, end: int) -> Iterator[tuple[str, int]]:
        """The names under the last ``failures:`` before the result."""
        names: list[tuple[str, int]] = []
        texts = self.log.lines.before(end, min(_LISTING, end - self.first))
        for number, text in zip(range(end - 1, 0, -1), reversed(texts), strict=False):
            match = _LISTED.match(text)
            if match:
                names.append((match[1], number))
            elif text.strip():
                break
        yield from reversed(names)

    def _stories(self) -> dict[str, Told]:
        """What each test's output says; with ``--nocapture``, what its thread said."""
        stories: dict[str, Told] = {}
        for number in self._at("output"):
            match = _OUTPUT.match(self._text(number))
            if match:
                stories[match[1]] = told(self._output(number), match[1])
        for number in self._at("panic"):
            match = _PANIC.match(self._text(number))
            if match and match[1] not in stories:
                stories[match[1]] = told(self._said(number), match[1])
        return stories

    def _said(self, number: int) -> list[tuple[int, str]]:
        """A panic's own line and what follows it, up to the next thing said."""
        lines = [(number, self._text(number))]
        for at, text in self.log.lines.between(number + 1, min(number + 20, self.stop)):
            if text.startswith(("test ", "note: ", "thread '")) or not text.strip():
                break
            lines.append((at, text))
        return lines

    def _output(self, number: int) -> list[tuple[int, str]]:
        output: list[tuple[int, str]] = []
        for at, text in self.log.lines.between(
            number + 1, min(number + _BODY, self.stop)
        ):
            if _OUTPUT.match(text) or text == "failures:":
                break
            output.append((at, text))
        return output

    def _crashed(self) -> Iterator[TestResult]:
        """The test whose line was left unfinished when the binary died."""
        exits = self._at("exit")
        for number in self._at("running")[-1:]:
            match = _UNFINISHED.match(self._text(number))
            if match and exits:
                message = self._text(exits[0]).strip()
                yield TestResult(
                    match[1],
                    NAME,
                    "crashed",
                    exits[0],
                    message=_exit_reason(message),
                    span=span(number, exits[0]),
                )

    def _passed(self, wanted: set[str]) -> Iterator[str]:
        for number in self._at("passed"):
            match = _PASSED.match(self._text(number))
            if match and match[1] in wanted:
                yield match[1]

    def _problem(self) -> Problem | None:
        """The binary died, and which of its tests it was the log does not say."""
        for number in self._at("exit")[:1]:
            return Problem(number - 2, number, _exit_reason(self._text(number).strip()))
        return None


def _result(name: str, number: int, story: Told | None) -> TestResult:
    if story is None or story.message is None:
        return TestResult(name, NAME, "failed", number, span=(number, number))
    return TestResult(
        name,
        NAME,
        "failed",
        story.first,
        message=story.message,
        exception=story.exception,
        span=span(story.first, story.last),
        frames=story.frames,
    )


def _exit_reason(text: str) -> str:
    """``process didn't exit successfully: `path` (reason)``, without the path."""
    return text.rpartition("` ")[2].strip("()") or text


def _unbuilt(log: Log) -> Iterator[Session]:
    """Crates that do not compile: one session, with the first diagnostic."""
    compiles = log.marks.at("cargo.compile")
    if not compiles:
        return
    first, last = compiles[0], compiles[-1]
    diagnostics = log.marks.between("cargo.diagnostic", max(first - 2000, 1), first)
    line = diagnostics[0] if diagnostics else first
    message = (log.lines.text(line) or "").partition(": ")
    reach = span(line, line + 9)
    yield Session(
        framework=NAME,
        line_start=line,
        line_end=last,
        problem=Problem(*reach, message[2], message[0] if "[" in message[0] else None),
    )
