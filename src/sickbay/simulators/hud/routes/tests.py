"""Test cases: which there are, where they failed, what changed between two commits."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.routing import Route

from sickbay.simulators.chance import chance
from sickbay.simulators.hud import wire
from sickbay.simulators.hud.answers import as_json, crash, error, world_of
from sickbay.simulators.hud.cases import cases, ran
from sickbay.simulators.hud.commits import iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from sickbay.simulators.hud.world import World

MOST = 200
LOOK_BACK = 1000


def catalogue(request: Request) -> Response:
    """The test cases whose name, class and file have these parts."""
    world, asked = world_of(request), request.query_params
    wanted = (asked.get("name", ""), asked.get("suite", ""), asked.get("file", ""))
    try:
        size, page = int(asked.get("per_page", "100")), int(asked.get("page", "1"))
    except ValueError:
        return crash()
    found = [
        {
            "name": case.name,
            "classname": case.suite,
            "file": f"{case.file}.py",
            "invoking_file": case.file.replace("/", "."),
            "last_run": iso(world.now.timestamp() - 3600, millis=True),
        }
        for case in cases()
        if case.fits(*wanted)
    ]
    first = (page - 1) * size
    return as_json({"count": len(found), "tests": found[first : first + size]})


def failures(request: Request) -> Response:
    """The jobs in which one test failed, the newest first."""
    world, asked = world_of(request), request.query_params
    keys = {
        case.key
        for case in cases()
        if case.breaks
        and asked.get("name") == case.name
        and asked.get("suite") in {case.suite, "", None}
        and asked.get("file") in {f"{case.file}.py", "", None}
    }
    found = [run for run in world.failed if run.failure in keys]
    found.sort(key=lambda run: -(run.completed or 0))
    limit = int(asked.get("limit", "100"))
    return as_json([wire.named(world, run) for run in found[:limit]])


def nothing(_: Request) -> Response:
    """What has been switched off."""
    return as_json([])


async def changes(request: Request) -> Response:
    """The tests that went differently on two commits."""
    world = world_of(request)
    asked: Mapping[str, Any] = request.query_params
    if request.method == "POST":
        asked = msgspec.json.decode(await request.body())
    shas = asked.get("sha1"), asked.get("sha2")
    if not all(shas):
        return error(400, "Missing sha1 or sha2")
    orders = [world.order(str(sha)) for sha in shas]
    if None in orders:
        return crash()
    fuzzy = str(asked.get("fuzzy", "")).lower() == "true"
    before, after = (_statuses(world, order or 0, fuzzy=fuzzy) for order in orders)
    files, jobs = _listed(asked.get("files")), _listed(asked.get("jobs"))
    rows = [
        _change(key, before.get(key, ""), after.get(key, ""))
        for key in sorted(before.keys() | after.keys())
        if before.get(key, "") != after.get(key, "")
        and (not files or key[2] in files)
        and (not jobs or f"{key[3]} / {key[4]}" in jobs)
    ]
    return as_json(rows[:MOST])


def _change(key: tuple[str, ...], before: str, after: str) -> dict[str, str]:
    names = ("name", "classname", "invoking_file", "workflow_name", "job_name")
    statuses = {"prev_status": before, "new_status": after}
    return {**dict(zip(names, key, strict=True)), **statuses}


def _listed(value: Any) -> list[str]:  # noqa: ANN401 - text of a query, or JSON
    if isinstance(value, str):
        value = msgspec.json.decode(value or "[]")
    return list(value or [])


def _statuses(world: World, order: int, *, fuzzy: bool) -> dict[tuple[str, ...], str]:
    """How each test went, by test and job; jobs without their shards.

    Args:
        world: Where to look.
        order: Of the commit.
        fuzzy: Take a job that did not run there from an earlier commit.
    """
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    looked: set[int] = set()
    orders = range(order, max(order - LOOK_BACK, -1), -1)
    for at in orders if fuzzy and order < world.count else (order,):
        for slot, runs in world.cells(at).items():
            if slot in looked:
                continue
            looked.add(slot)
            for run in runs:
                for case, status in ran(world, run):
                    file = case.file.replace("/", ".")
                    kind = run.kind
                    place = (case.name, case.suite, file, kind.workflow, kind.group)
                    found[place].append(status)
    return {place: _whole(statuses) for place, statuses in found.items()}


def _whole(statuses: list[str]) -> str:
    """One word for all attempts."""
    if "failure" in statuses:
        return "flaky" if "success" in statuses else "failure"
    return "flaky" if "flaky" in statuses else statuses[0]


def report(request: Request) -> Response:
    """What the files of tests cost, commit by commit."""
    world, asked = world_of(request), request.query_params
    try:
        start, end = float(asked["startDate"]), float(asked["endDate"])
    except (KeyError, ValueError):
        return error(400, "Missing startDate or endDate")
    commits = [item for item in world.landed if start <= item.time <= end]
    rows = [_cost(file) for file in sorted({case.file for case in cases()})]
    return as_json(
        {
            "commits": [
                {"sha": item.sha, "push_date": int(item.time)} for item in commits
            ],
            "results": {item.sha: rows for item in commits[-2:]},
        }
    )


def _cost(file: str) -> dict[str, object]:
    draw = chance("cost", file)
    count = sum(case.file == file for case in cases())
    time = round(draw.uniform(1, 900), 1)
    return {
        "file": f"{file}.py",
        "workflow_name": "pull",
        "count": count,
        "time": time,
        "cost": round(time / 3600 * draw.uniform(0.5, 3), 4),
        "skipped": draw.randrange(count),
    }


ROUTES = (
    Route("/api/flaky-tests/search", catalogue),
    Route("/api/flaky-tests/failures", failures),
    Route("/api/flaky-tests/3dStats", nothing),
    Route("/api/flaky-tests/statusChanges", changes, methods=["GET", "POST"]),
    Route("/api/flaky-tests/fileReport", report),
)
