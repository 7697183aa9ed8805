"""What PyTorch HUD knows besides commits and jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - decoders are made from these
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sickbay.ci.models import Commit, Job, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class HudPage:
    """A page of the grid.

    Attributes:
        job_names: The page's own, each with the place of its column.
        commits: How many were sent, readable or not.
        unreadable: Values in it that made no sense and were left out.
        gaps: Commits of rows before which one was left out.
    """

    rows: tuple[Row, ...] = ()
    job_names: tuple[str, ...] = ()
    commits: int = 0
    unreadable: int = 0
    gaps: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """One attempt of a run of a workflow; ``origin`` says why it ran."""

    run_id: int
    attempt: int | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitPage:
    """A commit, its jobs, and the runs by workflow."""

    commit: Commit
    jobs: tuple[Job, ...] = ()
    runs: Mapping[str, list[RunInfo]]
    unreadable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureHistory:
    """Jobs of the last two weeks that failed the same way.

    Attributes:
        counts: How many of each job.
        total: How many there are; ``samples`` may be fewer.
        samples: The newest first.
    """

    counts: Mapping[str, int]
    total: int = 0
    samples: tuple[Job, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DisabledTest:
    """A test that is skipped because of an issue; no platforms means all of them."""

    name: str
    issue: str
    url: str
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DisabledJob:
    """A job that is switched off, or does not count, because of an issue."""

    name: str
    author: str
    issue: str
    url: str
    workflow: str = ""
    platform: str = ""
    config: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisabledLists:
    """Everything that is switched off now, or does not count."""

    tests: tuple[DisabledTest, ...] = ()
    jobs: tuple[DisabledJob, ...] = ()
    unstable: tuple[DisabledJob, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlace:
    """Where the log of a job is.

    Attributes:
        running: It is of a job that has not ended, and grows.
        bytes: As stored, which may be packed; None where the store does not say.
    """

    url: str
    running: bool = False
    bytes: int | None = None


class PullCommit(Struct, frozen=True):
    """A commit of a pull request."""

    sha: str = ""
    title: str = ""


class Pull(Struct, frozen=True):
    """A pull request: its commits from the oldest to the newest, also replaced ones."""

    number: int = 0
    title: str = ""
    body: str = ""
    shas: tuple[PullCommit, ...] = ()


class AdvisorVerdict(Struct, frozen=True, kw_only=True):
    """What HUD's own assistant thinks of one failure.

    ``verdict`` is ``revert``, ``related``, ``not_related``, ``infra_issue``,
    ``garbage`` or ``unsure``.
    """

    verdict: str = ""
    confidence: float | None = None
    summary: str = ""
    causal_reasoning: str = ""
    signal_key: str = ""
    signal_source: str = ""
    workflow_name: str = ""
    sha: str = ""
    run_id: int | None = None
    timestamp: datetime | None = None


class FlakyTest(Struct, frozen=True):
    """A test that HUD has seen."""

    name: str = ""
    classname: str = ""
    file: str = ""
    invoking_file: str = ""
    last_run: str = ""


class FlakyTests(Struct, frozen=True):
    """A page of tests, and how many there are on all pages."""

    count: int = 0
    tests: tuple[FlakyTest, ...] = ()


class StatusChange(Struct, frozen=True):
    """A test whose outcome differs between two commits; no status: it did not run."""

    name: str = ""
    classname: str = ""
    invoking_file: str = ""
    workflow_name: str = ""
    job_name: str = ""
    prev_status: str = ""
    new_status: str = ""


class Issue(Struct, frozen=True):
    """An issue of the repository, found by its label."""

    number: int = 0
    title: str = ""
    html_url: str = ""
    state: str = ""
    body: str = ""
    updated_at: datetime | None = None
    author_association: str = ""
    labels: tuple[str, ...] = ()


class Artifact(Struct, frozen=True, rename="camel"):
    """A file that a run left behind."""

    name: str = ""
    kind: str = ""
    expired: bool = False
    size_in_bytes: int | None = None
    url: str = ""


class JobUtilization(Struct, frozen=True):
    """How much of its machine a job used: ``cpu_max``, ``gpu_p90`` and such."""

    workflow_id: int | None = None
    job_id: int | None = None
    run_attempt: int | None = None
    workflow_name: str = ""
    job_name: str = ""
    repo: str = ""
    stats: dict[str, float | bool | None] = {}


class UtilizationSeries(Struct, frozen=True):
    """How much of its machine a job used over time."""

    metadata: dict[str, Any] = {}
    ts_list: tuple[dict[str, Any], ...] = ()


class UtilizationReports(Struct, frozen=True):
    """How much workflows or jobs used over weeks."""

    group_key: str = ""
    metadata_list: tuple[dict[str, Any], ...] = ()
    min_time: str | None = None
    max_time: str | None = None


class Runner(Struct, frozen=True):
    """A machine that runs jobs."""

    id: int | None = None
    name: str = ""
    os: str = ""
    status: str = ""
    busy: bool = False
    labels: tuple[str | dict[str, Any], ...] = ()


class RunnerGroup(Struct, frozen=True, rename="camel"):
    """The machines with the same label."""

    label: str = ""
    total_count: int = 0
    idle_count: int = 0
    busy_count: int = 0
    offline_count: int = 0
    runners: tuple[Runner, ...] = ()


class Runners(Struct, frozen=True, rename="camel"):
    """The machines of an organisation."""

    groups: tuple[RunnerGroup, ...] = ()
    total_runners: int = 0


class FlakyRule(Struct, frozen=True):
    """Failures with such a name and such captures are known to be flaky."""

    name: str = ""
    captures: tuple[str, ...] = ()


class Autorevert(Struct, frozen=True):
    """Why a bot reverted a commit."""

    commit_sha: str = ""
    workflows: tuple[str, ...] = ()
    source_signal_keys: tuple[str, ...] = ()


class AutorevertState(Struct, frozen=True, rename="camel"):
    """What the bot that reverts saw at a moment: signals by commits."""

    ts: datetime | None = None
    commits: tuple[Any, ...] = ()
    commit_times: dict[str, Any] = {}
    columns: tuple[dict[str, Any], ...] = ()
    outcomes: dict[str, Any] = {}
    advisor_dispatches: tuple[dict[str, Any], ...] = ()
    available_workflows: tuple[str, ...] = ()
    meta: dict[str, Any] = {}


class AutorevertMetrics(Struct, frozen=True, rename="camel"):
    """How right the bot that reverts was."""

    summary: dict[str, Any] = {}
    weekly_metrics: tuple[dict[str, Any], ...] = ()
    significant_reverts: tuple[dict[str, Any], ...] = ()
    killswitch_windows: Any = None
    false_positives: Any = None
    false_negatives: tuple[dict[str, Any], ...] = ()


class AutorevertFalsePositives(Struct, frozen=True):
    """Reverts of commits that were not at fault."""

    summary: dict[str, Any] = {}
    confirmed_false_positives: tuple[dict[str, Any], ...] = ()
    legit_reverts: tuple[dict[str, Any], ...] = ()
    unknown: tuple[dict[str, Any], ...] = ()


class BenchmarkArtifact(Struct, frozen=True, rename="camel"):
    """A file that a benchmark left behind."""

    key: str = ""
    url: str = ""
    date: str = ""
    model_name: str = ""
    device_type: str = ""
    device_name: str = ""
    file_name: str = ""
    commit_hash: str = ""
    workflow_id: str = ""


class JobAnnotation(Struct, frozen=True):
    """What a person said of a failed job, such as ``TEST_FLAKE``."""

    job_id: int | None = field(name="jobID", default=None)
    repo: str = ""
    annotation: str = ""
