"""Lanes: the outcomes of a test over builds, all of it and each variant by itself."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sickbay.toolsets.history.models.story import BuildStory, Verdict

Mark = Literal["pass", "fail", "flaky", "infra", "absent"]

MARKS: tuple[Mark, ...] = ("pass", "fail", "flaky", "infra", "absent")

MEANINGS: dict[Mark, str] = {
    "pass": "passed",
    "fail": "failed",
    "flaky": "passed and failed",
    "infra": "failed with the machine",
    "absent": "did not run, or nobody knows",
}

ALL = "all"


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of a strip.

    Attributes:
        attempts: For each build, the marks of every attempt; none where the lane puts
            several variants together.
    """

    label: str
    marks: tuple[Mark, ...]
    attempts: tuple[tuple[Mark, ...], ...]


def lanes(builds: Sequence[BuildStory]) -> tuple[Lane, ...]:
    """All of the test in one lane, and below it one for each variant, if several.

    Args:
        builds: In the order in which they are to be drawn.
    """
    marks = tuple(build.test_status for build in builds)
    names = sorted({job.variant for build in builds for job in build.jobs})
    each = [_variant(name, builds) for name in names]
    if len(each) == 1:
        return (Lane(ALL, marks, each[0].attempts),)
    return (Lane(ALL, marks, ((),) * len(marks)), *each)


def _variant(name: str, builds: Iterable[BuildStory]) -> Lane:
    attempts = []
    for build in builds:
        shards: defaultdict[tuple[int, int], list[Mark]] = defaultdict(list)
        for job in build.jobs:
            if job.variant == name:
                shards[job.attempt, job.shard or 0].append(mark(job.status))
        attempts.append(tuple(one for key in sorted(shards) for one in shards[key]))
    return Lane(name, tuple(map(together, attempts)), tuple(attempts))


def mark(status: str) -> Mark:
    """The mark of what became of it in one attempt of a job."""
    return next((one for one in MARKS if one == status), "absent")


def together(marks: Sequence[Mark]) -> Mark:
    """The mark of a variant, of those of its attempts."""
    found = set(marks)
    if "flaky" in found or {"pass", "fail"} <= found:
        return "flaky"
    order: tuple[Mark, ...] = ("fail", "pass", "infra")
    return next((one for one in order if one in found), "absent")


def change_at(builds: Sequence[BuildStory], verdict: Verdict) -> int | None:
    """The place of the transition among builds, the oldest first."""
    return _place(builds, verdict.transition_build)


def credible_at(builds: Sequence[BuildStory], verdict: Verdict) -> range:
    """The places from which the change may date."""
    stretch = verdict.credible_range
    if stretch is None or stretch.first is None or stretch.last is None:
        return range(0)
    first = _place(builds, stretch.first.build_number)
    last = _place(builds, stretch.last.build_number)
    if last is None:
        return range(0)
    return range(first or 0, last + 1)


def _place(builds: Sequence[BuildStory], number: str | None) -> int | None:
    numbers = [build.build_number for build in builds]
    return numbers.index(number) if number in numbers else None
