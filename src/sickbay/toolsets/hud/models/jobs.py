"""What the tools about single jobs answer with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from sickbay.ci.explanations import JobCause, JobCluster
from sickbay.ci.states import State
from sickbay.core.results import Listing
from sickbay.core.tool import Identifier
from sickbay.logs.report import Category

JobId = Annotated[str, Identifier(), "number, hud:<number> or address of a job"]
JobNames = Annotated[list[str], "numbers (job_id), handles or addresses of jobs"]
Repo = Annotated[str | None, "owner/name; PyTorch by default"]
Sha = Annotated[str | None, "its commit, if known: found faster"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFacts:
    """One attempt of a job; what nobody could tell is None.

    Attributes:
        log: Handle of its log, for every tool that takes one.
        origin: Why it ran: ``push``, ``retry``, ``autorevert``, or the CI's word.
    """

    job_id: int
    name: str | None = None
    state: State | None = None
    conclusion: str | None = None
    status: str | None = None
    repo: str | None = None
    sha: str | None = None
    branch: str | None = None
    run_id: int | None = None
    attempt: int | None = None
    url: str | None = None
    started_at: datetime | None = None
    duration_s: float | None = None
    queue_s: float | None = None
    runner: str | None = None
    author: str | None = None
    origin: str | None = None
    annotation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLine:
    """A line that the HUD holds for the failure, and where it is in the log."""

    text: str
    line_number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFailure:
    """What the HUD's classifier once made of the log."""

    lines: tuple[StoredLine, ...] = ()
    captures: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    """What ran before, the nearest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One time that the job ran on its commit."""

    job_id: int | None = None
    run_id: int | None = None
    attempt: int | None = None
    state: State | None = None
    started_at: datetime | None = None
    duration_s: float | None = None
    runner: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLog:
    """Where the log of a job is.

    Attributes:
        handle: What tools take for it.
        running: It still grows.
        bytes: As it is stored, packed.
    """

    handle: str
    url: str | None = None
    running: bool | None = None
    bytes: int | None = None
    why: str | None = None
    """Why it is not to be had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobUsage:
    """How much of its machine the job used, in percent; see ``why`` where unknown."""

    has_gpu: bool | None = None
    percent: dict[str, float] = field(default_factory=dict)
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactRow:
    """A file that the run of the job left behind."""

    name: str
    bytes: int | None = None
    url: str | None = None
    expired: bool | None = None


@dataclass(frozen=True, kw_only=True)
class JobReport(Listing):
    """Everything there is about one job."""

    job: JobFacts | None = None
    failure: StoredFailure | None = None
    attempts: tuple[Attempt, ...] = ()
    log: JobLog | None = None
    usage: JobUsage = JobUsage()
    artifacts: tuple[ArtifactRow, ...] = ()

    @property
    def nothing(self) -> bool:
        """A job may well have no artifacts."""
        return self.job is None


@dataclass(frozen=True, slots=True, kw_only=True)
class HudSays:
    """The HUD's own classification of the log, beside ours.

    Attributes:
        agrees: It points at one of our causes or failed tests; None where the HUD
            has no line.
    """

    line: str | None = None
    line_number: int | None = None
    captures: tuple[str, ...] = ()
    agrees: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedJob:
    """Why one job failed, as its log tells it."""

    job_id: int
    name: str | None = None
    log: str
    bytes: int = 0
    category: Category = "unknown"
    confidence: float = 0.0
    reason: str = ""
    causes: tuple[JobCause, ...] = ()
    failed_tests: tuple[str, ...] = ()
    failed: int = 0
    """How many tests failed; ``failed_tests`` names the first of them."""
    hud: HudSays | None = None


@dataclass(frozen=True, kw_only=True)
class JobExplanations(Listing):
    """Why jobs failed, and which of them for one reason."""

    explained: tuple[ExplainedJob, ...] = ()
    clusters: tuple[JobCluster, ...] = ()
    without_failure: int = 0
