"""Reads ``cargo nextest``: the status lines, the summary, retries.

Ids are as nextest prints them, ``binary-id test::name``; ``cargo nextest run
test::name`` runs it again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.results import Session, TestResult
from sickbay.logs.frameworks.rust import told
from sickbay.logs.frameworks.totals import numbers, span
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.log import Log
    from sickbay.logs.report import Outcome

NAME = "nextest"

ANCHORS = (
    Anchor("nextest.begin", r"^ +Starting \d+ tests? across \d+ binar", 2, 2),
    Anchor(
        "nextest.status",
        r"^ +(?:TRY \d+ )?(?:FAIL|SIG[A-Z]+|TIMEOUT|ABORT|EXEC|LEAK-FAIL)[A-Z-]* +\[",
        0,
        40,
    ),
    Anchor("nextest.mended", r"^ +(?:TRY \d+ PASS|FLAKY \d+/\d+) +\[", 0, 1),
    Anchor("nextest.passed", r"^ +(?:PASS|LEAK) +\["),
    Anchor("nextest.summary", r"^ +Summary \[ *[\d.]+s\] .*\d+ tests? run: ", 2, 40),
)

_STATUS = Pattern(
    r" +(?:TRY (\d+) )?([A-Z-]+)(?: \d+/\d+)? +\[[^\]]*\]"
    r" +(?:\( *\d+/\d+\) +)?(\S+ \S.*)$"
)
_BODY = 200


@dataclass(frozen=True, slots=True)
class _Attempt:
    number: int
    attempt: int
    status: str

    @property
    def outcome(self) -> Outcome:
        """How this attempt ended."""
        if self.status in ("PASS", "FLAKY"):
            return "passed"
        if self.status == "TIMEOUT":
            return "timed_out"
        crashed = self.status.startswith(("SIG", "ABORT"))
        return "crashed" if crashed else "failed"


def sessions(log: Log) -> Sequence[Session]:
    """Every run of nextest."""
    begins = [*log.marks.at("nextest.begin"), log.lines.total + 1]
    runs = [_Run(log, a, b - 1) for a, b in pairwise(begins)]
    return [run.session() for run in runs]


@dataclass(frozen=True, slots=True)
class _Run:
    log: Log
    first: int
    stop: int

    def session(self) -> Session:
        summaries = self._at("summary")
        end = summaries[0] if summaries else self.stop + 1
        text = self.log.lines.text(end) or "" if summaries else ""
        totals = numbers(text.replace("timed out", "timeout"))
        failed = [self._result(name, a) for name, a in self._attempts(end).items()]
        outcomes = [result.outcome for result in failed]
        return Session(
            framework=NAME,
            line_start=self.first,
            line_end=min(end, max([self.first, *self._at("status"), *summaries[:1]])),
            counts=Counts(
                passed=totals.get("passed", len(self._at("passed"))),
                failed=outcomes.count("failed"),
                crashed=outcomes.count("crashed"),
                timed_out=outcomes.count("timed_out"),
                rerun=totals.get("flaky", 0),
                skipped=totals.get("skipped", 0),
            ),
            expected_failed=_bad(totals) if totals else None,
            failed=failed,
            passed=frozenset(r.test_id for r in failed if r.outcome == "rerun"),
        )

    def _at(self, what: str) -> Sequence[int]:
        return self.log.marks.between(f"nextest.{what}", self.first, self.stop)

    def _attempts(self, end: int) -> dict[str, list[_Attempt]]:
        """The attempts of tests that failed at least once, up to the summary."""
        attempts: dict[str, list[_Attempt]] = {}
        for number in sorted({*self._at("status"), *self._at("mended")}):
            match = _STATUS.match(self.log.lines.text(number) or "")
            if match and number < end:
                attempt = _Attempt(number, int(match[1] or 1), match[2])
                attempts.setdefault(match[3], []).append(attempt)
        return attempts

    def _result(self, name: str, attempts: list[_Attempt]) -> TestResult:
        outcomes = tuple(attempt.outcome for attempt in attempts)
        worst = next(
            a for a in reversed(attempts) if a.outcome != "passed" or a is attempts[0]
        )
        said = told(self._output(worst.number), name.split(" ", 1)[1])
        result = TestResult(
            name,
            NAME,
            outcomes[-1],
            said.first or worst.number,
            message=said.message,
            exception=said.exception,
            span=span(said.first or worst.number, said.last),
            frames=said.frames,
            attempts=outcomes if len(outcomes) > 1 else (),
        )
        return replace(result, outcome="rerun") if outcomes[-1] == "passed" else result

    def _output(self, number: int) -> list[tuple[int, str]]:
        """What the attempt printed: the lines under its status, indented."""
        output: list[tuple[int, str]] = []
        for at, text in self.log.lines.between(number + 1, number + _BODY):
            if _STATUS.match(text) or text.startswith("────"):
                break
            output.append((at, text.removeprefix("    ")))
        return output


def _bad(totals: dict[str, int]) -> int:
    return sum(totals.get(word, 0) for word in ("failed", "timeout", "exec"))
