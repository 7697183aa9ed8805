"""What goes wrong for longer than one build, and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal

from sickbay.simulators.buildkite.fleet import QUEUES, host
from sickbay.simulators.buildkite.suites import SUITES, WAYS, ways_of
from sickbay.simulators.chance import chance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

    from sickbay.simulators.buildkite.steps import Step
    from sickbay.simulators.buildkite.suites import Way

Persistent = Literal["regression", "known_issue", "flaky", "sick_agent"]

FOREVER = 1 << 30
PER_DAY = 12  # commits
REGRESSIONS = 0.65  # that begin in a day
SICK = 0.22
KNOWN_AT_ONCE = 3
HANGS = 0.08  # of the regressions
FLAKY_AT_ONCE = 6
AGAIN_RATE = (0.15, 0.35)  # of a flaky test whose job is tried again by itself
ONCE_RATE = (0.3, 0.5)  # where only its past tells
SICK_QUEUES = ("gpu_1_queue", "gpu_4_queue", "h100", "a100", "amd_mi300")
SICK_WAYS = ("gpu_driver", "gpu_ecc", "gpu_memory", "gpu_nccl")

AT_ONCE = (1, 2, 2, 3)  # suites that a regression hits, where it can hit so many
CROWDS = 4  # rounds through all suites
HARD = ("cuda", "h100", "a100", "b200", "cpu")  # whose jobs do not fail softly
BACKENDS: tuple[tuple[str, ...], ...] = (
    ("cuda", "h100", "a100", "b200", "rocm", "cpu", "xpu", "tpu"),
    ("cuda", "h100", "a100", "b200"),
    ("cuda", "a100"),
    ("rocm",),
    ("h100",),
    ("cpu",),
)
WIDE = (3, 4, 3, 1, 2, 1)  # how often a regression hits so many kinds of machines
NARROW = (1, 1, 2, 3, 3, 1)  # and a known issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Something that goes wrong in many builds.

    Attributes:
        key: Of the plot; the same in every world of the seed.
        way: How it shows, a key of the suites' ways.
        suites: That it hits, on which backends.
        first: The commit that brought it.
        fixed: The commit that ended it; ``FOREVER`` while nothing did.
        rate: How often it shows where it can, 1 being always.
        host: The machine that is sick; it serves ``queue``.
        seed: Of the numbers in its message.
    """

    key: str
    trouble: Persistent
    way: str
    suites: tuple[str, ...]
    backends: tuple[str, ...] = BACKENDS[0]
    first: int = 0
    fixed: int = FOREVER
    rate: float = 1.0
    host: str = ""
    queue: str = ""
    step: str = ""
    seed: int = 0

    def at(self, order: int) -> bool:
        """Whether a build of that commit has it."""
        return self.first <= order < self.fixed

    def hits(self, step: Step, shard: int) -> bool:
        """Whether it shows in a job, where it does at all."""
        if self.step:
            return step.key == self.step and shard == self.seed % step.shards
        there = step.suite in self.suites and step.backend in self.backends
        return there and shard == self.seed % step.shards


def plots(seed: int, days: int, steps: Sequence[Step]) -> tuple[Plot, ...]:
    """All that goes wrong for long in a world, the strongest first.

    No two that last hit the same jobs at the same time, and nothing that lasts breaks
    a test that is flaky.

    Args:
        seed: Of the world.
        days: How many nightlies it has.
        steps: Of its pipeline.
    """
    ways = _ways(steps)
    flaky = tuple(_flaky(seed, steps, ways))
    shown = {test for plot in flaky for test in _tests(plot)}
    ways = [way for way in ways if shown.isdisjoint(way.tests)]
    lasting = [*_regressions(seed, days, ways), *_known(seed, days, ways)]
    return (*_sick(seed, days), *_apart(lasting), *flaky)


def crowd(
    seed: int, days: int, steps: Sequence[Step], others: Sequence[Plot]
) -> Iterator[Plot]:
    """More that goes wrong in the newest nightly: something in each suite.

    Args:
        seed: Of the world.
        days: How many nightlies it has.
        steps: Of its pipeline.
        others: What goes wrong already.
    """
    newest = days * PER_DAY
    shown = {plot.way for plot in others}
    ways = [way for way in _ways(steps) if way.key not in shown]
    suites = dict.fromkeys(way.suite for way in ways)
    for place, (again, suite) in enumerate(product(range(CROWDS), suites)):
        trouble: Persistent = "known_issue" if place % 3 == 0 else "regression"
        able = [way for way in ways if way.suite == suite and trouble in way.fits]
        draw = chance("crowd", seed, suite, again)
        if able:
            yield Plot(
                key=f"crowd-{suite}-{again}",
                trouble=trouble,
                way=draw.choice(able).key,
                suites=(suite,),
                backends=HARD,
                first=newest - draw.randrange(PER_DAY),
                seed=draw.randrange(1 << 16),
            )


