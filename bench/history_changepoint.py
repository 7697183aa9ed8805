"""Where a test changed, whether a flake is taken for a regression, and how sure.

Everything is judged through the public functions, build by build as they would come
from a history. A flake is a run that fails though the code is sound. The oracle knows
both rates and that there is one change; nobody can know more.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from parts.histories import (
    BUILDS,
    Past,
    newest_flip,
    observations,
    oracle,
    past,
    scene,
    thumb,
)
from sickbay.ci.history.assessment import CONVINCING, assessed
from sickbay.ci.history.changepoint import change_point

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from parts.histories import Scene
    from sickbay.ci.history.models import ChangePoint, Observation

DATA = Path(os.environ.get("SICKBAY_DATA", "../shared/data"))
TIMELINE = DATA / "pytest-release-history" / "jinja2.timeline.json"
FLAKES, ABSENT = 0.1, 0.2
BANDS = (0.02, 0.1, 0.2, 0.35, 0.5)
MIXES: dict[str, dict[Scene, int]] = {
    "as many of each kind": dict.fromkeys(
        ("flake", "broke", "fixed", "onset", "persistent", "stable"), 1
    ),
    "seven of ten are flakes": {"flake": 7, "broke": 1, "fixed": 1, "onset": 1},
}


@dataclass(frozen=True)
class Placed:
    """Outcomes of observed builds, and where the change truly is among them."""

    failed: tuple[bool, ...]
    place: int
    rates: tuple[float, float]


def main() -> int:
    """Print the tables; 1 where a number is not reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--flakes", type=int, default=10_000)
    parser.add_argument("--histories", type=int, default=2_000)
    asked = parser.parse_args()
    print(f"seed {asked.seed}\n")
    start = time.perf_counter()
    good = [
        places(random.Random(asked.seed), asked.histories),  # noqa: S311 - simulation
        flakes(random.Random(asked.seed), asked.flakes),  # noqa: S311 - simulation
    ]
    promptness(random.Random(asked.seed), asked.histories // 5)  # noqa: S311 - the same
    for name, mix in MIXES.items():
        calibration(random.Random(asked.seed), name, mix, asked.histories)  # noqa: S311 - the same
    print(f"\nall of it took {time.perf_counter() - start:.0f} s")
    return int(not all(good))


def places(chance: random.Random, count: int) -> bool:
    """Where the change is: exact, and within one observed build."""
    print("Place of the change among observed builds: exact / within one build")
    heads = "".join(f"{head:>16}" for head in ("sickbay", "newest flip", "oracle"))
    print(f"{'':38}{'n':>6}{heads}{'ratio':>7}{'in range':>10}{'builds':>8}")
    good = []
    if TIMELINE.exists():
        real = releases()
        good.append(placed("Jinja2, 11 releases, as they were", real, (0.95, 0.99)))
        rounds = max(1, count // 100)
        spoilt = [spoil(chance, one) for one in real for _ in range(rounds)]
        name = "Jinja2, 10 % flakes, 20 % absent"
        good.append(placed(name, [one for one in spoilt if one], ratio=0.85))
        print(f"  ({spoilt.count(None)} more where no build of one side was left)")
    else:
        print(f"  Jinja2: skipped, there is no {TIMELINE}")
    one_sided = [simulated(chance, (FLAKES, 1.0)) for _ in range(count)]
    name = "60 builds, 10 % flakes, 20 % absent"
    good.append(placed(name, one_sided, (0.85, 0.95)))
    both = [simulated(chance, (FLAKES, 1 - FLAKES)) for _ in range(count)]
    placed("  the broken side passes in 10 %, too", both)
    return all(good)


def placed(
    name: str,
    cases: Sequence[Placed],
    least: tuple[float, float] = (0.0, 0.0),
    ratio: float = 0.0,
) -> bool:
    """One row, and whether it is good enough."""
    ours = _hits(cases, lambda one: _ours(one.failed))
    flip = _hits(cases, lambda one: newest_flip(one.failed))
    best = _hits(cases, lambda one: oracle(one.failed, one.rates))
    shown = "".join(f"{a:9.3f} /{b:5.3f}" for a, b in (ours, flip, best))
    share = min(ours[0] / best[0], ours[1] / best[1])
    held, size = _ranges(cases)
    print(f"{name:38}{len(cases):6}{shown}{share:7.2f}{held:10.3f}{size:8.1f}")
    return ours[0] >= least[0] and ours[1] >= least[1] and share >= ratio


def _hits(
    cases: Sequence[Placed], found: Callable[[Placed], int]
) -> tuple[float, float]:
    misses = [abs(found(one) - one.place) for one in cases]
    near = sum(miss <= 1 for miss in misses)
    return misses.count(0) / len(cases), near / len(cases)


def _ours(failed: Sequence[bool]) -> int:
    return int(_change(failed).after.number)


def _change(failed: Sequence[bool]) -> ChangePoint:
    change = change_point(observations(failed, [False] * len(failed)))
    if change is None:
        raise SystemExit("two observed builds have no change point")
    return change


def _ranges(cases: Sequence[Placed]) -> tuple[float, float]:
    """How often the 90 % range holds the truth, and its mean size in builds."""
    held, sizes = 0, []
    for one in cases:
        inside = [int(build.number) for build in _change(one.failed).credible]
        held += one.place in inside
        sizes.append(len(inside))
    return held / len(cases), statistics.fmean(sizes)


def releases() -> list[Placed]:
    """Every test of Jinja2 that changed once: 122; one more changed twice."""
    told = json.loads(TIMELINE.read_text())
    found = []
    for statuses in told["status"].values():
        failed = tuple(
            statuses[version] != "pass"
            for version in told["order"]
            if statuses.get(version)
        )
        flips = [at for at in range(1, len(failed)) if failed[at] != failed[at - 1]]
        if len(flips) == 1:
            ends = (float(failed[0]), float(failed[-1]))
            found.append(Placed(failed, flips[0], ends))
    return found


def spoil(chance: random.Random, one: Placed) -> Placed | None:
    """The same with flakes and absent builds; None where only one side is left."""
    kept = [at for at in range(len(one.failed)) if chance.random() >= ABSENT]
    place = sum(at < one.place for at in kept)
    if place in {0, len(kept)}:
        return None
    failed = tuple(one.failed[at] or chance.random() < FLAKES for at in kept)
    before, after = (max(rate, FLAKES) for rate in one.rates)
    return Placed(failed, place, (before, after))


def simulated(chance: random.Random, rates: tuple[float, float]) -> Placed:
    """60 builds, at least 10 on each side of the change, which goes either way."""
    place = chance.randint(10, 50)
    if chance.random() < 0.5:  # noqa: PLR2004 - as often up as down
        rates = rates[::-1]
    every = [rates[0]] * place + [rates[1]] * (60 - place)
    drawn = past(chance, every, place)
    failed = tuple(one.outcome == "fail" for one in _seen(drawn))
    return Placed(failed, drawn.place or 0, rates)


def _seen(one: Past) -> list[Observation]:
    return [build for build in one.observations if build.observed]


def _strict(builds: Sequence[Observation]) -> str:
    """Without what is called a regression for its probability, below a factor of 20."""
    found = assessed(builds)
    weak = found.change is None or found.change.log_bayes_factor <= CONVINCING
    return "" if weak and found.transition else found.classification


def _there(builds: Iterable[Observation]) -> list[Observation]:
    return [build for build in builds if build.observed]


JUDGES: dict[str, Callable[[Sequence[Observation]], str]] = {
    "sickbay": lambda builds: assessed(builds).classification,
    "the same, by the Bayes factor alone": _strict,
    "rules of thumb, 1 failing build": lambda builds: thumb(_there(builds), 1),
    "rules of thumb, 2 failing builds": lambda builds: thumb(_there(builds), 2),
    "rules of thumb, 3 failing builds": lambda builds: thumb(_there(builds), 3),
}


def flakes(chance: random.Random, count: int) -> bool:
    """How often something that only ever was flaky is called a regression."""
    cases = []
    for _ in range(count):
        rate = chance.uniform(BANDS[0], BANDS[-1])
        cases.append((rate, past(chance, [rate] * BUILDS)))
    print(f"\n{count:,} pure flakes of {BUILDS} builds, 20 % absent: called REGRESSION")
    heads = [f"{a:g}-{b:g}" for a, b in pairwise(BANDS)]
    print(f"{'rate':46}{'all':>10}" + "".join(f"{head:>10}" for head in heads))
    shares = {}
    for name, judge in JUDGES.items():
        said = [(rate, judge(one.observations)) for rate, one in cases]
        shares[name] = _regressions(word for _, word in said)
        row = [shares[name]] + [
            _regressions(word for rate, word in said if low <= rate < high)
            for low, high in pairwise(BANDS)
        ]
        print(f"{name:46}" + "".join(f"{share:10.2%}" for share in row))
    return shares["sickbay"] <= 0.01  # noqa: PLR2004 - what it must reach


def _regressions(words: Iterable[str]) -> float:
    every = list(words)
    return every.count("REGRESSION") / max(1, len(every))


def promptness(chance: random.Random, count: int) -> None:
    """After how many failing builds a real regression is called one."""
    print("\nFailing builds until a regression is called one: median (share within 3)")
    cells = [(passes, rate) for passes in (10, 40) for rate in (0.0, 0.05, 0.1, 0.2)]
    print(f"{'builds before, of which fail':38}", end="")
    print("".join(f"{f'{passes}, {rate:.0%}':>10}" for passes, rate in cells))
    for name, judge in JUDGES.items():
        row = []
        for passes, rate in cells:
            waits = [_wait(chance, judge, passes, rate) for _ in range(count)]
            early = sum(wait <= 3 for wait in waits) / count  # noqa: PLR2004 - the head
            row.append(f"{statistics.median(waits):g} ({early:.0%})")
        print(f"{name:38}" + "".join(f"{cell:>10}" for cell in row))


def _wait(
    chance: random.Random,
    judge: Callable[[Sequence[Observation]], str],
    passes: int,
    rate: float,
    most: int = 10,
) -> int:
    before = [chance.random() < rate for _ in range(passes)]
    for failing in range(1, most):
        failed = before + [True] * failing
        if judge(observations(failed, [False] * len(failed))) == "REGRESSION":
            return failing
    return most


def calibration(
    chance: random.Random, name: str, mix: dict[Scene, int], count: int
) -> None:
    """What was said of how sure it is, and how often it was right."""
    kinds = list(mix)
    drawn = chance.choices(kinds, [mix[kind] for kind in kinds], k=count)
    rows = []
    for kind in drawn:
        one = scene(chance, kind)
        said = assessed(one.observations)
        if said.classification != "INSUFFICIENT_DATA":
            right = said.classification in one.right
            rows.append((said.level, said.classification, said.confidence, right))
    print(f"\nConfidence said and share right, {len(rows):,} pasts: {name}")
    print(f"{'':20}{'n':>7}{'said':>8}{'right':>8}")
    for at, order in (
        (0, ("HIGH", "MED", "LOW")),
        (1, Counter(row[1] for row in rows)),
    ):
        for word in order:
            chosen = [row for row in rows if row[at] == word]
            if chosen:
                told = statistics.fmean(row[2] for row in chosen)
                right_share = statistics.fmean(row[3] for row in chosen)
                print(f"{word:20}{len(chosen):7}{told:8.2f}{right_share:8.2f}")


if __name__ == "__main__":
    sys.exit(main())
