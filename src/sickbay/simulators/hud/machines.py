"""The machines that the jobs run on, and how much of them is used."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sickbay.simulators.chance import chance
from sickbay.simulators.hud.commits import REPO
from sickbay.simulators.hud.fleet import fleet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.simulators.hud.runs import Run
    from sickbay.simulators.hud.world import World

RECENT = 12  # commits whose jobs can still be under way
STEP_S = 60.0
MEASURES = ("cpu", "memory")
GPU_MEASURES = ("gpu", "gpu_memory_bandwidth", "gpu_allocated_memory")


def under_way(world: World) -> Iterator[Run]:
    """The jobs that wait or run now."""
    for order in range(world.count - RECENT, world.count):
        for runs in world.cells(order).values():
            if runs[-1].completed is None:
                yield runs[-1]


def has_gpu(run: Run) -> bool:
    """Whether the machine has one."""
    return "gpu" in run.kind.runner


def usage(run: Run) -> dict[str, float | bool]:
    """How much of its machine a job used, in percent; a missing GPU nothing."""
    draw = chance("usage", run.job_id)
    found: dict[str, float | bool] = {"has_gpu": has_gpu(run)}
    for measure in (*MEASURES, *GPU_MEASURES):
        there = measure in MEASURES or has_gpu(run)
        average = draw.uniform(12, 70) if there else 0.0
        high = min(100.0, average * draw.uniform(1.2, 1.6))
        found[f"{measure}_avg"] = round(average, 2)
        found[f"{measure}_p90"] = round((average + high) / 2, 2)
        found[f"{measure}_max"] = round(high, 2)
    return found


def measured(world: World, run_id: int) -> Iterator[Run]:
    """The jobs of a run of a workflow whose usage was measured."""
    for run in world.workflow_runs(run_id):
        if run.kind.role == "test" and run.completed is not None and not run.lost:
            yield run


def metadata(run: Run) -> dict[str, Any]:
    """What a measured job is called."""
    return {
        "workflow_id": run.run_id,
        "job_id": run.job_id,
        "run_attempt": run.attempt,
        "workflow_name": run.kind.workflow,
        "job_name": run.kind.name,
        "repo": REPO,
    }


def series(run: Run) -> list[dict[str, Any]]:
    """How much it used, minute by minute."""
    stats = usage(run)
    return [
        {
            "id": f"{measure}|util_percent|avg",
            "name": f"{measure} utilization (avg)",
            "records": list(_records(run, measure, float(stats[f"{measure}_avg"]))),
        }
        for measure in MEASURES
    ]


def _records(run: Run, measure: str, average: float) -> Iterator[dict[str, Any]]:
    draw = chance("series", measure, run.job_id)
    start = run.started or run.created
    for step in range(int((run.duration_s or 0) // STEP_S)):
        value = min(100.0, max(0.0, draw.gauss(average, 8)))
        yield {"ts": start + step * STEP_S, "value": round(value, 2)}


def groups(world: World) -> list[dict[str, Any]]:
    """The machines by label, as many as the jobs of some commits keep busy."""
    busy = Counter(run.kind.runner for run in under_way(world) if run.started)
    return [_group(label, busy[label]) for label in sorted({k.runner for k in fleet()})]


def _group(label: str, busy: int) -> dict[str, Any]:
    draw = chance("fleet", label)
    idle, offline = draw.randrange(4), draw.randrange(2)
    states = [("online", True)] * busy + [("online", False)] * idle
    states += [("offline", False)] * offline
    return {
        "label": label,
        "totalCount": len(states),
        "idleCount": idle,
        "busyCount": busy,
        "offlineCount": offline,
        "runners": [
            {
                "id": place,
                "name": f"i-{draw.getrandbits(64):016x}",
                "os": label.partition(".")[0],
                "status": status,
                "busy": works,
                "labels": [label],
            }
            for place, (status, works) in enumerate(states)
        ],
    }
