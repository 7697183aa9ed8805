"""What ``flaky_tests`` answers with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sickbay.core.results import Listing
from sickbay.toolsets.history.models.story import RateRow


@dataclass(frozen=True, slots=True, kw_only=True)
class FlakyTest:
    """A test that fails now and then.

    Attributes:
        score: The probability that two runs of it disagree that ought to agree; from
            ``low`` to ``high`` with 90 %.
        rate: Of its runs that failed.
        split: Commits on which it passed and failed, of those that ran it twice.
        flips: Changes between neighbouring builds, of those possible.
        lost_minutes: In failed and repeated runs; None where nobody timed them.
        signature: Fingerprint of its failures, the most frequent.
        why: What the score rests on.
    """

    test_id: str
    score: float = 0.0
    low: float = 0.0
    high: float = 1.0
    rate: RateRow | None = None
    split: RateRow | None = None
    flips: RateRow | None = None
    builds: int = 0
    failed_builds: int = 0
    lost_minutes: float | None = None
    first_failed_at: datetime | None = None
    last_failed_at: datetime | None = None
    signature: str | None = None
    variants: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class FlakyTests(Listing):
    """Tests that fail now and then, those that surely do first.

    Attributes:
        failing: Tests that failed at all.
        lost_minutes: Of all that are flaky, as far as somebody timed them.
    """

    failing: int = 0
    lost_minutes: float | None = None
    flaky: tuple[FlakyTest, ...] = ()
    notes: tuple[str, ...] = ()
