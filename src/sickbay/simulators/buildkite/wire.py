"""Builds and jobs as Buildkite's API words them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sickbay.simulators.buildkite.calendar import TITLES
from sickbay.simulators.buildkite.jobs import UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.simulators.buildkite.calendar import Slot
    from sickbay.simulators.buildkite.fleet import Host
    from sickbay.simulators.buildkite.jobs import Job
    from sickbay.simulators.buildkite.world import Build, World

WEB = "https://buildkite.com"
TAKES = 5
SCHEDULED = frozenset({"nightly", "torch", "daily", "amd", "release"})


def iso(time: float | None) -> str | None:
    """A time as Buildkite writes it."""
    if time is None:
        return None
    stamp = datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")
    return stamp.replace("+00:00", "Z")


def state(build: Build) -> str:
    """The state of a build, which is that of its jobs."""
    if build.slot.canceled:
        return "canceled"
    hard = any(
        job.failed and not job.retried and not job.soft_failed for job in build.jobs
    )
    if any(job.state in UNFINISHED for job in build.jobs):
        return "failing" if hard else "running"
    return "failed" if hard else "passed"


def finished_at(build: Build) -> float | None:
    """When the last of its jobs ended; None while one may still do something."""
    if any(job.state in UNFINISHED for job in build.jobs):
        return None
    return max((job.finished or 0.0 for job in build.jobs), default=0.0) + 3


def build_fields(build: Build, world: World, base: str) -> dict[str, Any]:
    """A build without its jobs.

    Args:
        build: The build.
        world: That it is in.
        base: Where the API is.
    """
    slot = build.slot
    place = f"{base}/organizations/{world.organization}/pipelines/{slot.pipeline}"
    return {
        "id": f"019a0000-0000-7000-a000-{slot.number:012x}",
        "graphql_id": f"QnVpbGQtLS0{slot.number:x}",
        "url": f"{place}/builds/{slot.number}",
        "web_url": web_url(world, slot),
        "number": slot.number,
        "state": state(build),
        "blocked": any(job.state == "blocked" for job in build.jobs),
        "cancel_reason": "Newer commit" if slot.canceled else None,
        "message": message(build, world),
        "commit": build.sha,
        "branch": branch(slot, world),
        "env": {"NIGHTLY": "1"} if slot.kind == "nightly" else {},
        "source": "schedule" if slot.kind in SCHEDULED else "webhook",
        **_people(slot, world),
        **_times(build),
        "meta_data": {},
        "pull_request": _pull(slot, world),
        "rebuilt_from": _rebuilt(build),
        "pipeline": {"id": f"p-{slot.pipeline}", "url": place, "slug": slot.pipeline},
        "jobs": [],
    }


def _people(slot: Slot, world: World) -> dict[str, Any]:
    name = world.author(slot)
    return {
        "author": {"name": name.name, "username": name.login, "email": name.email},
        "creator": {"name": creator(slot, world), "email": "ci@vllm.example"},
    }


def _times(build: Build) -> dict[str, Any]:
    begun = [job.started for job in build.jobs if job.started]
    hard = [
        job.finished
        for job in build.jobs
        if job.failed and not job.soft_failed and job.finished
    ]
    return {
        "created_at": iso(build.slot.created),
        "scheduled_at": iso(build.slot.created),
        "started_at": iso(min(begun, default=None)),
        "failing_at": iso(min(hard, default=None)),
        "finished_at": iso(finished_at(build)),
    }


def _rebuilt(build: Build) -> dict[str, Any] | None:
    return {"number": build.rebuilt_from} if build.rebuilt_from else None


def counts(jobs: Sequence[Job]) -> dict[str, Any]:
    """How many jobs there are, and in which state."""
    return {"total": len(jobs), "states": dict(Counter(job.state for job in jobs))}


def web_url(world: World, slot: Slot) -> str:
    """Where people look at a build."""
    return f"{WEB}/{world.organization}/{slot.pipeline}/builds/{slot.number}"


def branch(slot: Slot, world: World) -> str:
    """The branch that a build is of."""
    if slot.pull is None:
        return world.branch
    return f"{world.author(slot).login}:fix-{slot.pull}"


def creator(slot: Slot, world: World) -> str:
    """Who or what began a build."""
    return "vLLM schedules" if slot.kind in SCHEDULED else world.author(slot).name


def message(build: Build, world: World) -> str:
    """The first line says what kind of build it is."""
    slot = build.slot
    if slot.kind in TITLES:
        return TITLES[slot.kind]
    subject = world.commits[slot.order].message.partition(" (#")[0]
    return f"{subject}, take {1 + slot.number % TAKES}"


def _pull(slot: Slot, world: World) -> dict[str, Any] | None:
    if slot.pull is None:
        return None
    clone = f"https://github.com/{world.repo}.git"
    return {"id": str(slot.pull), "base": world.branch, "repository": clone}


def job_fields(job: Job, build: Build, world: World, base: str) -> dict[str, Any]:
    """A job; what runs nothing says less."""
    step, slot = job.step, build.slot
    plain = {
        "id": job.job_id,
        "graphql_id": f"Sm9iLS0t{job.job_id[-12:]}",
        "type": step.kind,
        "name": job.name or None,
        "step_key": step.key or None,
        "group_key": step.group,
        "state": job.state,
        "web_url": f"{web_url(world, slot)}#{job.job_id}",
    }
    if step.kind == "manual":
        unblocker = {"name": job.unblocker} if job.unblocker else None
        return plain | {
            "label": job.name,
            "unblocked_by": unblocker,
            "unblocked_at": iso(job.finished) if unblocker else None,
            "unblockable": job.state == "blocked",
            "unblock_url": f"{_place(job, slot, world, base)}/unblock",
        }
    if step.kind != "script":
        return plain
    return plain | _script(job, slot, world, base)


def _place(job: Job, slot: Slot, world: World, base: str) -> str:
    return (
        f"{base}/organizations/{world.organization}/pipelines/{slot.pipeline}"
        f"/builds/{slot.number}/jobs/{job.job_id}"
    )


def _script(job: Job, slot: Slot, world: World, base: str) -> dict[str, Any]:
    step, place = job.step, _place(job, slot, world, base)
    return {
        "build_url": place.partition("/jobs/")[0],
        "log_url": f"{place}/log",
        "raw_log_url": f"{place}/log.txt",
        "artifacts_url": f"{place}/artifacts",
        "command": command(job),
        "soft_failed": job.soft_failed,
        "exit_status": job.exit_status,
        "signal": job.signal,
        "signal_reason": job.signal_reason,
        "broken_reason": job.broken_reason,
        "artifact_paths": "junit/*.xml" if step.suite else None,
        "agent": _agent(job.host, job.job_id),
        "agent_query_rules": [f"queue={step.queue}"],
        "parallel_group_index": job.shard,
        "parallel_group_total": step.shards if step.parallel else None,
        "matrix": None,
        "cluster_queue_id": f"cq-{step.queue}",
        **_attempt(job),
    }


def _attempt(job: Job) -> dict[str, Any]:
    source = {"job_id": job.retry_of, "retry_type": job.retry_type}
    return {
        "created_at": iso(job.created),
        "scheduled_at": iso(job.created),
        "runnable_at": iso(job.runnable),
        "started_at": iso(job.started),
        "finished_at": iso(job.finished),
        "expired_at": iso(job.expired),
        "retried": job.retried,
        "retried_in_job_id": job.retried_in,
        "retries_count": job.retries or None,
        "retry_type": job.retry_type,
        "retry_source": source if job.retry_of else None,
    }


def command(job: Job) -> str:
    """What a job runs."""
    shards = job.step.shards
    if job.shard is None:
        return job.step.command
    return f"{job.step.command} --shard-id={job.shard} --num-shards={shards}"


def _agent(host: Host | None, job_id: str) -> dict[str, Any] | None:
    if host is None:
        return None
    digits = host.name.encode().hex()[-12:]
    return {
        "id": f"019a1111-{job_id[9:13]}-7000-a000-{digits:0>12}",
        "name": host.agent,
        "hostname": host.name,
        "connection_state": "connected",
        "meta_data": [f"queue={host.queue}"],
    }
