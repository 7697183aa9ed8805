"""What goes wrong in one build alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.simulators.buildkite.jobs import Blow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from sickbay.simulators.buildkite.jobs import Trouble
    from sickbay.simulators.buildkite.steps import Step

Place = tuple["Step", int]

OUT_OF_MEMORY, LOST, OUTAGE, EXPIRED, CANCELED, NO_IMAGE = (
    0.3,
    0.4,
    0.16,
    0.06,
    0.3,
    0.03,
)
SETUP = ("registry", "pypi", "git")
HUB = ("hub_503", "hub_reset")
FEWEST_OUT, MOST_OUT = 6, 0.2  # jobs that an outage hits, share of the build's

CANCEL, EXPIRE = "cancel", "expire"
"""Ways to end that are no failure of anything."""


def incidents(
    draw: Random, number: int, places: Sequence[Place], taken: frozenset[Place]
) -> Mapping[Place, Blow]:
    """What hits which job of a build.

    Args:
        draw: Chance.
        number: Of the build.
        places: Its jobs that run a suite.
        taken: Those that something else hits already.
    """
    free = [place for place in places if place not in taken]
    draw.shuffle(free)
    found: dict[Place, Blow] = {}

    def hit(trouble: Trouble, way: str, times: int) -> None:
        seed = draw.randrange(1 << 16)
        for _ in range(min(times, len(free))):
            key = f"{trouble}-{number}" + (
                "" if trouble == "outage" else f"-{len(free)}"
            )
            found[free.pop()] = Blow(key=key, trouble=trouble, way=way, seed=seed)

    if draw.random() < OUTAGE:
        most = max(FEWEST_OUT, int(MOST_OUT * len(places)))
        way = draw.choice(SETUP if draw.random() < 1 / 2 else HUB)
        hit("outage", way, draw.randint(FEWEST_OUT, most))
    if draw.random() < OUT_OF_MEMORY:
        hit("out_of_memory", "oom_killed", 1)
    if draw.random() < LOST:
        hit("agent_lost", "lost", draw.choice((1, 1, 2)))
    if draw.random() < EXPIRED:
        hit("agent_lost", EXPIRE, 1)
    if draw.random() < CANCELED:
        hit("agent_lost", CANCEL, 1)
    return found
