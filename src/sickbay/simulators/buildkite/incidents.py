"""What goes wrong in one build alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.simulators.buildkite.jobs import Blow, Trouble
from sickbay.simulators.buildkite.steps import AMD_IMAGE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from sickbay.simulators.buildkite.machines import Place

OUTAGE, NO_IMAGE = 0.2, 0.03
ALONE: tuple[tuple[float, Trouble, str, str], ...] = (
    (0.3, "out_of_memory", "oom_killed", ""),
    (0.35, "agent_lost", "lost", ""),
    (0.06, "agent_lost", "expire", "-expired"),
    (0.3, "agent_lost", "cancel", "-canceled"),
)
"""What hits one job of a build, how often: the end of the key keeps them apart."""
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
    found = dict(_outage(draw, number, places, free))
    for often, trouble, way, end in ALONE:
        if draw.random() < often and free:
            key = f"{trouble}-{number}{end}"
            found[free.pop()] = _blow(draw, key, trouble, way)
    return found


def _outage(
    draw: Random, number: int, places: Sequence[Place], free: list[Place]
) -> Mapping[Place, Blow]:
    """A service that many jobs need is down, or the image of one vendor."""
    key = f"outage-{number}"
    if draw.random() < OUTAGE:
        most = max(FEWEST_OUT, int(MOST_OUT * len(free)))
        way = draw.choice(draw.choice((SETUP, HUB)))
        times = min(draw.randint(FEWEST_OUT, most), len(free))
        hit = [free.pop() for _ in range(times)]
        return dict.fromkeys(hit, _blow(draw, key, "outage", way))
    if draw.random() < NO_IMAGE:
        images = [place for place in places if place[0].key == AMD_IMAGE]
        return dict.fromkeys(images, _blow(draw, key, "outage", "registry"))
    return {}


def _blow(draw: Random, key: str, trouble: Trouble, way: str) -> Blow:
    return Blow(key=key, trouble=trouble, way=way, seed=draw.randrange(1 << 16))
