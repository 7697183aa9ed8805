"""How often the culprit is among the suspects named, beside simpler rules.

Thousands of regressions are simulated for every flake rate. Commits of a range are
built here and there; before the culprit a run fails at the flake rate, from there on
always. Covered is how often the culprit is among the suspects, claimed how often the
method says that it is. The last table searches: it tests commits of the range, once or
several times, until the culprit is known.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from sickbay.ci.history.culprit import RARELY, Culprit, Flakes, Trial, culprit
from sickbay.ci.history.planner import next_probe

RATES = (0.0, 0.05, 0.1, 0.2, 0.3)
COMMITS = 60
NAMES = [f"c{place}" for place in range(COMMITS)]
BUILT = 0.5
"""Share of the commits that are built, of which one in five has no result."""
ABSENT = 0.2
HISTORY = 30
"""Runs before the range."""
REPEATS = 3
FAILING, PASSING = 0.8, 0.2
"""Failure rates that the predecessor's rules call a failure, and none."""
FLAKES = 0.3
"""Share of pure flakes among the mixed cases."""
MASS = 0.9
OFF_MOST = 0.02

Rule = Callable[[Sequence[Trial]], Sequence[int]]


@dataclass(frozen=True)
class Case:
    """One simulated range; the culprit is None where the test only flakes."""

    culprit: int | None
    flakes: Flakes
    trials: list[Trial]


@dataclass
class Score:
    """What a method did."""

    covered: list[bool] = field(default_factory=list)
    claimed: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    def add(self, case: Case, named: Sequence[int], claimed: float = 1.0) -> None:
        """Count one case."""
        self.covered.append(case.culprit in named)
        self.claimed.append(claimed)
        self.sizes.append(len(named))

    def row(self) -> str:
        """Coverage and mean size."""
        return f"{np.mean(self.covered):9.3f}{np.mean(self.sizes):7.1f}"


class Simulation:
    """Draws cases, the same every time.

    Args:
        rate: At which the unbroken test fails.
        breaks: At which the broken test does.
    """

    def __init__(self, rate: float, *, breaks: float = 1.0) -> None:
        self._chance = np.random.default_rng(int(rate * 1000))
        self._rate, self._breaks = rate, breaks

    def case(self, *, weights: np.ndarray | None = None, flakes: float = 0.0) -> Case:
        """A range with its builds and the history before it."""
        place: int | None = self.culprit(weights)
        if self._chance.random() < flakes:
            place = None
        seen = self._chance.random(COMMITS) < BUILT * (1 - ABSENT)
        trials = [self.trial(place, at) for at in np.flatnonzero(seen).tolist()]
        return Case(place, self.history(), trials)

    def culprit(self, weights: np.ndarray | None = None) -> int:
        """The commit that breaks the test."""
        return int(self._chance.choice(COMMITS, p=weights))

    def history(self) -> Flakes:
        """Runs before the range."""
        failures = int(self._chance.binomial(HISTORY, self._rate))
        return Flakes(passes=HISTORY - failures, failures=failures)

    def trial(self, broken: int | None, at: int) -> Trial:
        """One run on a commit."""
        late = broken is not None and at >= broken
        fails = bool(self._chance.random() < (self._breaks if late else self._rate))
        return Trial(place=at, passes=not fails, failures=fails)

    def prior(self) -> np.ndarray:
        """Weights of the commits that differ a lot: a few files matter most."""
        drawn = self._chance.dirichlet(np.full(COMMITS, 0.3))
        return 0.95 * drawn + 0.05 / COMMITS


def since_last_pass(trials: Sequence[Trial]) -> Sequence[int]:
    """The commits after the newest pass, up to the next failure."""
    passed = max((one.place for one in trials if one.passes), default=-1)
    later = [one.place for one in trials if one.place > passed]
    return range(passed + 1, (min(later) + 1) if later else COMMITS)


def by_threshold(trials: Sequence[Trial]) -> Sequence[int]:
    """The commits of the first build that parts passing builds from failing ones."""
    failed = [one.failures for one in trials]
    for at in range(1, len(trials)):
        before = sum(failed[:at]) / at
        after = sum(failed[at:]) / (len(failed) - at)
        if before <= PASSING and after >= FAILING and failed[at]:
            return range(trials[at - 1].place + 1, trials[at].place + 1)
    return ()


RULES: dict[str, Rule] = {
    "since the last pass": since_last_pass,
    "threshold rule": by_threshold,
}


