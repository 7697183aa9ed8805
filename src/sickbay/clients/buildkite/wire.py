"""Builds and jobs as Buildkite's API sends them: every field may be missing."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - the decoder is made from these

from msgspec import Struct


class Agent(Struct, omit_defaults=True, gc=False):
    """The agent that a job ran on; its meta data is like ``queue=gpu_1``."""

    name: str | None = None
    hostname: str | None = None
    meta_data: list[str] | None = None


class RetrySource(Struct, omit_defaults=True, gc=False):
    """What a job retries."""

    job_id: str | None = None
    retry_type: str | None = None


class Step(Struct, omit_defaults=True, gc=False):
    """The step of a job."""

    id: str | None = None


class Job(Struct, omit_defaults=True):
    """A step of a build that ran, waits, blocks or triggers."""

    id: str | None = None
    type: str | None = None
    name: str | None = None
    label: str | None = None
    step: Step | None = None
    step_key: str | None = None
    group_key: str | None = None
    state: str | None = None
    exit_status: int | None = None
    signal: str | None = None
    signal_reason: str | None = None
    soft_failed: bool | None = None
    retried: bool | None = None
    retried_in_job_id: str | None = None
    retry_source: RetrySource | None = None
    retry_type: str | None = None
    parallel_group_index: int | None = None
    parallel_group_total: int | None = None
    command: str | None = None
    agent: Agent | None = None
    agent_query_rules: list[str] | None = None
    created_at: datetime | None = None
    runnable_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    web_url: str | None = None
    build_url: str | None = None


class Person(Struct, omit_defaults=True, gc=False):
    """Who did something."""

    name: str | None = None
    username: str | None = None
    email: str | None = None


class Pull(Struct, omit_defaults=True, gc=False):
    """A pull request; its id is its number."""

    id: str | int | None = None


class Pipeline(Struct, omit_defaults=True, gc=False):
    """The pipeline of a build; its address names the organization."""

    slug: str | None = None
    url: str | None = None


class Counts(Struct, omit_defaults=True, gc=False):
    """How many jobs a build has."""

    total: int | None = None


class Build(Struct, omit_defaults=True):
    """A build."""

    id: str | None = None
    number: int | None = None
    url: str | None = None
    web_url: str | None = None
    state: str | None = None
    source: str | None = None
    branch: str | None = None
    commit: str | None = None
    message: str | None = None
    author: Person | None = None
    creator: Person | None = None
    pull_request: Pull | None = None
    pipeline: Pipeline | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    job_state_counts: Counts | None = None
    jobs: list[Job] | None = None


class Links(Struct, frozen=True, omit_defaults=True, gc=False):
    """Where the next page is."""

    next: str | None = None


class JobPage(Struct, omit_defaults=True):
    """Some of the jobs of a build."""

    items: list[Job] = []
    links: Links = Links()


class Annotation(Struct, omit_defaults=True):
    """What a job, or a plugin, said about a build."""

    id: str | None = None
    context: str | None = None
    style: str | None = None
    scope: str | None = None
    job_id: str | None = None
    priority: int | None = None
    body_html: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


class Artifact(Struct, omit_defaults=True):
    """A file that a job left behind."""

    id: str | None = None
    job_id: str | None = None
    path: str | None = None
    filename: str | None = None
    mime_type: str | None = None
    file_size: int | None = None
    sha1sum: str | None = None
    state: str | None = None
    download_url: str | None = None


class Refusal(Struct):
    """What the API says where it does not do what was asked."""

    message: str | None = None
    scope: str | None = None
    reset: int | None = None


class PublicBuild(Build, omit_defaults=True):
    """A build as its public page has it, where other names are used."""

    branch_name: str | None = None
    commit_id: str | None = None
    author_name: str | None = None
    creator_name: str | None = None


class PublicJob(Job, omit_defaults=True):
    """A job as the public pages list it."""

    step_uuid: str | None = None
    passed: bool | None = None
    retried_in_job_uuid: str | None = None


class PublicJobs(Struct, omit_defaults=True):
    """Some of the jobs of a build."""

    records: list[PublicJob] = []
    has_next_page: bool = False
