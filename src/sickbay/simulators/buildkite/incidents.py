"""What goes wrong in one build alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.simulators.buildkite.jobs import Blow
from sickbay.simulators.buildkite.steps import AMD_IMAGE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from sickbay.simulators.buildkite.jobs import Trouble
    from sickbay.simulators.buildkite.machines import Place

OUT_OF_MEMORY, LOST, OUTAGE = 0.3, 0.35, 0.2
EXPIRED, CANCELED, NO_IMAGE = 0.06, 0.3, 0.03
SETUP = ("registry", "pypi", "git")
HUB = ("hub_503", "hub_reset")
FEWEST_OUT, MOST_OUT = 6, 0.2  # jobs that an outage hits, share of the build's


def incidents(
    draw: Random, number: int, places: Sequence[Place], taken: frozenset[Place]
) -> Mapping[Place, Blow]:
    """What hits which job of a build.

    Args:
        draw: Chance.
        number: Of the build.
        places: Its jobs.
        taken: Those that something else hits already.
    """
    free = [place for place in places if place[0].suite and place not in taken]
    draw.shuffle(free)
    images = [place for place in places if place[0].key == AMD_IMAGE]
    found: dict[Place, Blow] = {}

    def hit(trouble: Trouble, way: str, chosen: Sequence[Place], key: str = "") -> None:
        blow = Blow(
            key=f"{trouble}-{number}{key}",
            trouble=trouble,
            way=way,
            seed=draw.randrange(1 << 16),
        )
        found.update(dict.fromkeys(chosen, blow))

    def some(times: int) -> Sequence[Place]:
        return [free.pop() for _ in range(min(times, len(free)))]

    if draw.random() < OUTAGE:
        most = max(FEWEST_OUT, int(MOST_OUT * len(free)))
        way = draw.choice(draw.choice((SETUP, HUB)))
        hit("outage", way, some(draw.randint(FEWEST_OUT, most)))
    elif draw.random() < NO_IMAGE:
        hit("outage", "registry", images)
    if draw.random() < OUT_OF_MEMORY:
        hit("out_of_memory", "oom_killed", some(1))
    if draw.random() < LOST:
        hit("agent_lost", "lost", some(1))
    if draw.random() < EXPIRED:
        hit("agent_lost", "expire", some(1), "-expired")
    if draw.random() < CANCELED:
        hit("agent_lost", "cancel", some(1), "-canceled")
    return found
