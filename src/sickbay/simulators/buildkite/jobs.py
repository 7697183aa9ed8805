"""One attempt of a job, as it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sickbay.simulators.buildkite.fleet import Host
    from sickbay.simulators.buildkite.steps import Step

Trouble = Literal[
    "regression",
    "known_issue",
    "flaky",
    "sick_agent",
    "out_of_memory",
    "agent_lost",
    "outage",
]
TROUBLES: tuple[Trouble, ...] = (
    "regression",
    "known_issue",
    "flaky",
    "sick_agent",
    "out_of_memory",
    "agent_lost",
    "outage",
)
FAILED = frozenset({"failed", "timed_out", "expired"})
UNFINISHED = frozenset({"scheduled", "waiting", "running"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow:
    """What hits an attempt.

    Attributes:
        key: The same for all that has the same reason, in all builds.
        way: How it shows in the log, a key of the suites' ways.
        seed: Of the numbers in its message.
    """

    key: str
    trouble: Trouble
    way: str
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One attempt of a job.

    Attributes:
        shard: None where the step has one job.
        created: Seconds since the epoch, as all times are.
        runnable: When it could have begun, had there been an agent.
        blow: What went wrong with it.
    """

    job_id: str
    step: Step
    number: int
    shard: int | None = None
    state: str = "passed"
    exit_status: int | None = None
    signal: str | None = None
    signal_reason: str | None = None
    broken_reason: str | None = None
    retried_in: str | None = None
    retry_of: str | None = None
    retry_type: str | None = None
    retries: int = 0
    host: Host | None = None
    created: float
    runnable: float | None = None
    started: float | None = None
    finished: float | None = None
    expired: float | None = None
    blow: Blow | None = None
    unblocker: str | None = None

    @property
    def name(self) -> str:
        """As Buildkite shows it."""
        if self.shard is None:
            return self.step.label
        return self.step.label.replace("%N", str(self.shard + 1))

    @property
    def failed(self) -> bool:
        """Whether it failed, softly or not."""
        return self.state in FAILED

    @property
    def soft_failed(self) -> bool:
        """Whether it failed and the build does not mind."""
        return self.failed and self.step.soft

    @property
    def retried(self) -> bool:
        """Whether another attempt took its place."""
        return self.retried_in is not None
