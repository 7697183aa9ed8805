"""What the tool about slow tests answers with."""

from __future__ import annotations

from dataclasses import dataclass

from sickbay.core.results import Listing
from sickbay.toolsets.history.models.window import BuildFact


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowTest:
    """A test that takes another time since some build.

    Attributes:
        before_s: The median of builds before, ``after_s`` since then.
        ratio: Of the two, with its interval.
        since: The first build of the change; it lies from ``earliest`` to ``latest``.
        cost_s: More in each build.
        p_value: How often chance alone would look so.
    """

    test_id: str
    variant: str = ""
    before_s: float = 0.0
    after_s: float = 0.0
    ratio: float = 1.0
    ratio_low: float = 1.0
    ratio_high: float = 1.0
    since: BuildFact | None = None
    earliest: BuildFact | None = None
    latest: BuildFact | None = None
    cost_s: float = 0.0
    p_value: float | None = None


@dataclass(frozen=True, kw_only=True)
class SlowTests(Listing):
    """Tests that became slower, the most expensive first.

    Attributes:
        cost_s: Of all of them, more in each build.
    """

    cost_s: float = 0.0
    slow_tests: tuple[SlowTest, ...] = ()
    notes: tuple[str, ...] = ()
