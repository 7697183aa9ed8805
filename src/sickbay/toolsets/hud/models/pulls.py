"""What the tools about pull requests answer with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sickbay.ci.inputs import Category
from sickbay.ci.states import State
from sickbay.core.results import Listing


@dataclass(frozen=True, slots=True, kw_only=True)
class PullFacts:
    """Which state of which pull request was looked at.

    Attributes:
        sha: The commit whose jobs these are.
        newest: Whether nothing was pushed since.
        base_sha: Where it branched off the trunk; None where the HUD cannot say.
    """

    number: int
    title: str
    url: str
    author: str | None = None
    sha: str
    newest: bool
    pushes: int
    base_sha: str | None = None
    base_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriagedJob:
    """One failing job, and whose failure it is.

    Attributes:
        step: The decision that applied.
        missing: What was not to be had and might have decided otherwise.
        seen_on: The commit of the same failure elsewhere, if that decided.
    """

    job: str
    job_id: int | None = None
    state: State
    category: Category
    step: str
    evidence: str
    seen_on: str | None = None
    missing: tuple[str, ...] = ()
    line: str | None = None
    log: str | None = None


@dataclass(frozen=True, kw_only=True)
class PullTriage(Listing):
    """Which failures of a pull request are its own."""

    pull: PullFacts | None = None
    verdict: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    advice: tuple[str, ...] = ()
    failing: tuple[TriagedJob, ...] = ()

    @property
    def nothing(self) -> bool:
        """That nothing fails is a result."""
        return self.pull is None
