"""Flaky jobs and tests, and tests that are disabled."""

from __future__ import annotations

import fnmatch
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from math import sqrt
from typing import TYPE_CHECKING, Any

from sickbay.simulators.hud.cases import Case, cases, flaked
from sickbay.simulators.hud.commits import REPO, seconds
from sickbay.simulators.hud.failures import FAILURES, WORKSPACE, record
from sickbay.simulators.hud.issues import Issue, issues
from sickbay.simulators.hud.queries.declared import TIMES, Declared
from sickbay.simulators.hud.queries.trunk import GATE, landed_between
from sickbay.simulators.hud.wire import html_url, representative, word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.simulators.hud.queries.declared import Row
    from sickbay.simulators.hud.runs import Run
    from sickbay.simulators.hud.world import World

CLASSES = {
    "code": "real_regression",
    "dependency": "real_regression",
    "test": "test_flake",
    "infrastructure": "infra_flake",
}
Z = 1.96
HOUR_S = 3600


def _jobs(world: World, values: dict[str, Any]) -> Iterator[Row]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for landed in landed_between(world, values):
        for runs in world.cells(landed.order).values():
            kind = runs[0].kind
            if values["viableStrictOnly"] and kind.workflow.lower() not in GATE:
                continue
            for run in runs:
                counts[f"{kind.workflow} / {kind.group}"].update(_judged(run))
    rows = [
        _rates(name, count)
        for name, count in counts.items()
        if count["total_runs"] >= values["minRuns"]
    ]
    yield from sorted(rows, key=lambda row: -float(row["flake_rate_wilson_lb"]))


def _judged(run: Run) -> list[str]:
    if run.conclusion == "success":
        return ["total_runs", "green"]
    if run.conclusion not in {"failure", "timed_out"}:
        return []
    known = CLASSES[FAILURES[run.failure].category] if run.failure else "unclassified"
    return ["total_runs", "red", known]


def _rates(name: str, count: Counter[str]) -> Row:
    total = count["total_runs"]
    flakes = count["infra_flake"] + count["test_flake"]
    kinds = ("infra_flake", "test_flake", "unclassified", "real_regression")
    return {
        "job_name": name,
        "total_runs": total,
        **{kind: count[kind] for kind in ("green", "red", *kinds)},
        "flake_rate": flakes / total,
        "flake_rate_wilson_lb": wilson(flakes, total),
        "pct_reds_flake": flakes / count["red"] if count["red"] else 0.0,
    }


def wilson(hits: int, total: int) -> float:
    """The least rate that so many hits speak for."""
    rate = hits / total
    middle = rate + Z * Z / (2 * total)
    spread = Z * sqrt(rate * (1 - rate) / total + Z * Z / (4 * total * total))
    return float((middle - spread) / (1 + Z * Z / total))


def _in_subprocess(world: World, values: dict[str, Any]) -> Iterator[Row]:
    since = world.now.timestamp() - HOUR_S * values["numHours"]
    recent = [
        runs
        for order in range(world.count)
        for runs in world.cells(order).values()
        if word(representative(runs)) == "success"
        and (runs[-1].completed or 0) >= since
    ]
    default = [
        runs[-1]
        for runs in recent
        if (runs[0].kind.config, runs[0].kind.shard) == ("default", 1)
    ]
    for case in cases():
        if case.breaks:
            found = [runs[0] for runs in recent if runs[0].failure == case.key]
        else:
            found = [run for run in default if flaked(case, run)]
        if found and _like(case, values):
            yield _shaken(world, case, found)


def _like(case: Case, values: dict[str, Any]) -> bool:
    pairs = (case.name, "name"), (case.suite, "suite"), (f"{case.file}.py", "file")
    return all(
        fnmatch.fnmatchcase(text, values[name].replace("%", "*"))
        for text, name in pairs
    )


def _shaken(world: World, case: Case, runs: list[Run]) -> Row:
    return {
        "name": case.name,
        "suite": case.suite,
        "file": f"{case.file}.py",
        "invoking_file": case.file.replace("/", "."),
        "numGreen": len(runs),
        "numRed": len(runs),
        "jobNames": [run.kind.name for run in runs],
        "jobIds": [run.job_id for run in runs],
        "workflowIds": [run.run_id for run in runs],
        "workflowNames": [run.kind.workflow for run in runs],
        "branches": [world.branch_of(run) for run in runs],
        "runAttempts": [run.attempt for run in runs],
        "sampleTraceback": _traceback(case),
    }


