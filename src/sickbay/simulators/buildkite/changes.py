"""What somebody changes in the world."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sickbay.simulators.buildkite.answers import Refused
from sickbay.simulators.buildkite.course import job_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sickbay.simulators.buildkite.jobs import Job
    from sickbay.simulators.buildkite.world import Build, World

AGAIN = frozenset({"failed", "timed_out", "canceled", "expired", "passed"})


def retried(world: World, build: Build, job: Job) -> Job:
    """The new attempt of a job, which waits for an agent.

    Raises:
        Refused: Such a job cannot be tried again.
    """
    if job.step.kind != "script":
        raise Refused(400, "Only script jobs can be retried")
    if job.retried:
        raise Refused(400, "Jobs can only be retried once")
    if job.state not in AGAIN:
        raise Refused(400, f"A job that is {job.state} cannot be retried")
    again = replace(
        _fresh(job, world),
        job_id=job_id(job.number, "retry", job.job_id),
        retry_of=job.job_id,
        retry_type="manual",
        retries=job.retries + 1,
    )
    place = build.jobs.index(job)
    build.jobs[place : place + 1] = [replace(job, retried_in=again.job_id), again]
    _noted(world, build, "retry", job.job_id)
    return again


def unblocked(world: World, build: Build, job: Job, fields: Mapping[str, Any]) -> Job:
    """The manual step, open; what waited for it waits for an agent now.

    Raises:
        Refused: It is none, or nothing waits for it.
    """
    if job.step.kind != "manual":
        raise Refused(400, "This job type cannot be unblocked")
    if job.state != "blocked":
        raise Refused(400, "This job is not blocked")
    now = world.now.timestamp()
    opened = replace(job, state="unblocked", finished=now, unblocker="API")
    build.jobs[:] = [
        opened if one is job
        else _fresh(one, world) if one.step.behind == job.step.key
        else one
        for one in build.jobs
    ]  # fmt: skip
    _noted(world, build, "unblock", job.job_id, dict(fields))
    return opened


def rebuilt(world: World, build: Build) -> Build:
    """A new build of the same commit, nothing of which has begun."""
    slots = [slot for slot in world.slots if slot.pipeline == build.slot.pipeline]
    number = max(slot.number for slot in slots) + 1
    slot = replace(
        build.slot, number=number, created=world.now.timestamp(), canceled=False
    )
    again = world.add(slot)
    again.rebuilt_from = build.slot.number
    _noted(world, build, "rebuild", number)
    return again


def _fresh(job: Job, world: World) -> Job:
    now = world.now.timestamp()
    return replace(
        job, state="scheduled", exit_status=None, signal=None, signal_reason=None,
        host=None, created=now, runnable=now, started=None, finished=None,
        expired=None, blow=None,
    )  # fmt: skip


def _noted(world: World, build: Build, what: str, *which: object) -> None:
    build.edition += 1
    world.changes.append((what, *which))
