"""Simulated pasts of tests, whose truth is known, and the rules of thumb to beat."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Literal

from sickbay.ci.history.models import BuildPoint, Observation

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from sickbay.ci.history.models import Classification, Outcome

Scene = Literal["flake", "broke", "fixed", "onset", "persistent", "stable"]

BUILDS = 50
ABSENT = 0.2
RECENT = 10
"""Builds that a rule of thumb looks at."""

_SOUND = (0.0, 0.0, 0.0, 0.01, 0.03, 0.1)
"""Rates at which tests fail that nobody broke."""


@dataclass(frozen=True)
class Past:
    """What happened, and what a judge ought to say of it.

    Attributes:
        place: Of the change, among the observed builds; None where there is none.
        rates: At which it failed before and after.
    """

    observations: tuple[Observation, ...]
    right: frozenset[Classification]
    place: int | None = None
    rates: tuple[float, float] = (0.0, 0.0)


def observations(
    failed: Sequence[bool], absent: Sequence[bool]
) -> tuple[Observation, ...]:
    """Builds in the order of commits, each seen once, all failures alike."""
    found = []
    for at, (bad, gone) in enumerate(zip(failed, absent, strict=True)):
        outcome: Outcome = "absent" if gone else "fail" if bad else "pass"
        build = BuildPoint(build_id=f"ci:{at}", number=str(at), sha=f"{at:08x}")
        signature = "same" if outcome == "fail" else ""
        found.append(Observation(build=build, outcome=outcome, signature=signature))
    return tuple(found)


def past(
    chance: random.Random, rates: Sequence[float], place: int | None = None
) -> Past:
    """A past in which each build fails at its rate, and a fifth did not run it."""
    failed = [chance.random() < rate for rate in rates]
    absent = [chance.random() < ABSENT for _ in rates]
    seen = [bad for bad, gone in zip(failed, absent, strict=True) if not gone]
    before = None if place is None else absent[:place].count(False)
    right = _right(seen, before, (rates[0], rates[-1]))
    ends = (rates[0], rates[-1])
    return Past(observations(failed, absent), right, before, ends)


def scene(chance: random.Random, kind: Scene) -> Past:
    """A past of one kind, with rates and the place of the change drawn by chance."""
    sound, flaky = chance.choice(_SOUND), chance.uniform(0.02, 0.5)
    if kind in {"flake", "persistent", "stable"}:
        rate = {"flake": flaky, "persistent": chance.choice((1.0, 1.0, 0.95))}
        return past(chance, [rate.get(kind, 0.0)] * BUILDS)
    place = chance.randint(3, BUILDS - 1)
    before, after = {
        "broke": (chance.choice((sound, flaky)), 1.0),
        "fixed": (1.0, sound),
        "onset": (sound, chance.uniform(0.2, 0.8)),
    }[kind]
    rates = [before] * place + [after] * (BUILDS - place)
    return past(chance, rates, place)


def _right(
    seen: Sequence[bool], place: int | None, rates: tuple[float, float]
) -> frozenset[Classification]:
    """What one may say of it, given that only the observed builds can be known."""
    if not any(seen):
        return frozenset({"STABLE"})
    now = rates[1]
    if place is None or place in {0, len(seen)}:
        return _steady(rates[0] if place == len(seen) else now)
    if now >= 1:
        return frozenset({"REGRESSION"})
    if now > 0.1:  # noqa: PLR2004 - the bound between a flake and a sound test
        return frozenset({"FLAKE_ONSET"})
    return frozenset({"FIXED"} if any(seen[:place]) else {"SPORADIC"})


def _steady(rate: float) -> frozenset[Classification]:
    if rate > 0.8:  # noqa: PLR2004 - as the predecessor has it
        return frozenset({"PERSISTENT_FAIL"})
    often = rate >= 0.2  # noqa: PLR2004 - as the predecessor has it
    return frozenset({"FLAKE_ONSET" if often else "SPORADIC"})


def thumb(seen: Sequence[Observation], least: int) -> Classification:
    """The predecessor's rules, as it described them.

    A clean change from pass to fail with the same fingerprint is a regression; the
    rest goes by the recent rate of failures.

    Args:
        seen: Observed builds, the oldest first.
        least: Failing builds that make a regression.
    """
    if len(seen) < 3:  # noqa: PLR2004 - as the predecessor has it
        return "INSUFFICIENT_DATA"
    failed = [one.outcome == "fail" for one in seen[-RECENT:]]
    share = sum(failed) / len(failed)
    clean = failed == sorted(failed) and not failed[0]
    if clean and sum(failed) >= least:
        return "REGRESSION"
    if share > 0.8:  # noqa: PLR2004 - as the predecessor has it
        return "PERSISTENT_FAIL"
    if share >= 0.2:  # noqa: PLR2004 - as the predecessor has it
        return "FLAKE_ONSET"
    return "SPORADIC" if any(failed) else "STABLE"


def newest_flip(failed: Sequence[bool]) -> int:
    """Where neighbouring builds last disagree: what one finds by looking."""
    flips = (at for at in range(len(failed) - 1, 0, -1) if failed[at] != failed[at - 1])
    return next(flips, 0)


def oracle(failed: Sequence[bool], rates: tuple[float, float]) -> int:
    """The likeliest place for somebody who knows both rates and that it changed."""
    least = 1e-9
    gains = [0.0]
    for bad in failed[:-1]:
        before, after = (log(max(least, rate if bad else 1 - rate)) for rate in rates)
        gains.append(gains[-1] + before - after)
    places = range(1, len(failed))
    return max(places, key=lambda at: gains[at])
