"""A verdict as an answer shows it: rounded, with its builds as they are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.toolsets.history.models.story import FlakeRow, RateRow, Stretch, Verdict
from sickbay.toolsets.history.models.window import build_fact

if TYPE_CHECKING:
    from sickbay.ci.history.models import Assessment, ChangePoint, FlakeScore, Rate
    from sickbay.toolsets.history.models.window import BuildFact

DIGITS = 4


def verdict_row(found: Assessment) -> Verdict:
    """The verdict."""
    change = found.change if found.transition else None
    return Verdict(
        classification=found.classification,
        confidence=round(found.confidence, DIGITS),
        level=found.level,
        notes=found.notes,
        transition_build=found.transition.number if found.transition else None,
        **_ends(change),
        credible_range=_stretch(change) if change else None,
        rate_before=rate_row(found.rate_before) if found.rate_before else None,
        rate_after=rate_row(found.rate_after) if found.rate_after else None,
        log_bayes_factor=round(change.log_bayes_factor, 2) if change else None,
        flake=flake_row(found.flake) if found.flake else None,
        signature_before=found.signature_before or None,
        signature_after=found.signature_after or None,
        signature_share=found.signature_share,
    )


def outcome_counts(found: Assessment) -> dict[str, int]:
    """In how many builds it ended how; ``builds`` are all, ``found`` those observed."""
    names = ("builds", "found", "failed", "flaky", "infra", "absent")
    return {name: getattr(found, name) for name in names}


def rate_row(rate: Rate) -> RateRow:
    """A rate with its interval."""
    return RateRow(
        failed=rate.happened,
        of=rate.times,
        rate=None if rate.value is None else round(rate.value, DIGITS),
        low=round(rate.low, DIGITS),
        high=round(rate.high, DIGITS),
    )


def flake_row(found: FlakeScore) -> FlakeRow:
    """How flaky it is, and by what."""
    return FlakeRow(
        score=round(found.score, DIGITS),
        low=round(found.low, DIGITS),
        high=round(found.high, DIGITS),
        why=found.why,
    )


def _ends(change: ChangePoint | None) -> dict[str, BuildFact]:
    if change is None:
        return {}
    names = ("last_good", "first_bad") if change.rising else ("last_bad", "first_good")
    ends = (build_fact(change.before), build_fact(change.after))
    return dict(zip(names, ends, strict=True))


def _stretch(change: ChangePoint) -> Stretch | None:
    if not change.credible:
        return None
    return Stretch(
        first=build_fact(change.credible[0]),
        last=build_fact(change.credible[-1]),
        builds=len(change.credible),
        probability=round(change.credible_mass, DIGITS),
    )
