"""Machines: who runs what, how much of them is used, and what runs leave behind."""

from __future__ import annotations

from collections import defaultdict
from statistics import quantiles
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from sickbay.simulators.chance import chance
from sickbay.simulators.hud.answers import as_json, error, parts, world_of
from sickbay.simulators.hud.commits import REPO, seconds
from sickbay.simulators.hud.machines import groups, measured, metadata, usage
from sickbay.simulators.hud.queries.trunk import bucket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from sickbay.simulators.hud.runs import Run
    from sickbay.simulators.hud.world import World

ORGANISATIONS = ("pytorch", "meta-pytorch")
ARTIFACTS = "https://gha-artifacts.s3.amazonaws.com"
KEYS = {"workflow_name": "workflow_name", "job_name": "job_name"}
REPORTED_COMMITS = 40
DAY_S = 86_400
TENTHS = 10


def artifacts(request: Request) -> Response:
    """The files that runs of workflows left behind; other ids have none."""
    world, path = world_of(request), parts(request)
    ids = path[3].split(",")
    if path[2] != "s3":
        return error(400, f"Unknown provider {path[2]}")
    if not all(text.isdigit() for text in ids):
        return error(400, "Invalid workflow id")
    runs = [run for text in ids for run in world.workflow_runs(int(text))]
    found = [_artifact(run) for run in runs if run.completed and not run.lost]
    return as_json(sorted(found, key=lambda artifact: artifact["name"]))


def _artifact(run: Run) -> dict[str, Any]:
    kind = run.kind
    name = f"logs-{kind.role}-{kind.slot}-{run.job_id}.zip"
    if kind.role == "build":
        name = f"{kind.environment}/artifacts.zip"
    if kind.config:
        shard = f"{kind.config}-{kind.shard}-{kind.shards}-{kind.runner}"
        name = f"test-reports-test-{shard}_{run.job_id}.zip"
    return {
        "name": name,
        "kind": "s3",
        "expired": False,
        "sizeInBytes": chance("artifact", run.job_id).randrange(10**4, 10**8),
        "url": f"{ARTIFACTS}/{REPO}/{run.run_id}/{run.attempt}/artifact/{name}",
    }


def utilization(request: Request) -> Response:
    """The measured jobs of a run."""
    world, run_id = world_of(request), request.path_params["run_id"]
    runs = list(measured(world, run_id))
    full = request.query_params.get("includes_stats") == "true"
    rows = [
        {**metadata(run), **({"stats": usage(run)} if full else {})} for run in runs
    ]
    name = runs[0].kind.workflow if runs else ""
    return as_json(
        {"workflow_id": run_id, "workflow_name": name, "metadata_list": rows}
    )


def job_utilization(_: Request) -> Response:
    """One job's usage over time: only for people who are logged in."""
    return error(401, "Unauthorized")


def reports(request: Request) -> Response:
    """What jobs used, by workflow or by job."""
    world, asked = world_of(request), request.query_params
    group = parts(request)[2]
    if group not in KEYS:
        return error(400, f"Invalid group_by {group}")
    try:
        start, end = seconds(asked["start_time"]), seconds(asked["end_time"])
    except (KeyError, ValueError):
        return error(400, "Invalid start_time or end_time")
    rows = list(_reported(world, group, start, end))
    times = sorted(row["time"] for row in rows)
    ends = {"min_time": times[0], "max_time": times[-1]} if times else {}
    return as_json({"group_key": group, "metadata_list": rows, **ends})


def _reported(
    world: World, group: str, start: float, end: float
) -> Iterator[dict[str, Any]]:
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for landed in world.landed[-REPORTED_COMMITS:]:
        if not start <= landed.time - landed.time % DAY_S <= end:  # as days, too
            continue
        for runs in world.cells(landed.order).values():
            run = runs[-1]
            if run.kind.role == "test" and run.completed is not None and not run.lost:
                day = bucket(run.completed, "day")
                name = str(metadata(run)[group])
                found[day, name, run.kind.workflow].append(usage(run))
    for (day, name, workflow), stats in sorted(found.items()):
        yield {
            "time": day,
            group: name,
            "parent_group": workflow,
            "total_runs": len(stats),
            **_spread(stats),
        }


def _spread(stats: list[dict[str, Any]]) -> dict[str, float]:
    spread: dict[str, float] = {}
    for measure in ("cpu", "memory", "gpu"):
        values = [
            item[f"{measure}_avg"]
            for item in stats
            if measure != "gpu" or item["has_gpu"]
        ]
        if not values:
            continue
        tenths = quantiles([*values, values[-1]], n=TENTHS)
        spread[f"{measure}_avg"] = round(sum(values) / len(values), 2)
        spread[f"{measure}_p50"] = round(tenths[4], 2)
        spread[f"{measure}_p90"] = round(tenths[8], 2)
    return spread


def runners(request: Request) -> Response:
    """The machines of an organisation, by label."""
    if parts(request)[2] not in ORGANISATIONS:
        return error(400, "Unsupported organization")
    found = groups(world_of(request))
    total = sum(group["totalCount"] for group in found)
    return as_json({"groups": found, "totalRunners": total})


def corresponding(request: Request) -> Response:
    """The run of the same workflow on another commit."""
    world, asked = world_of(request), request.query_params
    order, run_id = world.order(asked.get("sha", "")), asked.get("workflowId", "")
    runs = world.workflow_runs(int(run_id)) if run_id.isdigit() else []
    if order is None or not runs:
        return as_json([])
    ids = {
        run.run_id
        for others in world.cells(order).values()
        for run in others
        if run.kind.workflow_slot == runs[0].kind.workflow_slot
    }
    return as_json([{"id": run_id} for run_id in sorted(ids)])


ROUTES = (
    Route("/api/artifacts/{provider}/{ids}", artifacts),
    Route("/api/list_utilization_metadata_info/{run_id:int}", utilization),
    Route(
        "/api/job_utilization/{run_id:int}/{job_id:int}/{attempt:int}", job_utilization
    ),
    Route("/api/list_util_reports/{group}", reports),
    Route("/api/runners/{organisation}", runners),
    Route("/api/corresponding_workflow_id", corresponding),
)