def _traceback(case: Case) -> str:
    if case.key:
        return "\n".join(record(case.key).lines[-12:])
    return (
        "Traceback (most recent call last):\n"
        f'  File "{WORKSPACE}/{case.file}.py", line 118, in {case.name}\n'
        "AssertionError: Tensor-likes are not close!"
    )


def _catalogue(_: World, values: dict[str, Any]) -> Iterator[Row]:
    found = [case for case in cases() if _like(case, values)]
    first = values["offset"]
    for case in found[first : first + values["per_page"]]:
        yield {
            "name": case.name,
            "classname": case.suite,
            "file": f"{case.file}.py",
            "invoking_file": case.file.replace("/", "."),
        }


def _distinct(_: World, values: dict[str, Any]) -> Iterator[Row]:
    yield {"count": sum(_like(case, values) for case in cases())}


def _labels(_: World, __: dict[str, Any]) -> Iterator[Row]:
    for label in sorted({label for issue in issues() for label in issue.labels}):
        yield {"label": label}


def _of_test(world: World, values: dict[str, Any]) -> Iterator[Row]:
    keys = {case.key for case in cases() if case.breaks and _like(case, values)}
    found = [run for run in reversed(world.failed) if run.failure in keys]
    for run in found[: values["limit"]]:
        left = record(run.failure or "")
        yield {
            "job_id": run.job_id,
            "job_name": run.kind.full_name,
            "job_url": html_url(run),
            "job_started_at": _day_time(run.started or run.created),
            "line": left.line,
            "line_num": left.place,
            "captures": list(left.captures),
            "head_branch": world.branch_of(run),
            "head_sha": world.commit(run.order).sha,
        }


def _day_time(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%S.000000000Z")


def _wanted(values: dict[str, Any]) -> Iterator[Issue]:
    triaged = {"yes": True, "no": False}.get(values["triaged"])
    for issue in issues():
        if values["label"] not in issue.labels:
            continue
        platform = values["platform"]
        if platform and issue.platforms and platform not in issue.platforms:
            continue
        if triaged in {None, "triaged" in issue.labels}:
            yield issue


def _disabled(world: World, values: dict[str, Any]) -> Iterator[Row]:
    for issue in _wanted(values):
        if values["state"] not in {"", issue.state} or values["repo"] != REPO:
            continue
        shape = issue.wire(world)
        yield {
            "number": issue.number,
            "name": issue.title.removeprefix("DISABLED "),
            "assignee": issue.assignee,
            **{key: shape[key] for key in ("html_url", "updated_at", "labels", "body")},
        }


def _historical(world: World, values: dict[str, Any]) -> Iterator[Row]:
    start, stop = seconds(values["startTime"]), seconds(values["stopTime"])
    day = datetime.fromtimestamp(start, UTC).date()
    last = datetime.fromtimestamp(stop, UTC).date()
    found = list(_wanted(values))
    before: set[int] | None = None
    while day <= last:
        there = {
            issue.number for issue in found if _disabled_on(world, issue, str(day))
        }
        known = there if before is None else before
        yield {
            "day": str(day),
            "count": len(there),
            "new": len(there - known),
            "deleted": len(known - there),
        }
        before, day = there, day + timedelta(days=1)


def _disabled_on(world: World, issue: Issue, day: str) -> bool:
    opened = world.now - timedelta(days=issue.age_days)
    closed = world.now - timedelta(days=issue.age_days / 2)
    return day >= str(opened.date()) and (
        issue.state == "open" or day < str(closed.date())
    )


LIKE = {"name": "String", "suite": "String", "file": "String"}
LABELLED = {"label": "String", "platform": "String", "triaged": "String"}
QUERIES = {
    "flaky_trunk_jobs": Declared(
        rows=_jobs,
        params=TIMES
        | {"repo": "String", "minRuns": "Int32", "viableStrictOnly": "Bool"},
        defaults={"viableStrictOnly": False},
    ),
    "flaky_tests/in_subprocess": Declared(
        rows=_in_subprocess, params=LIKE | {"numHours": "Int64"}
    ),
    "testStatsSearch": Declared(
        rows=_catalogue, params=LIKE | {"per_page": "Int32", "offset": "Int32"}
    ),
    "testStatsDistinctCount": Declared(rows=_distinct, params=LIKE),
    "disabled_test_labels": Declared(rows=_labels, params={"repo": "String"}),
    "flaky_tests/ind_info": Declared(rows=_of_test, params=LIKE | {"limit": "Int32"}),
    "disabled_tests": Declared(
        rows=_disabled, params=LABELLED | {"repo": "String", "state": "String"}
    ),
    "disabled_test_historical": Declared(rows=_historical, params=TIMES | LABELLED),
}
