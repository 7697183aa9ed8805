"""What a triage asks of the world besides the failing jobs, and what it may answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sickbay.ci.models import Job

Category = Literal[
    "new_failure",
    "broken_trunk",
    "flaky",
    "unstable",
    "awaiting_approval",
    "unknown",
]
"""``unknown``: it failed, but did not run where the pull request began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlakyRule:
    """Failures that people know to be flaky: patterns of a job and what it says."""

    name: str
    captures: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisabledTest:
    """A test that an issue switches off.

    Attributes:
        platforms: Where; empty for everywhere.
        closed_at: When the issue was closed; None while it is open.
    """

    name: str
    suite: str
    issue: int | None = None
    platforms: frozenset[str] = frozenset()
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the triage asks of the world; None is what could not be had.

    Attributes:
        base_jobs: Jobs of the merge base.
        base_time: When it was committed.
        body: Description of the pull request and titles of its commits.
        labels: Of the pull request.
        unstable_jobs: Names that issues call unstable, shards left out; one without a
            configuration stands for all of them.
        has_log: Whether a job's log is in the store, by job id.
        similar: Failures like a job's, by its name; for a job that is not in it,
            nobody looked.
        sha: Of the commit that is looked at; with ``branch`` and ``author``, what tells
            its own failures from those of others.
    """

    base_jobs: Sequence[Job] | None = None
    base_time: datetime | None = None
    body: str | None = None
    labels: Collection[str] | None = None
    unstable_jobs: Collection[str] | None = None
    flaky_rules: Sequence[FlakyRule] | None = None
    disabled_tests: Sequence[DisabledTest] | None = None
    has_log: Mapping[int | str, bool] | None = None
    similar: Mapping[str, Sequence[Job]] | None = None
    sha: str = ""
    branch: str | None = None
    author: str | None = None
