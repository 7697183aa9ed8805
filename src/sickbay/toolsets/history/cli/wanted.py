"""Which builds of a CI a command takes, and how closely it reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from sickbay.ci.services import BuildsWanted, Depth
from sickbay.core.timerange import time_range

if TYPE_CHECKING:
    from datetime import datetime

Flag = Annotated[bool, Parameter(negative="")]

ALL = 1_000_000
"""Builds: more than there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Builds of a CI.

    Attributes:
        since: How far back: 14d, 24h, 2026-01-31, or A:B.
        pipeline: As organization/pipeline or owner/name; the usual one by default.
        branch: * is every branch; the trunk by default.
        message: Only builds whose message matches this regular expression.
        job: Read only the logs of jobs whose names match this regular expression.
        logs: How many logs of a build are read, those of failed jobs first.
        passed_logs: Read the logs of jobs that passed, too: they may name the tests.
        most: How many builds are read.
        watch: Look for new ones again and again, until interrupted.
        every: Seconds between two looks.
    """

    since: str = "14d"
    pipeline: str | None = None
    branch: str | None = None
    message: str | None = None
    job: str | None = None
    logs: int = 100
    passed_logs: Flag = False
    most: int | None = None
    watch: Flag = False
    every: float = 300.0

    def wanted(self, now: datetime) -> BuildsWanted:
        """The builds.

        Raises:
            BadRequest: ``since`` is no time range.
        """
        when = time_range(self.since, now=now)
        return BuildsWanted(
            pipeline=self.pipeline,
            branch=self.branch,
            since=when.start,
            until=when.stop if when.stop < now else None,
            message=self.message,
            most=ALL,
        )

    @property
    def depth(self) -> Depth:
        """How much of each is read."""
        return Depth(job=self.job, logs=self.logs, passed_logs=self.passed_logs)
