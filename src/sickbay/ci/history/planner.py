"""Planner: which commit to test next to learn most about the culprit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import comb, exp, log2
from typing import TYPE_CHECKING

from sickbay.ci.history.beta import log_beta
from sickbay.ci.history.culprit import broken_parameters, flake_parameters

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sickbay.ci.history.culprit import Culprit, Parameters

STOP = 0.99
"""Probability from which on a culprit is as good as certain (Henderson et al., IV)."""

_SELDOM = 0.05
_ENOUGH = 0.95
_MOST_REPEATS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One commit to test.

    Attributes:
        information: Bits that one run there is expected to tell.
        fails: Probability that it fails there.
        repeats: Runs there that tell nearly all that any number of them could.
    """

    place: int
    sha: str
    information: float
    fails: float
    repeats: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do until the culprit is known.

    Attributes:
        probe: The next one; None where nothing is to be learned.
        left: Probes to expect until it is known, or a few more; None where they cannot
            tell.
        done: Whether one possibility is as good as certain.
        confirm: Places to test before anybody is told: the culprit and its predecessor,
            without those that were tested.
        advice: Sentences.
    """

    probe: Probe | None = None
    left: float | None = None
    done: bool = False
    confirm: tuple[int, ...] = ()
    advice: tuple[str, ...] = ()


def next_probe(
    found: Culprit, *, testable: Collection[int] | None = None, stop: float = STOP
) -> Probe | None:
    """The commit that one more run is expected to tell most on; None when done.

    What a run tells is the mutual information of its outcome and the culprit (Lindley,
    "On a measure of the information provided by an experiment", 1956).

    Args:
        found: What is known so far.
        testable: Places that can be tested; any where nobody says.
        stop: Probability from which on nothing more needs to be known.
    """
    places = range(len(found.suspects)) if testable is None else sorted(testable)
    if not places or max(_chances(found)) >= stop:
        return None
    outlooks = _outlooks(found)
    best = max(places, key=lambda place: outlooks[place].information)
    if outlooks[best].information <= 0:
        return None
    held = sum(one.probability for one in found.suspects[: best + 1])
    return Probe(
        place=best,
        sha=found.suspects[best].sha,
        information=outlooks[best].information,
        fails=outlooks[best].fails,
        repeats=_repeats(found, best, held),
        why=f"with {held:.0%} it or an older one is the culprit, so that a run tells"
        f" {outlooks[best].information:.2f} of the {_entropy(_chances(found)):.2f} bits"
        " that are open",
    )


def planned(
    found: Culprit, *, testable: Collection[int] | None = None, stop: float = STOP
) -> Plan:
    """What to test until the culprit is known, and before anybody is told.

    Args:
        found: What is known so far.
        testable: Places that can be tested; any where nobody says.
        stop: Probability from which on nothing more needs to be known.
    """
    probe = next_probe(found, testable=testable, stop=stop)
    chances = _chances(found)
    done = max(chances) >= stop
    left = 0.0 if done else None
    if probe is not None:
        goal = _binary(stop)
        left = max(1.0, (_entropy(chances) - goal) / probe.information)
    confirm = _untested(found) if done and found.no_culprit < stop else ()
    return Plan(
        probe=probe,
        left=left,
        done=done,
        confirm=confirm,
        advice=_advice(found, probe, done=done, confirm=confirm),
    )


@dataclass(frozen=True, slots=True)
class _Outlook:
    """What one run on a commit may come to.

    Attributes:
        information: In bits.
        fails: Probability that it fails.
    """

    information: float
    fails: float


def _outlooks(found: Culprit) -> list[_Outlook]:
    """What one run on each commit may come to."""
    broken, unbroken = _Mixture(), _Mixture()
    for one in found.suspects[1:]:
        unbroken.add(one.probability, *flake_parameters(one, found))
    unbroken.add(found.no_culprit, *flake_parameters(None, found))
    outlooks = []
    for place, one in enumerate(found.suspects):
        if place:
            unbroken.add(-one.probability, *flake_parameters(one, found))
        broken.add(one.probability, *broken_parameters(one, found))
        fails = broken.fails + unbroken.fails
        told = _binary(fails) - broken.doubt - unbroken.doubt
        outlooks.append(_Outlook(told, fails))
    return outlooks


@dataclass(slots=True)
class _Mixture:
    """Possibilities together.

    Attributes:
        fails: Probability that one of them holds and a run fails.
        doubt: What is open, in bits, when it is known which one holds.
    """

    fails: float = 0.0
    doubt: float = 0.0

    def add(self, chance: float, a: float, b: float) -> None:
        """One more, whose failure rate has this Beta distribution."""
        rate = a / (a + b)
        self.fails += chance * rate
        self.doubt += chance * _binary(rate)


def _repeats(found: Culprit, place: int, held: float) -> int:
    """Runs that tell nearly as much as knowing whether this commit is broken."""
    most = _binary(held)
    for runs in range(1, _MOST_REPEATS):
        if _told(found, place, runs) >= _ENOUGH * most:
            return runs
    return _MOST_REPEATS


def _told(found: Culprit, place: int, runs: int) -> float:
    """Bits that so many runs on one commit tell."""
    mixture, doubt = [0.0] * (runs + 1), 0.0
    for chance, parameters in _possibilities(found, place):
        if not chance:
            continue
        fails = _beta_binomial(runs, *parameters)
        mixture = [one + chance * p for one, p in zip(mixture, fails, strict=True)]
        doubt += chance * _entropy(fails)
    return _entropy(tuple(mixture)) - doubt


def _possibilities(found: Culprit, place: int) -> Iterator[tuple[float, Parameters]]:
    """The probability of each, none included, and how often it makes this one fail."""
    for one in found.suspects:
        broken = one.place <= place
        of = broken_parameters if broken else flake_parameters
        yield one.probability, of(one, found)
    yield found.no_culprit, flake_parameters(None, found)


@lru_cache(maxsize=4096)
def _beta_binomial(runs: int, a: float, b: float) -> tuple[float, ...]:
    """Probability of no failure in so many runs, of one, and so on."""
    if not b:
        return (*[0.0] * runs, 1.0)
    whole = log_beta(a, b)
    return tuple(
        comb(runs, k) * exp(log_beta(a + k, b + runs - k) - whole)
        for k in range(runs + 1)
    )


def _untested(found: Culprit) -> tuple[int, ...]:
    """The likeliest culprit unless it failed, and its predecessor unless it passed."""
    if found.best is None:
        return ()
    place = found.best.place
    wanted = []
    if place and not _runs(found, place - 1)[0]:
        wanted.append(place - 1)
    if not _runs(found, place)[1]:
        wanted.append(place)
    return tuple(wanted)


def _runs(found: Culprit, place: int) -> tuple[int, int]:
    """Passes and failures on this commit."""
    one = found.suspects[place]
    if place + 1 == len(found.suspects):
        return one.passes_since, one.failures_since
    other = found.suspects[place + 1]
    passes = other.passes_before - one.passes_before
    return passes, other.failures_before - one.failures_before


def _advice(
    found: Culprit, probe: Probe | None, *, done: bool, confirm: Sequence[int]
) -> tuple[str, ...]:
    said = []
    if probe is not None:
        times = "once" if probe.repeats == 1 else f"up to {probe.repeats} times"
        until = ", or until it passes" if _stays_broken(found) else ""
        said.append(f"Test {probe.sha} next, {times}{until}.")
    elif not done:
        said.append("No run on a commit of the range would tell more.")
    if confirm and found.best is not None:
        names = " and ".join(found.suspects[place].sha for place in confirm)
        said.append(
            f"Before {found.best.sha} is called the culprit, test {names}: it has to"
            " fail, and its immediate predecessor to pass."
        )
    if done and found.no_culprit > max(one.probability for one in found.suspects):
        said.append("No commit of the range broke it: look after it as a flake.")
    return tuple(said)


def _stays_broken(found: Culprit) -> bool:
    """Whether a pass means that it is not broken."""
    if found.best is None:
        return True
    failures, passes = broken_parameters(found.best, found)
    return passes <= _SELDOM * failures


def _chances(found: Culprit) -> tuple[float, ...]:
    return (*(one.probability for one in found.suspects), found.no_culprit)


def _entropy(chances: tuple[float, ...]) -> float:
    """In bits."""
    return -sum(chance * log2(chance) for chance in chances if chance > 0)


def _binary(chance: float) -> float:
    """The entropy of what happens with this probability."""
    return _entropy((chance, 1 - chance))
