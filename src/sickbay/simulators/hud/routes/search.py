"""Jobs that failed in the same way."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
from starlette.routing import Route

from sickbay.simulators.hud import wire
from sickbay.simulators.hud.answers import as_json, crash, error, world_of
from sickbay.simulators.hud.commits import seconds
from sickbay.simulators.hud.failures import FAILURES, record

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sickbay.simulators.hud.runs import Run

MOST = 20
TWO_WEEKS_S = 14 * 86_400
MOST_SAMPLES = 1000


def search(request: Request) -> Response:
    """The jobs whose failure shares most words with the one asked for."""
    asked, world = request.query_params, world_of(request)
    if not asked.get("failure"):
        return error(400, "Missing failure")
    try:
        start, end = seconds(asked["startDate"]), seconds(asked["endDate"])
        least = float(asked.get("minScore", "1.0"))
    except (KeyError, ValueError):
        return crash()
    workflow, branch = asked.get("workflowName", ""), asked.get("branchName", "")
    found: list[tuple[float, float, Run]] = []
    for run in world.failed:
        at = run.completed or 0.0
        if not start <= at <= end or workflow not in {"", run.kind.workflow}:
            continue
        if branch not in {"", world.branch_of(run)}:
            continue
        if run.failure and (score := likeness(asked["failure"], run.failure)) >= least:
            found.append((-score, at, run))
    found.sort(key=lambda item: item[:2])
    return as_json({"jobs": [wire.named(world, run) for *_, run in found[:MOST]]})


def words(text: str) -> list[str]:
    """As an index of texts splits a line."""
    return re.findall(r"[a-z0-9]+(?:_[a-z0-9]+)*", text.lower())


@lru_cache(maxsize=4096)
def likeness(text: str, key: str) -> float:
    """How much of the text the failure's line says: rare words weigh most."""
    known = _frequencies()
    weights = (
        math.log(1 + len(FAILURES) / known[word])
        for word in set(words(text)) & set(words(record(key).line))
    )
    return 2 * sum(weights)


@lru_cache(maxsize=1)
def _frequencies() -> Counter[str]:
    return Counter(word for key in FAILURES for word in set(words(record(key).line)))


def failure(request: Request) -> Response:
    """More like this: jobs of two weeks that failed with the same captures."""
    asked, world = request.query_params, world_of(request)
    try:
        captures = msgspec.json.decode(asked.get("failureCaptures") or "undefined")
    except msgspec.DecodeError:
        return crash()
    fuzzy = asked.get("useFuzzySearch") == "true"
    since = world.now.timestamp() - TWO_WEEKS_S
    found = [
        run
        for run in world.failed
        if run.failure
        and (run.completed or 0) >= since
        and _same(captures, record(run.failure).captures, fuzzy=fuzzy)
    ]
    found.sort(key=lambda run: -(run.completed or 0))
    counts = Counter(run.kind.full_name for run in found)
    return as_json(
        {
            "jobCount": counts,
            "totalCount": len(found),
            "samples": [wire.named(world, run) for run in found[:MOST_SAMPLES]],
        }
    )


def _same(wanted: list[str], captures: tuple[str, ...], *, fuzzy: bool) -> bool:
    if not fuzzy:
        return tuple(wanted) == captures
    ours = set(words(" ".join(captures)))
    return bool(ours) and set(words(" ".join(wanted))) <= ours


ROUTES = (Route("/api/search", search), Route("/api/failure", failure))
