"""What a test's past comes to: broke, flaky, fixed, and how sure that is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from math import log
from typing import TYPE_CHECKING

from sickbay.ci.history.changepoint import Window, change_point, rate, window
from sickbay.ci.history.flakiness import flake_score, tallied
from sickbay.ci.history.kinds import OFTEN, PROBABLE, RARE, chances
from sickbay.ci.history.models import Assessment
from sickbay.ci.history.notes import notes
from sickbay.ci.history.suspicion import suspected

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sickbay.ci.history.kinds import Chances
    from sickbay.ci.history.models import (
        ChangePoint,
        Classification,
        Level,
        Observation,
        Rate,
    )

CONVINCING = log(20)
"""Above this log Bayes factor a change is taken for one."""

LEAST_BUILDS = 3
BROKEN = 0.9
"""A test that fails in as many builds is broken, not flaky."""
SOUND = 0.1
DOMINANT = 0.5
"""One fingerprint stands for the failures that have one in more than this share."""

HIGH, MED = 0.9, 0.6

_KIN: Mapping[Classification, Classification] = {
    "PERSISTENT_FAIL": "REGRESSION",
    "SPORADIC": "FIXED",
}
"""What a class with a transition is, too: broke without a fingerprint, or is mended
but for a failure now and then."""


@dataclass(frozen=True, slots=True)
class Signatures:
    """The most frequent fingerprint of failing builds, and its share of them."""

    text: str = ""
    share: float | None = None

    @property
    def torn(self) -> bool:
        """Whether the failures are known to have no one thing in common."""
        return self.share is not None and self.share <= DOMINANT


def assessed(observations: Sequence[Observation]) -> Assessment:
    """The class of a test's past, with what speaks for it.

    Args:
        observations: In the order of commits.
    """
    story = suspected(observations)
    seen = window(story)
    blank = _counted(observations)
    if len(seen.places) < LEAST_BUILDS:
        return replace(blank, notes=notes(blank, story, seen))
    likely = chances(seen.counts, seen.start)
    if not seen.counts.of(0, len(seen.counts))[0]:
        found = replace(blank, classification="STABLE", rate_after=_rate(seen))
    else:
        found = _judged(blank, story, seen, likely)
    found = _sure(found, likely)
    return replace(found, notes=notes(found, story, seen))


def _counted(observations: Sequence[Observation]) -> Assessment:
    outcomes = Counter(one.outcome for one in observations)
    return Assessment(
        classification="INSUFFICIENT_DATA",
        flake=flake_score(tallied("", observations)),
        builds=len(observations),
        found=sum(one.observed for one in observations),
        failed=outcomes["fail"],
        flaky=outcomes["flaky"],
        infra=outcomes["infra"],
        absent=outcomes["absent"],
    )


def _judged(
    blank: Assessment, story: Sequence[Observation], seen: Window, likely: Chances
) -> Assessment:
    change = change_point(story, seen)
    cut = seen.split.at if seen.split else seen.start
    before = _signatures(story[at] for at in seen.places[seen.start : cut])
    after = _signatures(story[at] for at in seen.places[cut:])
    name = _class(change, after, likely, seen) if change else None
    if change and name and _convinces(change, name, likely):
        return replace(
            blank,
            classification=name,
            change=change,
            transition=change.after,
            last_good=change.last_good if change.rising else None,
            first_bad=change.first_bad if change.rising else None,
            rate_before=change.rate_before,
            rate_after=change.rate_after,
            signature_before=before.text,
            signature_after=after.text,
            signature_share=after.share,
        )
    both = _signatures(story[at] for at in seen.places[seen.start :])
    overall = _rate(seen)
    return replace(
        blank,
        classification=_steady(overall.value or 0.0),
        change=change,
        rate_after=overall,
        signature_after=both.text,
        signature_share=both.share,
    )


def _convinces(change: ChangePoint, name: Classification, likely: Chances) -> bool:
    if change.log_bayes_factor > CONVINCING:
        return True
    return likely.changed.get(name, 0.0) >= PROBABLE


def _class(
    change: ChangePoint, after: Signatures, likely: Chances, seen: Window
) -> Classification:
    """The class of a change that convinces, by the rate since."""
    now, chance = change.rate_after.value or 0.0, likely.changed
    broken = change.rising and chance["REGRESSION"] > chance["FLAKE_ONSET"]
    if now >= BROKEN or (broken and now > OFTEN):
        fresh = change.rising and not after.torn
        return "REGRESSION" if fresh else "PERSISTENT_FAIL"
    if now > SOUND:
        return "FLAKE_ONSET"
    mended = not change.rising and seen.counts.outcomes[-1] == "pass"
    return "FIXED" if mended else "SPORADIC"


def _steady(share: float) -> Classification:
    """The class of a test that shows no change, by its rate."""
    if share > OFTEN:
        return "PERSISTENT_FAIL"
    return "FLAKE_ONSET" if share >= RARE else "SPORADIC"


def _rate(seen: Window) -> Rate:
    return rate(*seen.counts.of(seen.start, len(seen.counts)))


def _signatures(seen: Iterable[Observation]) -> Signatures:
    counts = Counter(one.signature for one in seen if one.signature)
    if not counts:
        return Signatures()
    text = min(counts, key=lambda one: (-counts[one], one))
    return Signatures(text, counts[text] / counts.total())


def _sure(found: Assessment, likely: Chances) -> Assessment:
    """With its confidence: the probability of the class under three kinds of tests."""
    confidence = likely.classes.get(found.classification, 0.0)
    if found.transition and (kin := _KIN.get(found.classification)):
        confidence += likely.classes.get(kin, 0.0)
    ranked = sorted(likely.classes.items(), key=lambda pair: -pair[1])
    return replace(
        found,
        confidence=min(1.0, confidence),
        level=_level(confidence),
        probabilities=tuple(ranked),
    )


def _level(confidence: float) -> Level:
    if confidence >= HIGH:
        return "HIGH"
    return "MED" if confidence >= MED else "LOW"
