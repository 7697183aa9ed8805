"""Tallies of tests as a ranking of the flaky ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.toolsets.history.analysis.verdict import DIGITS, rate_row
from sickbay.toolsets.history.models.flaky import FlakyTest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.ci.history.models import FlakeScore, Tally

VARIANTS = 8
"""Of a test that are named."""

_MINUTE_S = 60
_LEAST = 0.5
"""Disagreements below which it broke or was mended, and is no flake."""


def ranked(
    scored: Iterable[tuple[Tally, FlakeScore]], least: float
) -> tuple[FlakyTest, ...]:
    """Tests that are flaky, by the low end of their score.

    A test that broke once disagrees with itself once: it is left out, as is one that
    has only been seen a few times, whose score says nothing yet.

    Args:
        scored: Tests with their scores.
        least: The score below which they are left out.
    """
    found = [
        flaky_test(tally, score)
        for tally, score in scored
        if score.score >= least and _disagrees(tally, score)
    ]
    return tuple(sorted(found, key=_rank))


def flaky_test(tally: Tally, found: FlakeScore) -> FlakyTest:
    """One row."""
    lost = tally.lost_s
    return FlakyTest(
        test_id=tally.test_id,
        score=round(found.score, DIGITS),
        low=round(found.low, DIGITS),
        high=round(found.high, DIGITS),
        rate=rate_row(found.rate),
        split=rate_row(found.split),
        flips=rate_row(found.flips),
        builds=tally.builds,
        failed_builds=tally.failed_builds,
        lost_minutes=None if lost is None else round(lost / _MINUTE_S, 2),
        first_failed_at=tally.first_failed_at,
        last_failed_at=tally.last_failed_at,
        signature=tally.signature or None,
        variants=tally.variants[:VARIANTS],
        why=found.why,
    )


def lost_minutes(found: Iterable[FlakyTest]) -> float | None:
    """What all of them cost; None where nobody timed any."""
    timed = [one.lost_minutes for one in found if one.lost_minutes is not None]
    return round(sum(timed), 2) if timed else None


def _disagrees(tally: Tally, found: FlakeScore) -> bool:
    if tally.split_pairs:
        return True
    alone = found.isolation or 0.0
    return tally.transitions > 1 and tally.transitions * alone > _LEAST


def _rank(one: FlakyTest) -> tuple[float, float, str]:
    return (-one.low, -one.score, one.test_id)
