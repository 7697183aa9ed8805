"""Builds, their jobs and the attempts of those: of a CI that numbers its builds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from sickbay.ci.models import Job

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sickbay.ci.states import Ending

Kind = Literal["script", "manual", "waiter", "trigger"]
"""What a step of a build is; only a script has a log."""


class Attempt(Job, frozen=True, kw_only=True, gc=False):
    """One attempt of a job in a build.

    Attributes:
        kind: Of its step.
        step_key: What the pipeline calls its step.
        group: Of steps, that it belongs to.
        shard: Its place among parallel jobs of one step, from 0; of ``shards``.
        exit_status: -1 where the agent was lost.
        signal: That ended it, such as ``SIGKILL``.
        signal_reason: Why, in the agent's words, such as ``agent_stop``.
        soft_failed: It failed, and the build goes on as if it had not.
        retried: Another attempt took its place, ``retried_in`` if the CI says which.
        retry_of: The attempt whose place it took.
        retry_type: ``automatic`` or ``manual``.
        host: Name of its machine; ``runner`` is the name of its agent.
        queue: That its agent serves.
        finished_at: None while it runs.
    """

    kind: Kind = "script"
    step_key: str | None = None
    group: str | None = None
    shard: int | None = None
    shards: int | None = None
    exit_status: int | None = None
    signal: str | None = None
    signal_reason: str | None = None
    soft_failed: bool = False
    retried: bool = False
    retried_in: str | None = None
    retry_of: str | None = None
    retry_type: str | None = None
    host: str | None = None
    queue: str | None = None
    command: str | None = None
    finished_at: datetime | None = None

    @property
    def place(self) -> tuple[str, int | None]:
        """What is the same for all attempts of a job, and for it in other builds."""
        return self.step_key or self.name, self.shard


@dataclass(frozen=True, slots=True)
class BuildJob:
    """A job of a build with all its attempts, the last one last."""

    attempts: tuple[Attempt, ...]

    @property
    def last(self) -> Attempt:
        """The attempt that counts."""
        return self.attempts[-1]

    @property
    def name(self) -> str:
        """As the CI shows it."""
        return self.last.name

    @property
    def place(self) -> tuple[str, int | None]:
        """The same for this job in other builds."""
        return self.last.place

    @property
    def failed_attempts(self) -> tuple[Attempt, ...]:
        """The attempts that failed, a retried one included."""
        return tuple(attempt for attempt in self.attempts if attempt.failed)

    @property
    def ending(self) -> Ending:
        """How it ended, all attempts together."""
        last = self.last
        if last.passed:
            return "flaky" if self.failed_attempts else "passed"
        if last.failed:
            return "soft_failed" if last.soft_failed else "failed"
        if last.state == "cancelled":
            return "canceled"
        if last.conclusion in _BROKEN:
            return "broken"
        if last.state == "action_required":
            return "blocked"
        return "unfinished" if last.unfinished else "skipped"


_BROKEN = frozenset({"broken", "waiting_failed", "blocked_failed", "unblocked_failed"})


@dataclass(frozen=True, kw_only=True)
class Build:
    """One build.

    Attributes:
        state: The CI's own word.
        message: The whole of it; its first line says what kind of build it is.
        author: Who made the commit, as ``name <address>`` or a login.
        creator: Who, or what schedule, started the build.
        attempts: Of all jobs, waiters and blocked steps included.
        why: What is missing of it, for people; None where nothing is.
    """

    organization: str
    pipeline: str
    number: int
    url: str
    branch: str = ""
    sha: str = ""
    message: str = ""
    state: str = ""
    source: str | None = None
    author: str | None = None
    creator: str | None = None
    pull_request: int | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempts: tuple[Attempt, ...] = ()
    why: str | None = None

    @property
    def title(self) -> str:
        """The first line of its message."""
        return self.message.split("\n", 1)[0].strip()

    @property
    def finished(self) -> bool:
        """Whether all of it is over."""
        return self.finished_at is not None

    @cached_property
    def jobs(self) -> tuple[BuildJob, ...]:
        """Its jobs that run something, in the build's order, attempts joined."""
        return joined(item for item in self.attempts if item.kind == "script")


def joined(attempts: Iterable[Attempt]) -> tuple[BuildJob, ...]:
    """Jobs of attempts, in the order of their first ones.

    Attempts belong together where one says that it retries another; a name proves
    nothing, since parallel jobs share it. What contradicts itself is taken apart.
    """
    numbered = enumerate(attempts)
    found = {str(item.job_id or f"#{nth}"): item for nth, item in numbered}
    later = {item.retried_in: key for key, item in found.items() if item.retried_in}
    before = {key: later.get(key) or item.retry_of for key, item in found.items()}
    after = {first: key for key, first in before.items() if first in found}
    firsts = [key for key in found if before[key] not in found]
    chains, taken = dict[str, BuildJob](), set[str]()
    for start in (*firsts, *found):
        chain = []
        place: str | None = start
        while place is not None and place not in taken:
            taken.add(place)
            chain.append(found[place])
            place = after.get(place)
        if chain:
            chains[start] = BuildJob(tuple(chain))
    return tuple(chains[key] for key in found if key in chains)
