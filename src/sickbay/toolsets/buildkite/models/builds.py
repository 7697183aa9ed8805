"""What the tools about builds answer with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from annotated_types import Ge, Le

from sickbay.ci.states import Ending
from sickbay.core.results import Listing
from sickbay.toolsets.buildkite.models.scan import BuildInfo, JobCounts

BuildState = Literal[
    "scheduled",
    "running",
    "passed",
    "failing",
    "failed",
    "blocked",
    "canceling",
    "canceled",
    "skipped",
    "not_run",
    "finished",
]
"""Buildkite's words; ``finished`` is any of passed, failed, blocked and canceled."""

Wanted = Literal["all"] | Ending
State = Annotated[BuildState | None, "only builds in it"]
Limit = Annotated[int, Ge(1), Le(100), "how many"]
JobState = Annotated[
    Wanted | None, "only jobs that ended so; by default those that need a look"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRow(BuildInfo):
    """A build in a list.

    Attributes:
        creator: Who, or what schedule, started it.
        source: What started it: ``schedule``, ``webhook``, ``ui``, ``api``.
    """

    author: str | None = None
    creator: str | None = None
    source: str | None = None
    pull_request: int | None = None
    duration_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class BuildList(Listing):
    """Builds, the newest first."""

    builds: tuple[BuildRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """One attempt of a job that had several."""

    job_id: str
    state: str | None = None
    exit_status: int | None = None
    signal_reason: str | None = None
    host: str | None = None
    retry_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildJobRow:
    """A job of a build, as its last attempt left it; or a step that waits.

    Attributes:
        ending: How it ended, all attempts together.
        state: Buildkite's own word for the last attempt.
        log: Handle of its log, for every tool that takes one.
        shard: Its place among ``shards`` parallel jobs of one step, from 0.
        attempts: The first one first; empty where there was only one.
    """

    name: str
    ending: Ending
    job_id: str
    state: str | None = None
    kind: str = "script"
    exit_status: int | None = None
    signal: str | None = None
    signal_reason: str | None = None
    step_key: str | None = None
    shard: int | None = None
    shards: int | None = None
    queue: str | None = None
    host: str | None = None
    started_at: datetime | None = None
    duration_s: float | None = None
    queue_s: float | None = None
    url: str | None = None
    log: str | None = None
    attempts: tuple[AttemptRow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BuildReport(Listing):
    """A build with its jobs."""

    build_info: BuildRow | None = None
    counts: JobCounts = field(default_factory=JobCounts)
    jobs: tuple[BuildJobRow, ...] = ()

    @property
    def nothing(self) -> bool:
        """A build may well have no such jobs."""
        return self.build_info is None
