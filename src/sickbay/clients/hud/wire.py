"""The grid, commits and jobs as PyTorch HUD sends them: every field may be missing."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - the decoder is made from these

from msgspec import Struct


class Cell(Struct, rename="camel", gc=False):
    """A job in the grid; one without any of these fields did not run."""

    id: int | None = None
    html_url: str | None = None
    conclusion: str | None = None
    status: str | None = None
    duration_s: float | None = None
    queue_time_s: float | None = None
    failure_lines: list[str | None] | None = None
    failure_line_numbers: list[int | None] | None = None
    failure_captures: list[str | None] | None = None
    failure_context: list[str | None] | None = None
    failure_annotation: str | None = None
    failed_previous_run: bool | None = None
    run_attempt: int | None = None
    runner_name: str | None = None
    author_email: str | None = None
    time: datetime | None = None
    run_origin: str | None = None
    branch: str | None = None
    workflow_id: int | None = None


class Job(Cell, rename="camel", gc=False):
    """A job anywhere else: it says its name and where it belongs."""

    name: str | None = None
    workflow_name: str | None = None
    job_name: str | None = None
    sha: str | None = None
    repo: str | None = None


class Commit(Struct, rename="camel"):
    """A commit; in the grid with its jobs, in the order of the page's names."""

    sha: str = ""
    commit_title: str | None = None
    commit_message_body: str | None = None
    author: str | None = None
    time: datetime | None = None
    commit_url: str | None = None
    pr_num: int | None = None
    diff_num: str | None = None
    is_forced_merge: bool | None = None
    is_forced_merge_with_failures: bool | None = None
    is_autoreverted: bool | None = None
    jobs: list[Cell | None] | None = None


class Page(Struct, rename="camel"):
    """A page of the grid."""

    sha_grid: list[Commit | None] | None = None
    job_names: list[str | None] = []


class Run(Struct, rename="camel"):
    """A run of a workflow."""

    id: int | None = None
    attempt: int | None = None
    run_origin: str | None = None


class CommitPage(Struct, rename="camel"):
    """One commit with all its jobs."""

    commit: Commit | None = None
    jobs: list[Job] = []
    workflow_ids_by_name: dict[str, list[Run]] = {}


class Jobs(Struct):
    """What a search for jobs gives."""

    jobs: list[Job] = []


class Failures(Struct, rename="camel"):
    """Jobs that failed the same way."""

    job_count: dict[str, int] = {}
    total_count: int = 0
    samples: list[Job] = []


class FailedJobs(Struct, rename="camel"):
    """Jobs that failed on a branch, and what people said of each."""

    failed_jobs: list[Job] = []
    annotations_map: dict[str, dict[str, str | None]] = {}
