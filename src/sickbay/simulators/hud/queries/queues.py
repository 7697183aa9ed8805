"""Jobs that wait for a machine, and how long jobs waited."""

from __future__ import annotations

from collections import defaultdict
from statistics import mean
from typing import TYPE_CHECKING, Any

from sickbay.simulators.hud.commits import REPO, iso, seconds
from sickbay.simulators.hud.fleet import fleet
from sickbay.simulators.hud.machines import under_way
from sickbay.simulators.hud.queries.declared import TIMES, Declared
from sickbay.simulators.hud.queries.trunk import bucket, landed_between
from sickbay.simulators.hud.wire import html_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.simulators.hud.queries.declared import Row
    from sickbay.simulators.hud.runs import Run
    from sickbay.simulators.hud.world import World

QUEUED_S = 300


def waiting(world: World, least_s: float = QUEUED_S) -> list[tuple[int, Run]]:
    """The jobs that have waited so long, the longest first."""
    now = world.now.timestamp()
    found = [
        (int(now - run.created), run) for run in under_way(world) if not run.started
    ]
    return sorted(
        (pair for pair in found if pair[0] > least_s), key=lambda pair: -pair[0]
    )


def _queued(world: World, _: dict[str, Any]) -> Iterator[Row]:
    for queue_s, run in waiting(world):
        yield {
            "queue_s": queue_s,
            "name": run.kind.full_name,
            "html_url": html_url(run),
            "machine_type": run.kind.runner,
            "head_sha": world.commit(run.order).sha,
            "head_branch": world.branch_of(run),
            "event": "push",
            "source_type": "main",
            "ciflow_id": "",
        }


def _by_label(world: World, _: dict[str, Any]) -> Iterator[Row]:
    found: dict[str, list[int]] = defaultdict(list)
    for queue_s, run in waiting(world):
        found[run.kind.runner].append(queue_s)
    for label, waits in sorted(found.items(), key=lambda item: -max(item[1])):
        yield {
            "count": len(waits),
            "avg_queue_s": max(waits),
            "machine_type": label,
            "time": iso(world.now.timestamp(), millis=True),
        }


def _aggregate(world: World, values: dict[str, Any]) -> Iterator[Row]:
    found: dict[str, list[int]] = defaultdict(list)
    for queue_s, run in waiting(world, 60 * values["queuedThresholdMinutes"]):
        found[run.kind.runner].append(queue_s)
    for label, waits in sorted(found.items()):
        if values["runnerLabels"] and label not in values["runnerLabels"]:
            continue
        yield {
            "runner_label": label,
            "org": "pytorch",
            "repo": REPO,
            "num_queued_jobs": len(waits),
            "min_queue_time_minutes": min(waits) // 60,
            "max_queue_time_minutes": max(waits) // 60,
        }


def _historical(world: World, values: dict[str, Any]) -> Iterator[Row]:
    found: dict[tuple[str, str], int] = {}
    for landed in landed_between(world, values):
        for runs in world.cells(landed.order).values():
            for run in runs:
                if run.started is not None:
                    time = _slice(run.created, values["granularity"])
                    place = time, run.kind.runner
                    found[place] = max(found.get(place, 0), run.queue_s or 0)
    for (time, label), queue_s in sorted(found.items()):
        yield {
            "granularity_bucket": time,
            "avg_queue_s": queue_s,
            "machine_type": label,
        }


def _slice(time: float, granularity: str) -> str:
    """The beginning of the hour, day, week or month."""
    if granularity == "hour":
        return iso(time - time % 3600, millis=True)
    return f"{bucket(time, granularity)}T00:00:00.000Z"


def _machine_types(_: World, __: dict[str, Any]) -> Iterator[Row]:
    for label in sorted({kind.runner for kind in fleet()}):
        yield {"label": label}


def spans(
    world: World, values: dict[str, Any]
) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """Time to signal and duration of the jobs of a time, by workflow and job."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    if values.get("branch", world.branch) not in {world.branch, "%"}:
        return found
    for landed in landed_between(world, values):
        for runs in world.cells(landed.order).values():
            for run in runs[:1]:
                if run.completed is not None and run.conclusion == "success":
                    signal = run.completed - landed.time
                    name = run.kind.workflow, run.kind.group
                    found[name].append((signal, run.duration_s or 0))
    return found


def _tts(world: World, values: dict[str, Any]) -> Iterator[Row]:
    rows = [
        {
            "tts_sec": int(mean(signal for signal, _ in times)),
            "count": len(times),
            "name": f"{workflow} / {group}",
        }
        for (workflow, group), times in spans(world, values).items()
    ]
    yield from sorted(rows, key=lambda row: -int(str(row["count"])))


def _durations(world: World, values: dict[str, Any]) -> Iterator[Row]:
    for (workflow, group), times in sorted(spans(world, values).items()):
        yield {
            "name": f"{workflow} / {group}",
            "duration_sec": int(mean(duration for _, duration in times)),
            "count": len(times),
        }


def _time_to_signal(world: World, values: dict[str, Any]) -> Iterator[Row]:
    start, now = seconds(values["startTime"]), world.now.timestamp()
    weeks: dict[str, list[float]] = defaultdict(list)
    for landed in world.landed:
        ends = [
            runs[0].completed
            for runs in world.cells(landed.order).values()
            if runs[0].kind.workflow in {"pull", "trunk"}
        ]
        done = [end for end in ends if end is not None]
        if start <= landed.time <= now and done and len(done) == len(ends):
            weeks[bucket(landed.time, "week")].append(max(done) - landed.time)
    for week, times in sorted(weeks.items(), reverse=True):
        yield {
            "week_bucket": f"{week}T00:00:00.000Z",
            "avg_tts": round(mean(times) / 3600, 2),
            "branch": world.branch,
        }


BRANCH = TIMES | {"branch": "String"}
QUERIES = {
    "queued_jobs": Declared(rows=_queued),
    "queued_jobs_by_label": Declared(rows=_by_label),
    "queued_jobs_aggregate": Declared(
        rows=_aggregate,
        params={
            "queuedThresholdMinutes": "Int64",
            "maxAgeDays": "Int64",
            "orgs": "Array(String)",
            "repo": "String",
            "runnerLabels": "Array(String)",
        },
        defaults={
            "queuedThresholdMinutes": 30,
            "maxAgeDays": 3,
            "orgs": ["pytorch", "pytorch-labs", "meta-pytorch"],
            "repo": "",
            "runnerLabels": [],
        },
    ),
    "queue_times_historical": Declared(
        rows=_historical, params=TIMES | {"granularity": "String"}
    ),
    "all_machine_types": Declared(rows=_machine_types),
    "tts_avg": Declared(rows=_tts, params=BRANCH),
    "job_duration_avg": Declared(rows=_durations, params=BRANCH),
    "time_to_signal": Declared(
        rows=_time_to_signal, params={"startTime": "DateTime64(3)"}
    ),
}
