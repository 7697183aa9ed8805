"""Causes: the failures of a grid by what they say, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.ci import faults
from sickbay.ci.blame import blame
from sickbay.ci.course import course
from sickbay.ci.evidence import History, evidence
from sickbay.ci.names import blocks_strict
from sickbay.ci.runs import gathered
from sickbay.ci.sightings import alike, sightings
from sickbay.ci.wording import why

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sickbay.ci.course import Course, Verdict
    from sickbay.ci.models import Commit, Grid, Job
    from sickbay.ci.sightings import Sighting
    from sickbay.ci.signs import Sign
    from sickbay.logs.report import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Failures that say the same, and what became of them.

    Attributes:
        text: What the failing jobs say, of the example; empty if they say nothing.
        verdict: ``ongoing`` shows wherever it can, up to the newest results; ``new``
            was seen on the newest result only; ``fixed`` did so and passes now;
            ``flaky`` comes and goes.
        why: The evidence for the verdict, in words.
        jobs: Names without shard of the jobs that show it between ``first_bad`` and
            ``last_bad``.
        shards: The same with their shards.
        blocking: Whether one of them blocks viable/strict.
        tests: Ids of the tests that these name.
        variants: How many different things they say: names of tests, lines.
        example: A job to look at, the newest that failed.
        count: How many jobs on all commits show it.
        retried: How many of these passed when they were tried again.
        bad_commits: On how many commits it shows.
        good_commits: On how many all of its jobs that could have shown it passed.
        first_bad: Where its newest episode began; where a flaky one was first seen.
        last_bad: Where that episode was seen last.
        last_good: The newest commit before it that passed; None if not seen to.
        first_good: The oldest commit after it that passed, if it is fixed.
        clipped: The commits end, or some are missing, before it passed: it may be
            older.
        episodes: How often it broke for good; 2 is a relapse.
        gone: None of its jobs runs any more.
        suspects: Commits that may have brought it, the newest first.
        culprit: The one that did, if known; ``culprit_why`` says how.
        fix: The one that took it away, or a revert of the culprit that is not tested
            yet, if known; ``fix_why`` says how.
        fixes: Commits that may have taken it away, the newest first.
    """

    text: str
    category: Category
    verdict: Verdict
    why: str
    jobs: tuple[str, ...]
    shards: tuple[str, ...]
    blocking: bool
    tests: tuple[str, ...]
    variants: int
    example: Job
    count: int
    retried: int
    bad_commits: int
    good_commits: int
    first_bad: Commit
    last_bad: Commit
    last_good: Commit | None
    first_good: Commit | None
    clipped: bool
    episodes: int
    gone: bool
    suspects: tuple[Commit, ...]
    culprit: Commit | None
    culprit_why: str
    fix: Commit | None
    fix_why: str
    fixes: tuple[Commit, ...]

    @property
    def current(self) -> bool:
        """Whether it still fails, as far as is known."""
        return self.verdict in {"ongoing", "new"} and not self.gone


def causes(
    grid: Grid, *, fault: Callable[[Sign], Category] = faults.fault
) -> tuple[Cause, ...]:
    """The failures of a grid by their cause, the most pressing first.

    Args:
        grid: Commits and their jobs; the more, the surer.
        fault: Says whose fault a line speaks of.
    """
    history = History(grid)
    groups = gathered(alike(sightings(grid)), history)
    found = (_cause(group, history, fault) for group in groups)
    return tuple(sorted(found, key=_pressing_first))


def _cause(
    group: Sequence[Sighting], history: History, fault: Callable[[Sign], Category]
) -> Cause:
    found = evidence(group, history)
    category = fault(_example(group).sign)
    what = course(found, history, outage=category == "infrastructure")
    guilt = blame(what, history, category=category)
    shown = [item for item in group if _within(item, what)]
    judged, example = found.of(what.lanes), _example(shown)
    shards = sorted({item.job.name for item in shown})
    at = _Places(history.grid)
    return Cause(
        text=example.sign.text,
        category=_judged(category, what),
        verdict=what.verdict,
        why=why(what, found, history),
        jobs=tuple(sorted({item.lane for item in shown})),
        shards=tuple(shards),
        blocking=any(map(blocks_strict, shards)),
        tests=tuple(sorted({test for item in shown for test in item.sign.tests})),
        variants=len({item.sign.special or item.sign.message for item in shown}),
        example=example.job,
        count=len(group),
        retried=found.retries,
        bad_commits=len(judged.bad),
        good_commits=len(judged.good.keys() - judged.bad.keys()),
        first_bad=at[what.first_bad],
        last_bad=at[what.last_bad],
        last_good=at.get(what.last_good),
        first_good=at.get(what.first_good),
        clipped=history.grid.unseen(what.first_bad, what.last_good),
        episodes=what.episodes,
        gone=what.gone,
        suspects=at.all(guilt.suspects),
        culprit=at.get(guilt.culprit),
        culprit_why=guilt.culprit_why,
        fix=at.get(guilt.fix),
        fix_why=guilt.fix_why,
        fixes=at.all(guilt.fixes),
    )


def _example(seen: Sequence[Sighting]) -> Sighting:
    """The newest that failed; where all passed in the end, the newest."""
    return next((item for item in seen if item.job.failed), seen[0])


def _judged(category: Category, what: Course) -> Category:
    """A test that a commit broke for good does its duty: it is the code's fault."""
    lasting = what.verdict in {"ongoing", "fixed"} and what.last_good is not None
    return "code" if category == "test" and lasting else category


def _within(item: Sighting, what: Course) -> bool:
    return what.last_bad <= item.place <= what.first_bad and item.lane in what.lanes


class _Places:
    """The commits of a grid by their places."""

    def __init__(self, grid: Grid) -> None:
        self._rows = grid.rows

    def __getitem__(self, place: int) -> Commit:
        return self._rows[place].commit

    def get(self, place: int | None) -> Commit | None:
        return None if place is None else self[place]

    def all(self, places: Iterable[int]) -> tuple[Commit, ...]:
        return tuple(map(self.__getitem__, places))


_URGENCY: dict[Verdict, int] = {"ongoing": 0, "new": 1, "fixed": 2, "flaky": 3}


def _pressing_first(cause: Cause) -> tuple[int, bool, int, int, str]:
    urgency = _URGENCY[cause.verdict]
    return (urgency, not cause.blocking, -len(cause.jobs), -cause.count, cause.text)
