"""What was noted down about one pytest session while reading its output."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count, islice
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.report import Outcome

Where = Literal["progress", "failures", "errors", "passes", "summary", "other"]


class Run(NamedTuple):
    """One test ending once."""

    test_id: str
    outcome: Outcome
    line: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the short test summary: its first word and the rest."""

    word: str
    rest: str
    line: int


@dataclass(slots=True)
class Head:
    """The header of one failure, and how far what is below it goes."""

    where: Where
    title: str
    line: int
    last: int = 0


@dataclass(frozen=True, slots=True)
class Death:
    """A line that says that the whole run broke."""

    kind: Literal["crash", "timeout", "stop", "internal", "refused"]
    message: str
    line: int


@dataclass(slots=True)
class Draft:
    """One session, as far as it was read.

    ``pending`` is the test that began and has not ended, ``ends`` what was seen since
    that may be its end; ``parts`` are the tests of which a subtest failed.
    """

    first: int
    last: int
    announced: bool = False
    nested: bool = False
    where: Where = "progress"
    captured: bool = False
    old_order: bool = False
    seen: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    letters: list[tuple[str | None, str]] = field(default_factory=list)
    pending: tuple[str, int] | None = None
    ends: tuple[Outcome, int] | None = None
    parallel: bool = False
    heads: list[Head] = field(default_factory=list)
    sections: list[tuple[Where, int]] = field(default_factory=list)
    parts: dict[str, int] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    deaths: list[Death] = field(default_factory=list)
    final: dict[str, int] | None = None

    @property
    def doubtful(self) -> bool:
        """Whether a final line right now may be a test's own words."""
        return (
            self.announced
            and self.where == "progress"
            and not self.parallel
            and (self.pending is not None or _bad(self.final))
        )

    def begin(self, test_id: str, line: int) -> None:
        """A test began."""
        self.settle()
        self.pending = (test_id, line)

    def end(self, test_id: str, outcome: Outcome, line: int) -> None:
        """A test ended."""
        if self.pending and self.pending[0] == test_id:
            self.pending = self.ends = None
        self.settle()
        self.runs.append(Run(test_id, outcome, line))

    def end_all(
        self, test_ids: Sequence[str], outcomes: Sequence[Outcome], line: int
    ) -> None:
        """Tests ended, on this line and on those that follow it."""
        self.end(test_ids[0], outcomes[0], line)
        if self.pending and self.pending[0] in test_ids:
            self.pending = None
        self.runs += islice(map(Run, test_ids, outcomes, count(line)), 1, None)

    def settle(self) -> None:
        """Nothing more will be said about the test that was running."""
        if self.pending and self.ends:
            self.runs.append(Run(self.pending[0], *self.ends))
            self.pending = None
        self.ends = None

    def enter(self, where: Where, line: int, title: str) -> None:
        """A part of the closing report began."""
        self.settle()
        self.close_head(line - 1)
        self.where = where
        self.captured = False
        self.seen.append(title)
        self.sections.append((where, line))

    def close_head(self, last: int) -> None:
        """What was below the last header ended."""
        if self.heads and not self.heads[-1].last:
            self.heads[-1].last = last


def _bad(final: dict[str, int] | None) -> bool:
    return any((final or {}).get(what) for what in ("failed", "error", "errors"))
