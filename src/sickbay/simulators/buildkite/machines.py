"""Which job of a build runs on which machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.simulators.buildkite.fleet import QUEUES, host

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

    from sickbay.simulators.buildkite.fleet import Host
    from sickbay.simulators.buildkite.plots import Plot
    from sickbay.simulators.buildkite.steps import Step

Place = tuple["Step", int]

FEWEST_THERE = 4  # jobs that come to a sick machine


def machines(
    draw: Random, number: int, places: Sequence[Place], plots: Iterable[Plot]
) -> dict[Place, Host]:
    """The machine of the first attempt of each job.

    Args:
        draw: Chance.
        number: Of the build.
        places: Its jobs.
        plots: What goes wrong; machines may be sick.
    """
    turn = dict.fromkeys(QUEUES, number)
    found: dict[Place, Host] = {}
    for place in places:
        queue = place[0].queue
        found[place] = host(queue, turn[queue] + draw.randrange(3))
        turn[queue] += 1
    for plot in plots:
        if plot.host:
            _crowd(draw, plot, found)
    return found


def _crowd(draw: Random, plot: Plot, found: dict[Place, Host]) -> None:
    """Where everything fails at once, the machine is free for the next job at once."""
    name, queue = plot.host, plot.queue
    able = [place for place in found if place[0].queue == queue and place[0].suite]
    known = {there.name: there for there in _all(queue)}
    there = sum(found[place].name == name for place in able)
    wanted = max(0, FEWEST_THERE + plot.seed % 3 - there)
    others = [place for place in able if found[place].name != name]
    for place in draw.sample(others, min(len(others), wanted)):
        found[place] = known[name]


def _all(queue: str) -> Iterable[Host]:
    return (host(queue, number) for number in range(QUEUES[queue].machines))
