"""Failed jobs and the jobs of commits, as rows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sickbay.simulators.hud import wire
from sickbay.simulators.hud.commits import REPO, iso, seconds
from sickbay.simulators.hud.failures import record
from sickbay.simulators.hud.machines import measured, metadata, series, usage
from sickbay.simulators.hud.queries.declared import EPOCH, TIMES, Declared, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.simulators.hud.queries.declared import Row
    from sickbay.simulators.hud.runs import Run
    from sickbay.simulators.hud.world import World

MAIN_REPOS = {"", REPO}


def _failed(world: World, values: dict[str, Any]) -> Iterator[Row]:
    start, stop = seconds(values["startTime"]), seconds(values["stopTime"])
    for run in reversed(world.failed):
        landed = world.commit(run.order)
        if not start <= landed.time <= stop or values["repo"] not in MAIN_REPOS:
            continue
        if run.completed is None or world.branch_of(run) != values["branch"]:
            continue
        shape = wire.named(world, run)
        keys = ("sha", "id", "conclusion", "htmlUrl", "logUrl", "durationS")
        found = ("failureLines", "failureCaptures", "failureLineNumbers")
        yield {
            "jobName": run.kind.full_name,
            **{key: shape[key] for key in (*keys, *found)},
        }


def _captures(world: World, values: dict[str, Any]) -> Iterator[Row]:
    start, stop = seconds(values["startTime"]), seconds(values["stopTime"])
    found: Counter[str] = Counter()
    for run in world.failed:
        main = run.order < world.count
        if run.failure and main and start <= (run.completed or 0) <= stop:
            found[run.failure] += 1
    for key, num in found.most_common():
        left = record(key)
        yield {"num": num, "example": left.line, "captures": list(left.captures)}


def row(world: World, run: Run) -> Row:
    """A job with ClickHouse's words for what is missing."""
    left = record(run.failure) if run.failure else None
    found = wire.classification(run, world.log_bytes)
    return {
        "time": _time(run.started or run.created),
        "workflowName": run.kind.workflow,
        "jobName": run.kind.name,
        "name": run.kind.full_name,
        "sha": world.commit(run.order).sha,
        "id": run.job_id,
        "branch": world.branch_of(run),
        "workflowId": run.run_id,
        "runAttempt": run.attempt,
        "conclusion": run.conclusion,
        "status": run.status,
        "htmlUrl": wire.html_url(run),
        "logUrl": wire.log_url(run),
        "runnerName": run.runner_name,
        "queueTimeS": run.queue_s or 0,
        "durationS": run.duration_s or 0,
        "started_at": _time(run.started),
        "completed_at": _time(run.completed),
        **found,
        "failureContext": list(left.context) if left else [],
    }


def _time(time: float | None) -> str:
    return EPOCH if time is None else f"{iso(time)[:19]}.000000000Z"


def _batch(world: World, values: dict[str, Any]) -> Iterator[Row]:
    for sha in values["shas"]:
        order = world.order(sha)
        for runs in world.cells(order).values() if order is not None else ():
            yield row(world, runs[-1])


def _failed_on(world: World, values: dict[str, Any]) -> Iterator[Row]:
    for row_of in _batch(world, {"shas": values["shas"].strip("[]'").split("','")}):
        if row_of["conclusion"] in {"failure", "timed_out"}:
            yield row_of


def _of_commit(world: World, values: dict[str, Any]) -> Iterator[Row]:
    order = world.order(values["sha"])
    for runs in world.cells(order).values() if order is not None else ():
        for run in runs:
            if values["workflowId"] in {0, run.run_id}:
                yield row(world, run)


def _merge_bases(world: World, values: dict[str, Any]) -> Iterator[Row]:
    for sha in values["shas"]:
        order = world.order(sha)
        if order is None or order not in world.heads:
            continue
        base = world.landed[world.heads[order].base]
        yield {
            "head_sha": sha,
            "merge_base": base.sha,
            "merge_base_commit_date": iso(base.time, millis=True),
        }


def _usage(world: World, values: dict[str, Any]) -> Iterator[Row]:
    for run in measured(world, values["workflowId"]):
        yield {**metadata(run), **usage(run)}


def _metadata(world: World, values: dict[str, Any]) -> Iterator[Row]:
    for run in measured(world, values["workflowId"]):
        yield metadata(run)


def _series(world: World, values: dict[str, Any]) -> Iterator[Row]:
    for run in measured(world, values["workflowId"]):
        if (run.job_id, run.attempt) == (values["jobId"], values["runAttempt"]):
            for line in series(run):
                for point in line["records"]:
                    yield {"ts": _time(point["ts"]), "data": str(point["value"])}


def _job_info(world: World, values: dict[str, Any]) -> Iterator[Row]:
    for job_id in values["job_ids"]:
        run = world.run(int(job_id))
        if run is None or run.kind.flavour == "rerun_disabled_tests":
            continue
        yield {
            "name": run.kind.name,
            "workflow_name": run.kind.workflow,
            "id": run.job_id,
            "workflow_id": run.run_id,
            "head_branch": world.branch_of(run),
            "run_attempt": run.attempt,
            "html_url": wire.html_url(run),
        }


def _rockset(_: World, __: dict[str, Any]) -> Iterator[Row]:
    message = (
        "Syntax error: failed at position 87 (':'): :workflowNames. (SYNTAX_ERROR)"
    )
    raise Refused(f"Code: 62. DB::Exception: {message}")


OF_RUN = {"workflowId": "UInt64", "repo": "String"}
ROCKSET = (
    "correlation_matrix",
    "flaky_tests/across_jobs",
    "runner_utilization",
    "runner_utilization_by_activity",
    "runner_utilization_by_repo",
)
QUERIES = {
    "failed_workflow_jobs": Declared(
        rows=_failed, params=TIMES | {"branch": "String", "repo": "String"}
    ),
    "log_captures_count": Declared(rows=_captures, params=TIMES),
    "commit_jobs_batch_query": Declared(rows=_batch, params={"shas": "Array(String)"}),
    "commit_failed_jobs": Declared(rows=_failed_on, params={"shas": "String"}),
    "commit_jobs_query": Declared(
        rows=_of_commit,
        params={
            "repo": "String",
            "sha": "String",
            "workflowId": "Int64",
            "runAttempt": "Int64",
        },
    ),
    "merge_bases": Declared(
        rows=_merge_bases, params={"shas": "Array(String)", "repo": "String"}
    ),
    "oss_ci_util/oss_ci_list_util_stats": Declared(rows=_usage, params=OF_RUN),
    "oss_ci_util/oss_ci_list_util_metadata_info": Declared(
        rows=_metadata, params=OF_RUN
    ),
    "oss_ci_util/oss_ci_util_ts": Declared(
        rows=_series,
        params=OF_RUN | {"jobId": "UInt64", "runAttempt": "UInt32", "type": "String"},
        defaults={"type": "utilization"},
    ),
    "flaky_tests/across_file_reruns/workflow_job_info": Declared(
        rows=_job_info, params={"job_ids": "Array(Int64)"}
    ),
    **{name: Declared(rows=_rockset) for name in ROCKSET},
}
