"""Benchmarks and their regressions, and the CI of projects further down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.routing import Route

from sickbay.simulators.chance import chance
from sickbay.simulators.hud.answers import as_json, error, lost, parts, world_of
from sickbay.simulators.hud.commits import REPO, iso, seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from sickbay.simulators.hud.commits import Landed
    from sickbay.simulators.hud.world import World

NAMES = (
    "compiler_precompute",
    "compiler_inductor",
    "pytorch_operator_microbenchmark",
    "torchao_micro_api_benchmark",
    "vllm_benchmark",
    "pytorch_x_vllm_benchmark",
    "better_benchmark_summary",
)
MODELS = ("BERT_pytorch", "resnet50", "hf_T5", "timm_vision_transformer")
EVERY = 8  # commits
MOST_REPORTS = 200
DOWNSTREAM = ("pytorch/vision", "pytorch/audio", "vllm-project/vllm")
MOST_ASKED = 50


async def benchmark(request: Request) -> Response:
    """Commits, settings, values and reports of a benchmark."""
    what, world = parts(request)[2], world_of(request)
    if request.method == "POST":
        asked = msgspec.json.decode(await request.body())
    else:
        given = request.query_params
        asked = msgspec.json.decode(given.get("parameters") or "{}") or dict(given)
    if what == "list_regression_summary_reports":
        return as_json(_reports(world, asked))
    if what == "get_regression_summary_report":
        found = [item for item in _all_reports(world) if item["id"] == asked.get("id")]
        return as_json(found[0]) if found else error(404, "No such report")
    if what == "group_data":
        return as_json(list(_groups(world)))
    if asked.get("name") not in NAMES:
        return error(400, f"Unsupported benchmark {asked.get('name')}")
    landed = _benched(world, asked.get("query_params", {}))
    if what == "list_commits":
        commits = [{"commit": at.sha, "date": iso(at.time)} for at in landed]
        return as_json({"data": {"branch": {world.branch: commits}}})
    if what == "list_metadata":
        return as_json({"data": [{"type": "model", "options": list(MODELS)}]})
    return _values(request, landed) if what == "get_time_series" else lost()


def _values(request: Request, landed: list[Landed]) -> Response:
    secret = request.headers.get("x-hud-internal-bot")
    if secret != request.app.state.faults.bot_token:
        return error(401, "Unauthorized")
    return as_json({"data": {"time_series": [_series(m, landed) for m in MODELS]}})


def _benched(world: World, asked: dict[str, Any]) -> list[Landed]:
    start = seconds(asked.get("startTime", "1970-01-01"))
    stop = seconds(asked.get("stopTime", "2100-01-01"))
    return [
        landed
        for landed in world.landed
        if landed.order % EVERY == 0 and start <= landed.time <= stop
    ]


def _series(model: str, landed: list[Landed]) -> dict[str, Any]:
    return {
        "group_info": {"model": model, "metric": "speedup"},
        "data": [
            {"commit": at.sha, "granularity_bucket": iso(at.time)}
            | {"value": round(chance(model, at.sha).gauss(1.6, 0.03), 3)}
            for at in landed
        ],
    }


def _all_reports(world: World) -> list[dict[str, Any]]:
    return [
        {
            "id": f"report-{landed.order}",
            "report_id": "compiler_regression",
            "created_at": iso(landed.time),
            "last_record_ts": iso(landed.time),
            "last_record_commit": landed.sha,
            "status": chance("report", landed.sha).choice(
                ("no_regression", "suspicious")
            ),
            "repo": REPO,
        }
        for landed in reversed(world.landed)
        if landed.order % (3 * EVERY) == 0
    ]


def _reports(world: World, asked: dict[str, Any]) -> dict[str, Any]:
    limit = min(int(asked.get("limit", 25)), MOST_REPORTS)
    before = asked.get("last_ts_token") or "9999"
    found = [item for item in _all_reports(world) if item["last_record_ts"] < before]
    page = found[:limit]
    more = page[-1]["last_record_ts"] if len(found) > limit else None
    return {"reports": page, "next_cursor": more}


def _groups(world: World) -> Iterator[dict[str, Any]]:
    landed = _benched(world, {})
    for model in MODELS:
        yield {"groupInfo": {"model": model}, "rows": _series(model, landed)["data"]}


def crcr(request: Request) -> Response:
    """The CI of projects that are built on this one."""
    what, asked, world = parts(request)[2], request.query_params, world_of(request)
    if what == "allowlist":
        return as_json({"L1": list(DOWNSTREAM[:2]), "L2": list(DOWNSTREAM[2:])})
    key = {"commit-info": "shas", "pr-info": "prs"}.get(what)
    if key is None:
        return error(404, "Not found")
    wanted = [part for part in asked.get(key, "").split(",") if part]
    if not 0 < len(wanted) <= MOST_ASKED:
        return error(400, f"{key} must have 1 to {MOST_ASKED} entries")
    if key == "shas":
        orders = {sha: world.order(sha) for sha in wanted}
        found = {sha: at for sha, at in orders.items() if at is not None}
        titles = {sha: world.commit(order).title for sha, order in found.items()}
    else:
        pulls = {n: world.pulls.get(int(n)) for n in wanted if n.isdigit()}
        titles = {number: pull.title for number, pull in pulls.items() if pull}
    return as_json({name: {"title": title} for name, title in titles.items()})


def profiles(request: Request) -> Response:
    """The files that benchmarks left behind."""
    world, asked = world_of(request), request.query_params
    days = int(asked.get("lookbackDays", "30"))
    repo = asked.get("repository", "vllm-project/vllm")
    since = world.now.timestamp() - 86_400 * min(days, 180)
    files = [
        {
            "key": f"{repo}/{landed.sha}/{model}.json.gz",
            "url": f"https://gha-artifacts.s3.amazonaws.com/{repo}/{landed.sha}/{model}.json.gz",
            "date": iso(landed.time)[:10],
            "modelName": model,
            "deviceType": "cuda",
            "deviceName": "H100",
            "fileName": f"{model}.json.gz",
            "commitHash": landed.sha,
            "workflowId": str(14_000_000_000 + landed.order),
        }
        for landed in _benched(world, {})
        for model in MODELS
        if landed.time >= since and asked.get("modelName", model) == model
    ]
    return as_json({"files": files})


ROUTES = (
    Route("/api/benchmark/{what}", benchmark, methods=["GET", "POST"]),
    Route("/api/crcr/{what}", crcr),
    Route("/api/artifacts", profiles),
)
