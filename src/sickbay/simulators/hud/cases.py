"""The test cases of the simulated project, and how each went on a commit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sickbay.simulators.chance import odds
from sickbay.simulators.hud.failures import FAILURES, record
from sickbay.simulators.hud.issues import SUITES, TESTS, issues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.simulators.hud.runs import Run
    from sickbay.simulators.hud.world import World

RESULT = re.compile(r"(\w+) \((?:[\w.]+\.)?(\w+)\.\w+\) \.\.\. ")


FINE = (
    "test_batched_matmul", "test_broadcast_shapes", "test_clone_preserves_strides",
    "test_empty_input", "test_error_inputs", "test_noncontiguous_samples",
    "test_pickle_round_trip", "test_type_promotion",
)  # fmt: skip
YOUNG_SHARE, YOUNG_AGO = 0.15, 50
FLAKES = 0.06  # of the runs of a case: at most so many of them pass only when rerun


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test case.

    Attributes:
        key: Of the suite that it is in; empty if no story tells of it.
        file: Without the suffix ``.py``.
        breaks: Whether it is the one that fails when its suite does.
        born_ago: How many commits ago it was written; None is long ago.
        flakes: How often it passes only when it is rerun.
    """

    key: str
    name: str
    suite: str
    file: str
    breaks: bool = False
    born_ago: int | None = None
    flakes: float = 0.0

    def fits(self, name: str, suite: str, file: str) -> bool:
        """Whether each is a part of what it says."""
        here = f"{self.file}.py"
        return name in self.name and suite in self.suite and file in here


@cache
def cases() -> tuple[Case, ...]:
    """All of them."""
    return (*(case for key in FAILURES for case in _of(key)), *others())


@cache
def others() -> tuple[Case, ...]:
    """Those that no story tells of."""
    return tuple(
        Case(
            key="",
            name=name,
            suite=suite,
            file=file,
            born_ago=_born(suite, name) if name in FINE else None,
            flakes=FLAKES * odds("flaky", suite, name) ** 3 if name in FINE else 0.0,
        )
        for suite, file in SUITES.items()
        for name in (*TESTS, *FINE)
    )


def _born(suite: str, name: str) -> int | None:
    young = odds("young", suite, name) < YOUNG_SHARE
    return int(YOUNG_AGO * odds("born", suite, name)) if young else None


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
    yield from _told(world, run)
    if (run.kind.config, run.kind.shard) == ("default", 1) and not run.failure:
        ago = world.count - 1 - run.order
        for case in others():
            if case.born_ago is None or ago <= case.born_ago:
                yield case, _quiet(case, run)


def _told(world: World, run: Run) -> Iterator[tuple[Case, str]]:
    """Those that the stories tell of."""
    suites = {key for key, slots in _places(world, run.order) if run.kind.slot in slots}
    for case in cases():
        if case.key not in suites:
            continue
        if case.breaks and run.failure == case.key:
            yield case, "failure"
        elif run.kind.flavour == "rerun_disabled_tests" and case.breaks:
            yield case, "skipped"
        else:
            yield case, "success"


def _quiet(case: Case, run: Run) -> str:
    platforms = _disabled().get((case.name, case.suite))
    if platforms is not None and (
        not platforms or any(name in run.kind.environment for name in platforms)
    ):
        return "skipped"
    return "flaky" if flaked(case, run) else "success"


def flaked(case: Case, run: Run) -> bool:
    """Whether a case that no story tells of passed only when it was rerun."""
    if not case.flakes or run.conclusion != "success":
        return False
    return odds("flake", case.suite, case.name, run.job_id) < case.flakes


@cache
def _disabled() -> dict[tuple[str, str], tuple[str, ...]]:
    opened = [issue for issue in issues() if issue.state == "open"]
    return {(issue.test[0], issue.test[1]): issue.platforms for issue in opened}


def _places(world: World, order: int) -> list[tuple[str, frozenset[int]]]:
    """Where each suite runs: where it fails on the commit, or else last did."""
    places: dict[str, frozenset[int]] = {}
    for plot in world.plots:
        before = [spell for spell in plot.spells if spell.first <= order]
        spell = before[-1] if before else plot.spells[0]
        places[plot.key] = places.get(plot.key, frozenset()) | spell.slots
    return list(places.items())
