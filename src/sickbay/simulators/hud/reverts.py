"""What the bot that reverts commits did, and what it saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sickbay.simulators.hud.commits import iso
from sickbay.simulators.hud.fleet import fleet

if TYPE_CHECKING:
    from sickbay.simulators.hud.stories import Plot
    from sickbay.simulators.hud.world import World

RESTARTED_S, REVERTED_S = 5400.0, 600.0  # after the culprit, before the revert lands


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that the bot did."""

    time: float
    action: str
    sha: str
    workflows: tuple[str, ...]
    signals: tuple[str, ...]

    def wire(self) -> dict[str, Any]:
        """As ClickHouse has it."""
        return {
            "ts": iso(self.time, millis=True),
            "action": self.action,
            "commit_sha": self.sha,
            "workflows": list(self.workflows),
            "source_signal_keys": list(self.signals),
        }


def plots(world: World) -> list[Plot]:
    """The breakages that the bot ended."""
    return [plot for plot in world.plots if plot.kind == "autoreverted"]


def signals(plot: Plot) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The workflows and the jobs that showed the bot a breakage."""
    kinds = [fleet()[slot] for spell in plot.spells for slot in sorted(spell.slots)]
    workflows = tuple(sorted({kind.workflow for kind in kinds}))
    return workflows, tuple(kind.name for kind in kinds)


def events(world: World) -> tuple[Event, ...]:
    """Everything that the bot did, the oldest first."""
    found: list[Event] = []
    for plot in plots(world):
        if plot.culprit is None or plot.fixed_by is None:
            continue
        culprit, fix = world.landed[plot.culprit], world.landed[plot.fixed_by]
        times = (
            (culprit.time + RESTARTED_S, "restart"),
            (fix.time - REVERTED_S, "revert"),
        )
        workflows, jobs = signals(plot)
        found += [
            Event(
                time=time,
                action=action,
                sha=culprit.sha,
                workflows=workflows,
                signals=jobs,
            )
            for time, action in times
        ]
    return tuple(sorted(found, key=lambda event: event.time))
