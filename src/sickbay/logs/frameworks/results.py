"""What a test framework's reader gives: sessions and the results in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sickbay.logs.report import Counts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.anchors import Anchor
    from sickbay.logs.log import Log
    from sickbay.logs.report import Outcome


BROKE_OFF = "the run broke off while this test was running"
"""All that is known of a test whose run ended without a word."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a traceback, as the log shows it."""

    path: str
    line: int | None
    function: str | None


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test that did not pass, as one session shows it.

    Args:
        test_id: The id as the framework would accept it back.
        framework: Name of the framework.
        outcome: ``failed``, ``error``, ``crashed`` or ``timed_out``; ``rerun`` for a
            failed attempt that the framework itself repeated.
        line: Raw number of the line that says best that (and why) it failed.
        message: First line of what the exception says, without its type.
        exception: Type of the exception, dotted if the log has it so.
        span: First and last raw line (at most ten) that a person would point at.
        frames: The traceback, outermost first.
        attempts: Outcomes of all its attempts in this session, when repeated.
    """

    test_id: str
    framework: str
    outcome: Outcome
    line: int
    message: str | None = None
    exception: str | None = None
    span: tuple[int, int] | None = None
    frames: tuple[Frame, ...] = ()
    attempts: tuple[Outcome, ...] = ()

    __test__ = False


@dataclass(frozen=True, slots=True)
class Session:
    """One run of one framework in a log.

    Args:
        framework: Name of the framework.
        line_start: Raw number of the first line that belongs to it.
        line_end: Raw number of the last one.
        counts: From the framework's own final counts where there are any, completed
            by what was counted in the lines.
        expected_failed: Failures plus errors in the framework's own final counts,
            ``None`` when it printed none (it was killed, or prints none).
        failed: Every test that did not pass, in log order, ids unique.
        passed: Ids seen to pass; the ones that matter are those that failed before.
        problem: Span of a failure of the session itself (usage error, crash, no tests
            collected), and what it says; ``None`` when there is none.
    """

    framework: str
    line_start: int
    line_end: int
    counts: Counts = field(default_factory=Counts)
    expected_failed: int | None = None
    failed: Sequence[TestResult] = ()
    passed: frozenset[str] = frozenset()
    problem: Problem | None = None

    @property
    def went_well(self) -> bool:
        """Whether it came to its end, and says itself that nothing failed."""
        return self.expected_failed == 0 and self.problem is None


@dataclass(frozen=True, slots=True)
class Problem:
    """A session that failed as a whole, rather than one of its tests."""

    line_start: int
    line_end: int
    message: str
    exception: str | None = None


class Framework(Protocol):
    """A reader of one test framework's output: a module with these three names."""

    NAME: str
    ANCHORS: tuple[Anchor, ...]

    @staticmethod
    def sessions(log: Log) -> Sequence[Session]:
        """Every session of this framework in the log.

        Called only when one of the framework's anchors was seen.
        """
        ...
