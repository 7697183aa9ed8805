"""The test cases of the simulated project, and how each went on a commit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sickbay.simulators.hud.failures import FAILURES, record
from sickbay.simulators.hud.issues import issues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.simulators.hud.runs import Run
    from sickbay.simulators.hud.world import World

RESULT = re.compile(r"(\w+) \((?:[\w.]+\.)?(\w+)\.\w+\) \.\.\. ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test case.

    Attributes:
        key: Of the suite that it is in.
        file: Without the suffix ``.py``.
        breaks: Whether it is the one that fails when its suite does.
    """

    key: str
    name: str
    suite: str
    file: str
    breaks: bool

    def fits(self, name: str, suite: str, file: str) -> bool:
        """Whether each is a part of what it says."""
        here = f"{self.file}.py"
        return name in self.name and suite in self.suite and file in here


@cache
def cases() -> tuple[Case, ...]:
    """All of them."""
    return tuple(case for key in FAILURES for case in _of(key))


def _of(key: str) -> Iterator[Case]:
    left = record(key)
    path = next((part for part in FAILURES[key].command if "test_" in part), "")
    found = dict.fromkeys(RESULT.findall("\n".join(left.lines)))
    for name, suite in found:
        yield Case(
            key=key,
            name=name,
            suite=suite,
            file=path.removesuffix(".py"),
            breaks=any(capture.endswith(f"::{name}") for capture in left.captures),
        )


def ran(world: World, run: Run) -> Iterator[tuple[Case, str]]:
    """The cases that a run of a test job had, and how each went.

    Args:
        world: Where the run is.
        run: The attempt; every suite runs in one shard of the jobs that it can hit.
    """
    if run.kind.role != "test" or run.completed is None:
        return
    skipped = {issue.test[0] for issue in issues() if issue.state == "open"}
    suites = {key for key, slots in _places(world, run.order) if run.kind.slot in slots}
    for case in cases():
        if case.key not in suites:
            continue
        if case.breaks and run.failure == case.key:
            yield case, "failure"
        elif case.name in skipped and run.kind.flavour == "rerun_disabled_tests":
            yield case, "skipped"
        else:
            yield case, "success"


def _places(world: World, order: int) -> list[tuple[str, frozenset[int]]]:
    """Where each suite runs: where it fails on the commit, or else last did."""
    places: dict[str, frozenset[int]] = {}
    for plot in world.plots:
        before = [spell for spell in plot.spells if spell.first <= order]
        spell = before[-1] if before else plot.spells[0]
        places[plot.key] = places.get(plot.key, frozenset()) | spell.slots
    return list(places.items())
