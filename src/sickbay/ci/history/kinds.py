"""How probable each classification is: three kinds of stretches, and one change."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING, Literal

from sickbay.ci.history.beta import cdf
from sickbay.ci.history.stretches import evidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sickbay.ci.history.models import Classification
    from sickbay.ci.history.stretches import Counts

Kind = Literal["sound", "flaky", "broken"]

RARE, OFTEN = 0.2, 0.8
"""Below the one a flake is sporadic, above the other the test is broken."""

PRIORS: Mapping[Kind, tuple[float, float]] = {
    "sound": (0.5, 20),
    "flaky": (1, 1.5),
    "broken": (20, 0.5),
}
"""Beta distribution of the rate at which a test of each kind fails."""

AT_FIRST: Mapping[Kind, float] = {"sound": 0.5, "flaky": 0.3, "broken": 0.2}
"""Of what kind a test is that somebody asks for, before any change."""

NEXT: Mapping[tuple[Kind, Kind], float] = {
    ("sound", "flaky"): 0.3,
    ("sound", "broken"): 0.7,
    ("flaky", "sound"): 0.5,
    ("flaky", "broken"): 0.5,
    ("broken", "sound"): 0.8,
    ("broken", "flaky"): 0.2,
}
"""What a test becomes when it changes."""

CHANGED = 0.4
"""Probability of a change in a window, beforehand."""

PROBABLE = 0.8
"""From this probability on a change is taken for one, in a short window, too."""

_CLASSES: Mapping[tuple[Kind, Kind], Classification] = {
    ("sound", "flaky"): "FLAKE_ONSET",
    ("sound", "broken"): "REGRESSION",
    ("flaky", "sound"): "FIXED",
    ("flaky", "broken"): "REGRESSION",
    ("broken", "sound"): "FIXED",
    ("broken", "flaky"): "FLAKE_ONSET",
}


@dataclass(frozen=True, slots=True)
class Chances:
    """How probable each classification is; they sum to 1.

    Attributes:
        changed: The same for a change into it alone: a flake may have been one always.
    """

    classes: Mapping[Classification, float]
    changed: Mapping[Classification, float]


def chances(counts: Counts, start: int = 0, end: int | None = None) -> Chances:
    """How probable each classification is.

    A test is sound (fails seldom), flaky or broken, each with a distribution of rates,
    and became another kind at one place of the window, or did not. Bayes' theorem over
    all of these; ``docs/explanation/history.md`` tells how the priors were chosen.

    Args:
        counts: Of the observed builds.
        start: The window begins here.
        end: And ends before this one; by default with the last.
    """
    end = len(counts) if end is None else end
    logs: dict[tuple[Kind, Kind], list[float]] = defaultdict(list)
    for kind, prior in AT_FIRST.items():
        logs[kind, kind] = [log((1 - CHANGED) * prior) + _of(kind, counts, start, end)]
    for at in range(start + 1, end):
        early = {kind: _of(kind, counts, start, at) for kind in PRIORS}
        late = {kind: _of(kind, counts, at, end) for kind in PRIORS}
        for (kind, then), chance in NEXT.items():
            prior = log(CHANGED / (end - start - 1) * AT_FIRST[kind] * chance)
            logs[kind, then].append(prior + early[kind] + late[then])
    best = max(value for values in logs.values() for value in values)
    weights = {
        pair: sum(exp(value - best) for value in values)
        for pair, values in logs.items()
    }
    total = sum(weights.values())
    shares = {pair: weight / total for pair, weight in weights.items()}
    return _classes(shares, *counts.of(start, end))


def _of(kind: Kind, counts: Counts, start: int, end: int) -> float:
    return evidence(*counts.of(start, end), *PRIORS[kind])


def _classes(
    shares: Mapping[tuple[Kind, Kind], float], failures: int, passes: int
) -> Chances:
    """The kinds as classes; a flake that never changed counts by its rate."""
    changed: dict[Classification, float] = defaultdict(float)
    for pair, name in _CLASSES.items():
        changed[name] += shares.get(pair, 0.0)
    a, b = PRIORS["flaky"]
    rare, often = (cdf(rate, failures + a, passes + b) for rate in (RARE, OFTEN))
    sound, flaky, broken = (shares[kind, kind] for kind in PRIORS)
    mild: Classification = "SPORADIC" if failures else "STABLE"
    classes = {
        **changed,
        mild: sound + flaky * rare,
        "FLAKE_ONSET": changed["FLAKE_ONSET"] + flaky * (often - rare),
        "PERSISTENT_FAIL": broken + flaky * (1 - often),
    }
    return Chances(classes, changed)
