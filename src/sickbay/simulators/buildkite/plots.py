"""What goes wrong for longer than one build, and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sickbay.simulators.buildkite.fleet import QUEUES, host
from sickbay.simulators.buildkite.suites import SUITES, WAYS
from sickbay.simulators.chance import chance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

    from sickbay.simulators.buildkite.steps import Step
    from sickbay.simulators.buildkite.suites import Way

Persistent = Literal["regression", "known_issue", "flaky", "sick_agent"]

FOREVER = 1 << 30
PER_DAY = 12  # commits
REGRESSIONS = 0.5  # that begin in a day
SICK = 0.22
KNOWN_AT_ONCE = 3
FLAKY_AT_ONCE = 6
SICK_WAYS = ("gpu_driver", "gpu_ecc", "gpu_memory", "gpu_nccl")

BACKENDS: tuple[tuple[str, ...], ...] = (
    ("cuda", "h100", "a100", "b200", "rocm", "cpu", "xpu", "tpu"),
    ("cuda", "h100", "a100", "b200"),
    ("cuda", "a100"),
    ("rocm",),
    ("h100",),
    ("cpu",),
)
WIDE = (5, 4, 2, 1, 1, 1)  # how often a regression hits so many kinds of machines
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
        host: The machine that is sick.
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

    Two that hit the same jobs at the same time are never told apart by a log: of
    each, the first one shows.
    """
    found = [*_known(seed, days), *_regressions(seed, days)]
    return (*_sick(seed, days), *_apart(found), *_flaky(seed, steps))


def _known(seed: int, days: int) -> Iterator[Plot]:
    for lane in range(KNOWN_AT_ONCE):
        draw = chance("known", seed, lane)
        day = -draw.randint(2, 20)
        while day < days:
            lasts = draw.randint(5, 25)
            yield _persistent(draw, f"known-{lane}-{day}", "known_issue", day, lasts)
            day += lasts + draw.randint(1, 12)


def _regressions(seed: int, days: int) -> Iterator[Plot]:
    for day in range(-3, days):
        draw = chance("regression", seed, day)
        if draw.random() < REGRESSIONS:
            lasts = draw.choices((1, 2, 3, 5), (5, 4, 2, 1))[0]
            yield _persistent(draw, f"regression-{day}", "regression", day, lasts)


def _persistent(
    draw: Random, key: str, trouble: Persistent, day: int, lasts: int
) -> Plot:
    """Something that a commit brings, in the day before a nightly, and another ends."""
    way = draw.choice(fitting(trouble))
    suites = [other.suite for other in WAYS if other.key == way.key]
    weights = WIDE if trouble == "regression" else NARROW
    first = max(0, day * PER_DAY + draw.randint(1, PER_DAY))
    return Plot(
        key=key,
        trouble=trouble,
        way=way.key,
        suites=tuple(suites),
        backends=draw.choices(BACKENDS, weights)[0],
        first=first,
        fixed=first + lasts * PER_DAY,
        seed=draw.randrange(1 << 16),
    )


def fitting(trouble: str) -> tuple[Way, ...]:
    """The ways to fail that it can show as."""
    return tuple(way for way in WAYS if trouble in way.fits)


def _apart(found: Sequence[Plot]) -> Iterator[Plot]:
    """Those that share no suite with an earlier one at the same time."""
    kept: list[Plot] = []
    for plot in found:
        if not any(_clash(plot, other) for other in kept):
            kept.append(plot)
            yield plot


def _clash(one: Plot, other: Plot) -> bool:
    together = one.first < other.fixed and other.first < one.fixed
    return together and bool(set(one.suites) & set(other.suites))


def _flaky(seed: int, steps: Sequence[Step]) -> Iterator[Plot]:
    """Each in one job of its own, for as long as the world lasts."""
    draw = chance("flaky", seed)
    ways = draw.sample(fitting("flaky"), min(FLAKY_AT_ONCE, len(fitting("flaky"))))
    for place, way in enumerate(ways):
        able = [step for step in steps if step.suite == way.suite and not step.behind]
        if not able:
            continue
        step = draw.choices(able, [4 if step.retries else 1 for step in able])[0]
        yield Plot(
            key=f"flaky-{place}",
            trouble="flaky",
            way=way.key,
            suites=(way.suite,),
            rate=draw.uniform(0.25, 0.45),
            step=step.key,
            seed=draw.randrange(1 << 16),
        )


def _sick(seed: int, days: int) -> Iterator[Plot]:
    for day in range(days):
        draw = chance("sick", seed, day)
        if draw.random() >= SICK:
            continue
        queue = draw.choices(
            ("gpu_1_queue", "gpu_4_queue", "h100", "a100", "amd_mi300"),
            (4, 2, 2, 1, 2),
        )[0]
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
            seed=draw.randrange(1 << 16),
        )
