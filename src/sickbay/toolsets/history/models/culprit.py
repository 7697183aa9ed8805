"""What ``culprit`` answers with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sickbay.ci.history.models import Classification
from sickbay.core.results import Listing
from sickbay.toolsets.history.models.window import BuildFact

Origin = Literal["git", "github", "builds"]
"""Who told which commits there are; ``builds`` know only those that were built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectRow:
    """A commit that may have broken the test.

    Attributes:
        probability: That it did; all commits and ``no_culprit`` add up to 1.
        prior: The same by what it changes alone, before any run is looked at.
        credible: Whether it is one of the fewest that have 90 % together.
        build: The build of this commit, if there is one.
        files: How many it changes; None where nobody knows.
        runs: What the runs say: how many failed before it, and since.
        reasons: Why it is more or less suspicious than others.
    """

    commit: str
    title: str = ""
    author: str | None = None
    pull_request: int | None = None
    url: str | None = None
    committed_at: datetime | None = None
    probability: float = 0.0
    prior: float = 0.0
    credible: bool = False
    build: BuildFact | None = None
    files: int | None = None
    runs: str = ""
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRow:
    """The commit to test next.

    Attributes:
        fails: Probability that the test fails there.
        information_bits: That one run there is expected to tell.
        repeats: Runs there that tell nearly all that any number could.
        probes_left: To expect until the culprit is known.
    """

    commit: str
    title: str = ""
    fails: float = 0.0
    information_bits: float = 0.0
    repeats: int = 1
    probes_left: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChanceRow:
    """How often the test fails by chance, with its 90 % interval."""

    rate: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class CulpritReport(Listing):
    """The commits between the last good and the first bad build, the likeliest first.

    Attributes:
        no_culprit: Probability that none of them did it: the test is flaky.
        credible_mass: What the credible ones have together, if one of them did it.
        proven: Whether one possibility has 99 %.
    """

    test_id: str | None = None
    classification: Classification | None = None
    last_good: BuildFact | None = None
    first_bad: BuildFact | None = None
    commits: int = 0
    commits_from: Origin | None = None
    no_culprit: float | None = None
    credible_mass: float | None = None
    chance: ChanceRow | None = None
    proven: bool = False
    next_probe: ProbeRow | None = None
    advice: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    suspects: tuple[SuspectRow, ...] = ()
