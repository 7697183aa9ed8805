"""What the tools about single jobs answer with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le

from sickbay.ci.explanations import JobCause, JobCluster
from sickbay.core.results import Listing
from sickbay.logs.report import Category

JobName = Annotated[str, "handle buildkite:..., or address, of a job"]
JobNames = Annotated[list[str], "handles or addresses of jobs"]
TailLines = Annotated[int, Ge(1), Le(1_000), "how many lines from its end"]


@dataclass(frozen=True, kw_only=True)
class JobLogEnd(Listing):
    """The end of the log of a job.

    Attributes:
        log: Its handle, which every tool that takes a log takes.
        bytes: Of the whole log, as Buildkite stores it.
        lines: The last ones, in their order, as a terminal would show them.
        whole_log: These are all lines that there are.
        running: It still grows.
        rest: How to read what is not here; None where this is all of it.
    """

    job_id: str | None = None
    name: str | None = None
    state: str | None = None
    exit_status: int | None = None
    log: str | None = None
    bytes: int | None = None
    running: bool | None = None
    whole_log: bool = False
    lines: tuple[str, ...] = ()
    rest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedJob:
    """Why one job failed, as its log and its exit status tell it.

    Attributes:
        failed: How many tests failed; ``failed_tests`` names the first of them.
    """

    job_id: str
    name: str | None = None
    log: str
    url: str | None = None
    state: str | None = None
    ending: str | None = None
    exit_status: int | None = None
    signal_reason: str | None = None
    host: str | None = None
    bytes: int = 0
    category: Category = "unknown"
    confidence: float = 0.0
    reason: str = ""
    causes: tuple[JobCause, ...] = ()
    failed_tests: tuple[str, ...] = ()
    failed: int = 0


@dataclass(frozen=True, kw_only=True)
class ExplainedJobs(Listing):
    """Why jobs failed, and which of them for one reason."""

    explained: tuple[ExplainedJob, ...] = ()
    clusters: tuple[JobCluster, ...] = ()
    without_failure: int = 0
