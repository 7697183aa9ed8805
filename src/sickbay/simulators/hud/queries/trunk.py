"""How red the trunk is, how many commits it has and how far the good ones lag."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sickbay.simulators.hud.commits import iso, seconds
from sickbay.simulators.hud.pages import STRICT_LAG
from sickbay.simulators.hud.queries.declared import TIMES, Declared
from sickbay.simulators.hud.wire import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.simulators.hud.commits import Landed
    from sickbay.simulators.hud.queries.declared import Row
    from sickbay.simulators.hud.runs import Run
    from sickbay.simulators.hud.world import World

GATE = frozenset({"lint", "pull", "trunk", "linux-aarch64", "docs-build"})
FEWEST_GROUPS = 11
PENDING_S = 36 * 3600


def landed_between(world: World, values: dict[str, Any]) -> Iterator[Landed]:
    """The commits of the time that is asked about, the newest first."""
    start, stop = seconds(values["startTime"]), seconds(values["stopTime"])
    for landed in reversed(world.landed):
        if start <= landed.time <= stop:
            yield landed


def bucket(time: float, granularity: str) -> str:
    """The day, or the first day of the week or month; hours become days, too."""
    day = datetime.fromtimestamp(time, UTC).date()
    if granularity == "week":
        day -= timedelta(days=day.weekday())
    return str(day.replace(day=1) if granularity == "month" else day)


def groups(world: World, order: int, workflows: frozenset[str]) -> dict[str, list[Run]]:
    """The attempts of the jobs of a commit, shards folded, by name of the group."""
    found: dict[str, list[Run]] = defaultdict(list)
    for runs in world.cells(order).values():
        kind = runs[0].kind
        if kind.workflow.lower() in workflows and not kind.flavour:
            found[f"{kind.workflow} / {kind.group}"].extend(runs)
    return found


def red(runs: list[Run]) -> str:
    """What became of a group: every shard has to pass in some attempt."""
    shards: dict[int, list[str]] = defaultdict(list)
    for run in runs:
        shards[run.kind.slot].append(word(run))
    states = set(map(_state, shards.values()))
    return next(word for word in ("red", "pending", "flaky", "green") if word in states)


def _state(words: list[str]) -> str:
    failed = sum(word in {"failure", "timed_out", "cancelled"} for word in words)
    if failed == len(words):
        return "red"
    if failed:
        return "flaky"
    return "pending" if {"pending", "queued"} & set(words) else "green"


def _commit_red(world: World, values: dict[str, Any]) -> Iterator[Row]:
    days: dict[str, Counter[str]] = {}
    for landed in landed_between(world, values):
        found = groups(world, landed.order, GATE)
        if len(found) < FEWEST_GROUPS:
            continue
        states = Counter(map(red, found.values()))
        worst = next(
            state for state in ("red", "pending", "flaky", "green") if states[state]
        )
        day = bucket(landed.time, values["granularity"])
        days.setdefault(day, Counter())[worst] += 1
    for day in sorted(days, reverse=True):
        total = days[day].total()
        share = total if values["usePercentage"] else 1
        counts = {
            state: days[day][state] / share if share != 1 else days[day][state]
            for state in ("red", "flaky", "pending", "green")
        }
        yield {"granularity_bucket": day, **counts, "total": total}


def _red_jobs(world: World, values: dict[str, Any]) -> Iterator[Row]:
    workflows = frozenset(values["workflowNames"])
    for landed in landed_between(world, values):
        found = groups(world, landed.order, workflows)
        states = {name: red(runs) for name, runs in found.items()}
        yield {
            "time": iso(landed.time, millis=True),
            "sha": landed.sha,
            "author": landed.author,
            "body": landed.message,
            "failures": sorted(name for name in states if states[name] == "red"),
            "successes": sorted(
                name for name in states if states[name] in {"green", "flaky"}
            ),
        }


def _red_avg(world: World, values: dict[str, Any]) -> Iterator[Row]:
    workflows = frozenset(values["workflowNames"])
    worst = [
        {red(runs) for runs in groups(world, landed.order, workflows).values()}
        for landed in landed_between(world, values)
    ]
    broken = sum("red" in states for states in worst)
    flaky = sum("flaky" in states and "red" not in states for states in worst)
    total = len(worst) or 1
    yield {"broken_trunk_red": broken / total, "flaky_red": flaky / total}


def _sole_blockers(world: World, values: dict[str, Any]) -> Iterator[Row]:
    for landed in landed_between(world, values):
        found = groups(world, landed.order, GATE)
        bad = sorted(name for name, runs in found.items() if red(runs) == "red")
        if len(bad) == 1:
            yield {
                "time": iso(landed.time, millis=True),
                "sha": landed.sha,
                "title": landed.title,
                "blocking": bad,
            }


def _last_success(world: World, values: dict[str, Any]) -> Iterator[Row]:
    wanted, now = set(values["jobNames"]), world.now.timestamp()
    ends = [
        run.completed
        for run in world.runs()
        if run.completed
        and run.conclusion == "success"
        and {run.kind.name, run.kind.full_name} & wanted
    ]
    if ends:
        yield {"last_success_seconds_ago": int(now - max(ends))}


def _load(world: World, values: dict[str, Any]) -> Iterator[Row]:
    counts: Counter[tuple[str, str]] = Counter()
    for landed in landed_between(world, values):
        day = bucket(landed.time, values["granularity"])
        names = {runs[0].kind.workflow for runs in world.cells(landed.order).values()}
        counts.update((day, name) for name in names)
    for (day, name), count in sorted(counts.items()):
        yield {"bucket": f"{day}T00:00:00.000Z", "name": name, "count": count}


def _num_commits(world: World, values: dict[str, Any]) -> Iterator[Row]:
    yield {"num": sum(1 for _ in landed_between(world, values))}


def _reverts(world: World, values: dict[str, Any]) -> Iterator[Row]:
    found = landed_between(world, values)
    yield {"num": sum(landed.title.startswith("Revert ") for landed in found)}


def _num_reverts(world: World, values: dict[str, Any]) -> Iterator[Row]:
    weeks: Counter[tuple[str, str]] = Counter()
    for landed in landed_between(world, values):
        if landed.title.startswith("Revert "):
            code = "autorevert" if "auto-revert" in landed.message else "nosignal"
            weeks[bucket(landed.time, "week"), code] += 1
    for (week, code), num in sorted(weeks.items()):
        yield {"bucket": f"{week}T00:00:00.000Z", "code": code, "num": num}


def _strict_lag(world: World, _: dict[str, Any]) -> Iterator[Row]:
    head, strict = world.landed[-1], world.landed[-1 - STRICT_LAG]
    yield {"strict_lag_sec": int(head.time - strict.time)}


def _last_push(world: World, values: dict[str, Any]) -> Iterator[Row]:
    back = STRICT_LAG if values["branch"].endswith("viable/strict") else 0
    ago = world.now.timestamp() - world.landed[-1 - back].time
    yield {"push_seconds_ago": int(ago)}


QUERIES = {
    "master_commit_red": Declared(
        rows=_commit_red,
        params=TIMES
        | {"timezone": "String", "granularity": "String", "usePercentage": "Bool"},
    ),
    "master_commit_red_jobs": Declared(
        rows=_red_jobs, params=TIMES | {"workflowNames": "Array(String)"}
    ),
    "master_commit_red_avg": Declared(
        rows=_red_avg, params=TIMES | {"workflowNames": "Array(String)"}
    ),
    "viable_strict_sole_blocker": Declared(rows=_sole_blockers, params=TIMES),
    "last_successful_jobs": Declared(
        rows=_last_success, params={"jobNames": "Array(String)"}
    ),
    "workflow_load": Declared(
        rows=_load, params=TIMES | {"granularity": "String", "repo": "String"}
    ),
    "num_commits_master": Declared(rows=_num_commits, params=TIMES),
    "reverts": Declared(rows=_reverts, params=TIMES),
    "num_reverts": Declared(rows=_num_reverts, params=TIMES),
    "strict_lag_sec": Declared(
        rows=_strict_lag, params={"repo": "String", "head": "String", "owner": "String"}
    ),
    "last_branch_push": Declared(rows=_last_push, params={"branch": "String"}),
}
