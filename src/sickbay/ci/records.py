"""Records: what a history keeps of a build, whatever CI it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from datetime import datetime

    from sickbay.ci.states import State
    from sickbay.core.results import Skipped
    from sickbay.logs.report import Outcome

Source = Literal["buildkite", "hud", "github", "junit", "log"]
"""Where a build was read."""

Listing = Literal["all", "failed", "none"]
"""Which of the tests that ran in a job are among its results.

``all``: a test that is not there did not run. ``failed``: one that is not there passed
or did not run. ``none``: nobody read its results; the state of the job is all there is.
"""


# A bulk of builds holds millions of results: see ``ci.models.Job``.
class ResultRecord(Struct, frozen=True, kw_only=True, gc=False):
    """How one test ended in one attempt of a job.

    Attributes:
        test_id: Canonical: the same from whatever folder a job ran it.
        job_id: The attempt of a job, as ``JobRecord.job_id``.
        outcome: ``rerun`` where it failed, and passed when its session repeated it.
        attempts: How often its session ran it.
        signature: Fingerprint of the failure; empty where it passed.
        message: First line of the failure.
        line: Of the job's log, from 1.
    """

    test_id: str
    job_id: str
    outcome: Outcome
    attempts: int = 1
    duration_s: float | None = None
    signature: str = ""
    exception: str | None = None
    message: str | None = None
    line: int | None = None


class JobRecord(Struct, frozen=True, kw_only=True, gc=False):
    """One attempt of a job.

    Attributes:
        name: As the CI shows it.
        variant: The same for all shards and attempts of the job, in all builds.
        shard: None where the job is not one of several.
        attempt: From 1.
        last: Whether it is the attempt that counts.
        infra: Why the machine and not the code failed it; None where nothing says so.
        tests_run: By the test framework's own count, with ``tests_failed``.
        complete: Whether ``results`` have every test that failed in it.
        log: Handle of its log.
        runner: Label or queue of the machine; ``host`` is its name.
    """

    job_id: str
    name: str
    variant: str
    state: State
    shard: int | None = None
    attempt: int = 1
    last: bool = True
    soft_failed: bool = False
    exit_status: int | None = None
    signal: str | None = None
    infra: str | None = None
    listing: Listing = "none"
    complete: bool = False
    tests_run: int | None = None
    tests_failed: int | None = None
    started_at: datetime | None = None
    duration_s: float | None = None
    queue_s: float | None = None
    host: str | None = None
    runner: str | None = None
    url: str | None = None
    log: str | None = None


class CauseRecord(Struct, frozen=True, kw_only=True, gc=False):
    """One failure in one attempt of a job, and the cause that it has with others.

    Attributes:
        cause_id: The same for the same cause in other builds.
        signature: Fingerprint of this failure.
        test_id: None where the job failed and no test did.
        category: What the cause is taken for, such as ``NEW_REGRESSION``.
        trouble: The same, finer, such as ``out_of_memory``.
        confidence: Of the category, from 0 to 1.
        text: The line that tells the cause best.
        excerpt: Lines of the log around it.
        line: Of the log, from 1.
    """

    cause_id: str
    job_id: str
    text: str
    signature: str = ""
    test_id: str | None = None
    category: str = "NEEDS_HUMAN_TRIAGE"
    trouble: str = "unknown"
    confidence: float = 0.0
    excerpt: str | None = None
    line: int | None = None


class BuildRecord(Struct, frozen=True, kw_only=True):
    """One build: one run of a CI on one commit.

    Attributes:
        build_id: Unique in the world: ``buildkite:vllm/ci/64854``.
        pipeline: What of the CI it is a build of: ``vllm/ci``, ``pytorch/pytorch``.
        number: As the CI shows it; a commit's short name where builds have none.
        title: First line of its message.
        state: The CI's own word.
        created_at: When the build began.
        committed_at: When its commit landed: the place in the order of commits.
        missing: What could not be read of it, and why.
    """

    build_id: str
    source: Source
    pipeline: str
    number: str
    created_at: datetime
    branch: str = ""
    sha: str = ""
    title: str = ""
    author: str | None = None
    state: str = ""
    url: str | None = None
    pull_request: int | None = None
    committed_at: datetime | None = None
    finished_at: datetime | None = None
    jobs: tuple[JobRecord, ...] = ()
    results: tuple[ResultRecord, ...] = ()
    causes: tuple[CauseRecord, ...] = ()
    missing: tuple[Skipped, ...] = ()

    @property
    def ordered_at(self) -> datetime:
        """Its place in the order of commits."""
        return self.committed_at or self.created_at
