"""How one attempt of a job ends, and whether somebody tries again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sickbay.simulators.buildkite.suites import ways_of

if TYPE_CHECKING:
    from random import Random

    from sickbay.simulators.buildkite.jobs import Blow, Job

RUN_S = (420.0, 3900.0)
CHORE_S = (600.0, 1900.0)  # what builds something instead
SETUP_S = (9.0, 28.0)  # where it never comes to the tests
EXPIRE_S = 6 * 3600.0
BY_HAND_S = (300.0, 5400.0)  # until somebody tries again
AT_ONCE_S = 2.0
LOST_AGAIN, BY_HAND = 0.85, 0.12
TAKEN_BACK = 0.6  # of the lost machines say that they stop
MOST_ATTEMPTS = 3
STOPPED: dict[str, Any] = {
    "exit_status": -1,
    "signal": "SIGTERM",
    "signal_reason": "cancel",
}
NOTHING: dict[str, Any] = {
    "exit_status": None,
    "signal": None,
    "signal_reason": None,
    "finished": None,
    "expired": None,
    "blow": None,
}
NOWHERE: dict[str, Any] = {"host": None, "started": None}


def ended(job: Job, blow: Blow | None, draw: Random) -> Job:
    """A job that has begun, as it ends if nobody stops it."""
    start = job.started or 0.0
    over = start + draw.uniform(*(RUN_S if job.step.suite else CHORE_S))
    early = start + (over - start) * draw.uniform(0.2, 0.9)
    if blow is None:
        return replace(job, exit_status=0, finished=over)
    hit = replace(job, state="failed", blow=blow)
    match blow.way:
        case "expire":
            late = (job.runnable or job.created) + EXPIRE_S
            hit = replace(hit, state="expired", expired=late, finished=late)
            return replace(hit, **NOWHERE)
        case "cancel":
            plain = replace(job, state="canceled", finished=early)
            return replace(plain, **STOPPED)
        case "lost":
            told = STOPPED | {"signal_reason": "agent_stop"}
            more = told if draw.random() < TAKEN_BACK else {"exit_status": -1}
            return replace(hit, finished=early, **more)
        case "oom_killed":
            signal = "SIGKILL" if blow.seed % 2 else None
            return replace(hit, exit_status=137, signal=signal, finished=early)
        case "registry" | "pypi" | "git":
            over = start + draw.uniform(*SETUP_S)
    return _told(hit, blow, over)


def _told(job: Job, blow: Blow, over: float) -> Job:
    """A job that its tests ended."""
    way = ways_of(job.step.suite)[blow.way]
    if way.kind != "hang":
        return replace(job, exit_status=way.exit_status, finished=over)
    late = (job.started or 0.0) + job.step.timeout_min * 60
    return replace(replace(job, state="timed_out", finished=late), **STOPPED)


def cut(job: Job, end: float, *, canceled: bool) -> Job:
    """The attempt as it is at a time, which may be when its build was canceled."""
    if (job.finished or 0.0) <= end:
        return job
    plain = replace(job, **NOTHING)
    begun = job.started is not None and job.started <= end
    if canceled:
        plain = replace(plain, state="canceled", finished=end)
        return replace(plain, **(STOPPED if begun else NOWHERE))
    if begun:
        return replace(plain, state="running")
    ready = (job.runnable or 0.0) <= end
    state = "scheduled" if ready else "waiting"
    runnable = job.runnable if ready else None
    return replace(plain, state=state, runnable=runnable, **NOWHERE)


def again(job: Job, attempts: int, draw: Random) -> tuple[str, float] | None:
    """How a job is tried again, and when; None if it is not.

    Args:
        job: Its last attempt.
        attempts: How many there were.
        draw: Chance.
    """
    luck = draw.random()
    if not job.failed or attempts >= MOST_ATTEMPTS or job.finished is None:
        return None
    lost = job.exit_status == -1 and job.signal_reason != "cancel"
    if attempts == 1 and (job.step.retries or (lost and luck < LOST_AGAIN)):
        return "automatic", job.finished + AT_ONCE_S
    if luck < BY_HAND and job.step.suite:
        return "manual", job.finished + draw.uniform(*BY_HAND_S)
    return None
