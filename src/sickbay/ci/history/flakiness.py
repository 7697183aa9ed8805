"""How flaky a test is."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from sickbay.ci.history.beta import interval
from sickbay.ci.history.changepoint import MASS, rate
from sickbay.ci.history.models import FlakeScore, Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sickbay.ci.history.models import Observation

_HALF = 0.5


def flake_score(tally: Tally) -> FlakeScore:
    """The probability that two runs of a test disagree that ought to agree.

    There are two kinds of such runs: those of one commit, and those of neighbouring
    builds. A flip between builds may be the code's doing; it counts as far as failing
    builds stand alone, or passed on the same commit: ``(flips / 2 + split) / failing
    builds``. That is the share of passes for a test that fails at random, and near 0
    for one that broke, or was broken for a while. Beta posterior with half a
    disagreement and half an agreement beforehand, which for runs of one commit alone
    is ``(split + 1/2) / (pairs + 1)``.

    Args:
        tally: The test, counted; failures of machines left out.
    """
    chances = max(0, tally.builds - 1)
    flips = min(tally.transitions, chances)
    alone = _isolation(tally)
    told = flips * (alone or 0.0)
    split = min(tally.split_pairs, tally.pairs)
    against = told + split
    agreed = tally.pairs + chances - against
    low, high = interval(against, agreed, mass=MASS)
    return FlakeScore(
        score=(against + _HALF) / (tally.pairs + chances + 1),
        low=low,
        high=high,
        rate=rate(tally.failures, tally.passes),
        split=rate(split, tally.pairs - split),
        flips=rate(flips, chances - flips),
        isolation=alone,
        why=_why(tally, split, flips, chances, alone),
    )


def _isolation(tally: Tally) -> float | None:
    if not tally.failed_builds:
        return None
    lone = tally.transitions / 2 + tally.split_pairs
    return min(1.0, lone / tally.failed_builds)


def _why(
    tally: Tally, split: int, flips: int, chances: int, alone: float | None
) -> str:
    if alone is None:
        return f"It never failed in {tally.builds} builds"
    pairs = "no variant ran it twice on one commit"
    if tally.pairs:
        pairs = (
            f"it passed and failed {split} of {tally.pairs} times that a variant ran "
            "it repeatedly on one commit"
        )
    return (
        f"Of {chances} neighbouring builds {flips} disagree; "
        f"{alone:.0%} of its failures stand alone; {pairs}"
    ).replace("%", " %")


def tallied(test_id: str, observations: Sequence[Observation]) -> Tally:
    """The same counts as a history gives for all tests, of one that was looked at.

    Args:
        test_id: Its canonical name.
        observations: In the order of commits.
    """
    seen = [one for one in observations if one.observed]
    bad = [one for one in seen if one.outcome != "pass"]
    failures = sum(one.failures for one in seen)
    pairs = _pairs(seen)
    signatures = Counter(one.signature for one in bad if one.signature)
    times = [one.build.created_at for one in bad if one.build.created_at]
    return Tally(
        test_id=test_id,
        builds=len(seen),
        failed_builds=len(bad),
        passes=sum(one.trials for one in seen) - failures,
        failures=failures,
        pairs=len(pairs),
        split_pairs=sum(pairs),
        transitions=sum(
            (a.outcome == "fail") != (b.outcome == "fail") for a, b in pairwise(seen)
        ),
        first_failed_at=min(times, default=None),
        last_failed_at=max(times, default=None),
        signature=max(signatures, key=lambda text: signatures[text], default=""),
        variants=tuple(sorted({name for one in seen for name, _ in one.variants})),
    )


def _pairs(seen: Iterable[Observation]) -> list[bool]:
    """Commits on which a variant ran twice: whether it passed and failed there."""
    outcomes: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in seen:
        commit = one.build.sha or one.build.build_id
        runs = Counter[str]()
        for run in one.runs:
            runs[run.variant] += run.attempts
        for variant, outcome in one.variants:
            if outcome in {"pass", "fail", "flaky"}:
                times = 2 if outcome == "flaky" else max(1, runs[variant])
                outcomes[commit, variant] += [outcome] * times
    return [
        "flaky" in words or len(set(words)) > 1
        for words in outcomes.values()
        if len(words) > 1
    ]
