"""The bot that reverts commits: what it did, what it saw, how right it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.routing import Route

from sickbay.simulators.hud.answers import as_json, error, parts, world_of
from sickbay.simulators.hud.commits import REPO, iso, seconds
from sickbay.simulators.hud.fleet import fleet
from sickbay.simulators.hud.reverts import events, plots
from sickbay.simulators.hud.wire import representative, word

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sickbay.simulators.hud.world import World

SEEN = 24  # commits that the bot looks at
LOOK_BACK_H = 18


def reverted(request: Request) -> Response:
    """Why a commit was reverted."""
    sha = parts(request)[4]
    of_sha = [event for event in events(world_of(request)) if event.sha == sha]
    if not of_sha:
        return error(404, "No autorevert data found for this commit")
    last = of_sha[-1].wire()
    keys = ("commit_sha", "workflows", "source_signal_keys")
    return as_json({key: last[key] for key in keys})


def state(request: Request) -> Response:
    """The signals that the bot saw at a time, by commit."""
    world, asked = world_of(request), request.query_params
    now = seconds(asked["ts"]) if "ts" in asked else world.now.timestamp()
    wanted = msgspec.json.decode(asked.get("workflows") or "[]")
    seen = [landed for landed in reversed(world.landed) if landed.time <= now][:SEEN]
    columns = [
        column
        for plot in plots(world)
        for spell in plot.spells
        for slot in sorted(spell.slots)
        if (column := _column(world, slot, [landed.order for landed in seen]))
        and (not wanted or column["workflow"] in wanted)
    ]
    outcomes = {
        f"{item['workflow']}:{item['key']}": item["outcome"] for item in columns
    }
    return as_json(
        {
            "ts": iso(now, millis=True),
            "commits": [landed.sha for landed in seen],
            "commitTimes": {landed.sha: iso(landed.time) for landed in seen},
            "columns": columns,
            "outcomes": outcomes,
            "advisorDispatches": [],
            "availableWorkflows": sorted({kind.workflow for kind in fleet()}),
            "meta": {"lookbackHours": LOOK_BACK_H, "repo": REPO},
        }
    )


def _column(world: World, slot: int, orders: list[int]) -> dict[str, Any]:
    kind = fleet()[slot]
    cells: dict[str, list[dict[str, Any]]] = {}
    for order in orders:
        runs = world.cells(order).get(slot, ())
        cells[world.landed[order].sha] = [
            {"status": word(run), "started_at": iso(run.created), "ended_at": None}
            | ({"ended_at": iso(run.completed)} if run.completed else {})
            for run in runs
        ]
    known = [world.cells(at)[slot] for at in orders if slot in world.cells(at)]
    outcome = word(representative(known[0])) if known else "not enough data"
    named = {"workflow": kind.workflow, "key": kind.name, "outcome": outcome}
    return {**named, "cells": cells}


def metrics(request: Request) -> Response:
    """How right the bot was: the world knows that it always is."""
    found = _between(request)
    if found is None:
        return error(400, "Missing startTime or stopTime")
    count = len(found)
    return as_json(
        {
            "summary": {
                "total_autoreverts": count,
                "true_positives": count,
                "confirmed_false_positives": 0,
                "false_negatives": 0,
                "precision": 100.0 if count else None,
                "recall": 100.0 if count else None,
            },
            "weeklyMetrics": [],
            "significantReverts": found,
            "killswitchWindows": [],
            "falsePositives": {"candidates": [], "confirmed": []},
            "falseNegatives": [],
        }
    )


def false_positives(request: Request) -> Response:
    """The reverts that were wrong: none."""
    found = _between(request)
    if found is None:
        return error(400, "Missing startTime or stopTime")
    return as_json(
        {
            "summary": {"total": len(found), "confirmed": 0},
            "confirmed_false_positives": [],
            "legit_reverts": found,
            "unknown": [],
        }
    )


def _between(request: Request) -> list[dict[str, Any]] | None:
    asked = request.query_params
    try:
        start, stop = seconds(asked["startTime"]), seconds(asked["stopTime"])
    except (KeyError, ValueError):
        return None
    return [
        event.wire()
        for event in events(world_of(request))
        if event.action == "revert" and start <= event.time <= stop
    ]


ROUTES = (
    Route("/api/autorevert/state", state),
    Route("/api/autorevert/metrics", metrics),
    Route("/api/autorevert/false-positives", false_positives),
    Route("/api/autorevert/{owner}/{repo}/{sha}", reverted),
)
