"""Verdicts: what the evidence comes to."""

from __future__ import annotations

from collections import defaultdict
from math import exp
from typing import TYPE_CHECKING

from sickbay.ci.scan import weights
from sickbay.ci.scan.case import Claim
from sickbay.ci.scan.evidence import claims
from sickbay.ci.scan.evidence.tracker import is_known
from sickbay.ci.scan.models import CATEGORIES, Evidence, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.scan.case import Case
    from sickbay.ci.scan.models import Category, Level, PastBuild, Trouble

_OF_CATEGORY: dict[Category, Trouble] = {
    "NEW_REGRESSION": "regression",
    "FLAKY_SUSPECTED": "flaky",
    "INFRA_SUSPECTED": "unknown",
    "KNOWN_TRACKED": "known_issue",
    "NEEDS_HUMAN_TRIAGE": "unknown",
}
_NOTHING = Claim(
    "NEEDS_HUMAN_TRIAGE",
    weights.NOTHING_SAYS,
    "nothing speaks for one category more than for another",
)


def verdict(case: Case) -> Verdict:
    """Weigh the evidence of a case: a sum of log odds for each category."""
    found = list(claims(case))
    if not any(claim.weight > 0 for claim in found if _tells(claim, case)):
        found.append(_NOTHING)
    odds = _odds(case, found)
    category = max(odds, key=lambda name: (odds[name], -CATEGORIES.index(name)))
    highest = odds[category]
    confidence = 1 / sum(exp(value - highest) for value in odds.values())
    mine = sorted(
        (claim for claim in found if claim.category == category),
        key=lambda claim: -claim.weight,
    )
    others = sorted(
        (claim for claim in found if claim.category != category),
        key=lambda claim: -claim.weight,
    )
    return Verdict(
        category=category,
        trouble=_trouble(category, mine),
        confidence=round(confidence, 3),
        level=level(confidence),
        reason=_reason(mine),
        evidence=tuple(_evidence(claim) for claim in (*mine, *others)),
        since=_since(case),
    )


def _odds(case: Case, found: Sequence[Claim]) -> dict[Category, float]:
    """The log odds of each category.

    An issue explains a failure of whatever kind: what speaks for it comes on top of
    what speaks for any kind. Only a machine that died is not what it is about. Where
    the issues were not to be had, any failure of the code may be known.
    """
    odds = dict(weights.PRIOR)
    for claim in found:
        odds[claim.category] += claim.weight
    if case.scene.tracked and not is_known(case):
        del odds["KNOWN_TRACKED"]
        return odds
    kinds: set[Category] = {"NEW_REGRESSION", "FLAKY_SUSPECTED"}
    if is_known(case) and not case.dead:
        kinds.add("INFRA_SUSPECTED")
    odds["KNOWN_TRACKED"] += max(odds[kind] for kind in kinds)
    return odds


def _tells(claim: Claim, case: Case) -> bool:
    return claim.category != "KNOWN_TRACKED" or is_known(case)


def level(confidence: float) -> Level:
    """What a confidence is called."""
    return next(name for least, name in weights.LEVELS if confidence >= least)


def _evidence(claim: Claim) -> Evidence:
    return Evidence(
        category=claim.category, weight=round(claim.weight, 2), text=claim.text
    )


def _trouble(category: Category, mine: Sequence[Claim]) -> Trouble:
    """What went wrong, by the claims that say it, else what the category means."""
    told: defaultdict[Trouble, float] = defaultdict(float)
    for claim in mine:
        if claim.trouble:
            told[claim.trouble] += claim.weight
    return max(told, key=lambda name: told[name]) if told else _OF_CATEGORY[category]


def _reason(mine: Sequence[Claim]) -> str:
    return mine[0].text if mine else _NOTHING.text


def _since(case: Case) -> PastBuild | None:
    """The oldest build from which on a job of the case failed, if it passed before."""
    known = [item.since for item in case.courses if item.since]
    return min(known, key=lambda build: build.number) if known else None