def main() -> int:
    """Print the tables; 1 if a coverage is not what it has to be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000, help="for each rate")
    parser.add_argument("--searches", type=int, default=300, help="for each rate")
    options = parser.parse_args()
    start = time.perf_counter()
    good = passive(options.cases)
    other_worlds(options.cases)
    searches(options.searches)
    print(f"\n{time.perf_counter() - start:.0f} s")
    return int(not good)


def passive(cases: int) -> bool:
    """What the builds that there are tell; whether the claims hold."""
    print(
        f"{cases:,} regressions for each flake rate: {COMMITS} commits,"
        f" {BUILT:.0%} built,\n{ABSENT:.0%} of these without result,"
        f" {HISTORY} runs before the range"
    )
    print(f"{'':6}{'sickbay, 90 % credible set':^35}", *(f"{n:^16}" for n in RULES))
    head = f"{'covered':>9}{'size':>7}"
    print(f"{'rate':6}{'claimed':>9}{'off':>9}{head}{head}{head}")
    good = True
    for rate in RATES:
        ours, rules = _scores(rate, cases)
        claimed, covered = np.mean(ours.claimed), np.mean(ours.covered)
        others = "".join(score.row() for score in rules.values())
        off = f"{claimed - covered:+9.3f}"
        print(f"{rate:<6}{claimed:9.3f}{off}{ours.row()}{others}")
        good &= bool(covered >= MASS and abs(claimed - covered) <= OFF_MOST)
    print(f"needed: covered >= {MASS}, off by {OFF_MOST} at most, at every rate")
    return good


def _scores(rate: float, cases: int) -> tuple[Score, dict[str, Score]]:
    simulation = Simulation(rate)
    ours, rules = Score(), {name: Score() for name in RULES}
    for _ in range(cases):
        case = simulation.case()
        found = culprit(NAMES, case.trials, flakes=case.flakes, mass=MASS)
        ours.add(case, found.credible, found.claimed)
        for name, rule in RULES.items():
            rules[name].add(case, rule(case.trials))
    return ours, rules


def other_worlds(cases: int) -> None:
    """The same where the world is less simple, or knows more."""
    print(f"\nthe same at a flake rate of 0.1, in other worlds; {cases:,} each")
    print(f"{'':44}{'claimed':>9}{'covered':>9}{'size':>7}")
    for name, breaks, false_pass, trusts in (
        ("the prior knows what is likely", 1.0, RARELY, "right"),
        ("the same world, no prior", 1.0, RARELY, "none"),
        ("the prior says nothing true", 1.0, RARELY, "wrong"),
        ("a broken test passes 1 in 20", 0.95, RARELY, "none"),
        ("a broken test passes 1 in 5", 0.8, RARELY, "none"),
        ("the same, and that is expected", 0.8, 0.2, "none"),
        ("the same, as published: it never passes", 0.8, 0.0, "none"),
    ):
        score, simulation = Score(), Simulation(0.1, breaks=breaks)
        for _ in range(cases):
            weights = simulation.prior()
            case = simulation.case(weights=None if trusts == "wrong" else weights)
            found = culprit(
                NAMES,
                case.trials,
                flakes=case.flakes,
                weights=None if trusts == "none" else weights.tolist(),
                false_pass=false_pass,
            )
            score.add(case, found.credible, found.claimed)
        print(f"{name:44}{np.mean(score.claimed):9.3f}{score.row()}")
    _mixed(cases)


def _mixed(cases: int) -> None:
    """Whether as many are pure flakes as are said to be."""
    simulation = Simulation(0.1)
    said, real = [], []
    for _ in range(cases):
        case = simulation.case(flakes=FLAKES)
        found = culprit(NAMES, case.trials, flakes=case.flakes, flake_prior=FLAKES)
        said.append(found.no_culprit)
        real.append(case.culprit is None)
    print(
        f"\n{FLAKES:.0%} pure flakes among them: P(no culprit) said, and how many were"
    )
    edges = (0.0, 0.05, 0.2, 0.5, 0.8, 1.01)
    bins = np.digitize(said, edges) - 1
    for at, (low, high) in enumerate(pairwise(edges)):
        inside = bins == at
        if inside.any():
            means = np.mean(np.array(said)[inside]), np.mean(np.array(real)[inside])
            print(
                f"  {low:.2f}-{min(high, 1):.2f}{int(inside.sum()):8,} cases"
                f"{means[0]:9.3f}{means[1]:9.3f}"
            )


def searches(count: int) -> None:
    """How many runs it takes to find the culprit, and how often it is the right one."""
    print(
        f"\n{count:,} searches for each flake rate: {COMMITS} commits without builds,"
        f" {HISTORY} runs before"
    )
    names = ("sickbay to 0.99", "bisection", f"bisection, all of {REPEATS}")
    print(f"{'':6}", *(f"{name:^19}" for name in names))
    print(f"{'rate':6}", *(f"{'found':>9}{'runs':>7}   " for _ in names))
    for rate in RATES:
        cells = []
        for search in (_planned, _bisected, _repeated):
            simulation = Simulation(rate)
            runs, right = [], []
            for _ in range(count):
                place = simulation.culprit()
                named, taken = search(simulation, place)
                runs.append(taken)
                right.append(named == place)
            cells.append(f"{np.mean(right):9.3f}{np.mean(runs):7.1f}   ")
        print(f"{rate:<6}", *cells)


def _planned(simulation: Simulation, place: int) -> tuple[int, int]:
    history, trials = simulation.history(), list[Trial]()
    while True:
        found: Culprit = culprit(NAMES, trials, flakes=history)
        probe = next_probe(found)
        if probe is None:
            return found.best.place if found.best else -1, len(trials)
        trials.append(simulation.trial(place, probe.place))


def _bisected(simulation: Simulation, place: int, repeats: int = 1) -> tuple[int, int]:
    low, high, runs = 0, COMMITS - 1, 0
    while low < high:
        middle = (low + high) // 2
        failed = True
        for _ in range(repeats):
            runs += 1
            failed = bool(simulation.trial(place, middle).failures)
            if not failed:
                break
        low, high = (low, middle) if failed else (middle + 1, high)
    return low, runs


def _repeated(simulation: Simulation, place: int) -> tuple[int, int]:
    return _bisected(simulation, place, REPEATS)


if __name__ == "__main__":
    sys.exit(main())
