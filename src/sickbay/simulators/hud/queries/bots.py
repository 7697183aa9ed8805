"""What the bots said and did: reverts, and verdicts on failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.simulators.hud.advice import verdicts
from sickbay.simulators.hud.commits import seconds
from sickbay.simulators.hud.queries.declared import Declared
from sickbay.simulators.hud.reverts import events

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.simulators.hud.queries.declared import Row
    from sickbay.simulators.hud.world import World


def _in_range(world: World, values: dict[str, Any]) -> Iterator[Row]:
    start, stop = seconds(values["startTime"]), seconds(values["endTime"])
    wanted = set(values["filterWorkflows"])
    for event in events(world):
        if start <= event.time <= stop and wanted.intersection(event.workflows):
            yield event.wire()


def _details(world: World, values: dict[str, Any]) -> Iterator[Row]:
    for event in events(world):
        if event.action == "revert" and event.sha == values["sha"]:
            shape = event.wire()
            keys = ("commit_sha", "workflows", "source_signal_keys", "ts")
            yield {key: shape[key] for key in keys}


def _commits(world: World, values: dict[str, Any]) -> Iterator[Row]:
    for event in events(world):
        if event.action == "revert" and event.sha in values["shas"]:
            yield {
                "commit_sha": event.sha,
                "all_workflows": [list(event.workflows)],
                "all_source_signal_keys": [list(event.signals)],
            }


def _verdicts(world: World, values: dict[str, Any]) -> Iterator[Row]:
    pull = world.pulls.get(values["prNumber"])
    return verdicts(world, pull) if pull else iter(())


QUERIES = {
    "autorevert_events_in_range": Declared(
        rows=_in_range,
        params={
            "repo": "String",
            "startTime": "String",
            "endTime": "String",
            "filterWorkflows": "Array(String)",
        },
    ),
    "autorevert_details": Declared(
        rows=_details, params={"repo": "String", "sha": "String"}
    ),
    "autorevert_commits": Declared(
        rows=_commits, params={"repo": "String", "shas": "Array(String)"}
    ),
    "advisor_verdicts_for_pr": Declared(
        rows=_verdicts, params={"repo": "String", "prNumber": "Int64"}
    ),
}
