"""What the tool that compares answers with."""

from __future__ import annotations

from dataclasses import dataclass, field

from sickbay.ci.history.comparison import DifferenceKind
from sickbay.core.results import Listing
from sickbay.toolsets.history.models.window import BuildFact


@dataclass(frozen=True, slots=True, kw_only=True)
class SideFacts:
    """Some builds that are compared with others.

    Attributes:
        meant: In words.
        builds: How many; ``first`` and ``last`` in the order of commits.
    """

    meant: str = ""
    builds: int = 0
    first: BuildFact | None = None
    last: BuildFact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """What became of one test.

    Attributes:
        change: The last two kinds ran on one side only.
        rate: Share of the ``builds`` where it failed or was flaky.
        seconds: It typically takes, where it is slower or faster.
        probability: That the difference has this direction.
        significant: Whether chance is unlikely, for so many tests compared at once.
        why: The same in words.
    """

    test_id: str
    change: DifferenceKind
    rate: float | None = None
    builds: int = 0
    base_rate: float | None = None
    base_builds: int = 0
    seconds: float | None = None
    base_seconds: float | None = None
    probability: float | None = None
    significant: bool = False
    ratio: float | None = None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Comparison(Listing):
    """What differs between two sides.

    Attributes:
        counts: Of all changes, by their names.
        tests: That ran on both sides.
    """

    new_side: SideFacts | None = None
    base_side: SideFacts | None = None
    tests: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    changes: tuple[ChangeRow, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Two sides may well be alike."""
        return self.new_side is None