def _tests(plot: Plot) -> Iterator[str]:
    for suite in plot.suites:
        yield from ways_of(suite)[plot.way].tests


def _ways(steps: Sequence[Step]) -> list[Way]:
    """The ways to fail of the suites that run."""
    there = {step.suite for step in steps}
    return [way for way in WAYS if way.suite in there]


def _known(seed: int, days: int, ways: Sequence[Way]) -> Iterator[Plot]:
    for lane in range(KNOWN_AT_ONCE):
        draw = chance("known", seed, lane)
        day = -draw.randint(2, 20)
        while day < days:
            lasts = draw.randint(5, 25)
            key = f"known-{lane}-{day}"
            yield _lasting(draw, key, "known_issue", (day, lasts), ways)
            day += lasts + draw.randint(1, 12)


def _regressions(seed: int, days: int, ways: Sequence[Way]) -> Iterator[Plot]:
    for day in range(-3, days):
        draw = chance("regression", seed, day)
        if draw.random() < REGRESSIONS:
            lasts = draw.choices((1, 2, 3, 5), (5, 4, 2, 1))[0]
            key = f"regression-{day}"
            yield _lasting(draw, key, "regression", (day, lasts), ways)


def _lasting(
    draw: Random,
    key: str,
    trouble: Persistent,
    days: tuple[int, int],
    ways: Sequence[Way],
) -> Plot:
    """Something that a commit of the day before a nightly brings, and another ends."""
    day, lasts = days
    way = _way(draw, trouble, ways)
    same = [other.suite for other in ways if other.key == way.key]
    same = draw.sample(same, min(len(same), draw.choice(AT_ONCE)))
    wide = trouble == "regression"
    first = max(0, day * PER_DAY + draw.randint(1, PER_DAY))
    return Plot(
        key=key,
        trouble=trouble,
        way=way.key,
        suites=tuple(same) if wide and same else (way.suite,),
        backends=_able(way, draw.choices(BACKENDS, WIDE if wide else NARROW)[0]),
        first=first,
        fixed=first + lasts * PER_DAY,
        seed=draw.randrange(1 << 16),
    )


def _able(way: Way, backends: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the machines that can fail so: what CUDA says needs CUDA."""
    if "CUDA" not in way.message:
        return backends
    return tuple(name for name in backends if name in BACKENDS[1]) or BACKENDS[1]


def _way(draw: Random, trouble: Persistent, ways: Sequence[Way]) -> Way:
    found = draw.choice([way for way in ways if trouble in way.fits])
    if trouble == "regression" and draw.random() < HANGS:
        return ways_of(found.suite)["hang"]
    return found


def _apart(found: Sequence[Plot]) -> list[Plot]:
    """Those that share no jobs, and no way, with an earlier one at the same time."""
    kept: list[Plot] = []
    for plot in found:
        if not any(_clash(plot, other) for other in kept):
            kept.append(plot)
    return kept


def _clash(one: Plot, other: Plot) -> bool:
    together = one.first < other.fixed and other.first < one.fixed
    suites = set(one.suites) & set(other.suites)
    same = suites and set(one.backends) & set(other.backends)
    told = (one.way, one.suites) == (other.way, other.suites)
    return together and (told or bool(same))


def _flaky(seed: int, steps: Sequence[Step], ways: Sequence[Way]) -> Iterator[Plot]:
    """Each in one job of its own, for as long as the world lasts."""
    draw = chance("flaky", seed)
    able = [way for way in ways if "flaky" in way.fits]
    for place, way in enumerate(draw.sample(able, min(FLAKY_AT_ONCE, len(able)))):
        there = [step for step in steps if step.suite == way.suite and not step.behind]
        step = draw.choices(there, [8 if step.retries else 1 for step in there])[0]
        yield Plot(
            key=f"flaky-{place}",
            trouble="flaky",
            way=way.key,
            suites=(way.suite,),
            rate=draw.uniform(*(AGAIN_RATE if step.retries else ONCE_RATE)),
            step=step.key,
            seed=draw.randrange(1 << 16),
        )


def _sick(seed: int, days: int) -> Iterator[Plot]:
    for day in range(days):
        draw = chance("sick", seed, day)
        if draw.random() >= SICK:
            continue
        queue = draw.choices(SICK_QUEUES, (4, 2, 2, 1, 2))[0]
        first = day * PER_DAY + draw.randint(6, PER_DAY)
        yield Plot(
            key=f"sick-{day}",
            trouble="sick_agent",
            way=draw.choice(SICK_WAYS),
            suites=tuple(SUITES),
            first=first,
            fixed=first + draw.choice((9, PER_DAY, 2 * PER_DAY)),
            rate=0.9,
            host=host(queue, draw.randrange(QUEUES[queue].machines)).name,
            queue=queue,
            seed=draw.randrange(1 << 16),
        )
