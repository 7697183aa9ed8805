from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.toolsets.hud.tools import TOOLS
from tests.simulators.hud import hud_at, world
from tests.toolsets.hud.stand import Stand, shared

if TYPE_CHECKING:
    from pathlib import Path

    from tests.simulators.hud import Hud

MOVES = {"lasts_s"}
"""Keys whose values change with the time."""


def calls() -> dict[str, dict[str, Any]]:
    """A call of every tool."""
    failed = [run.job_id for run in world().failed[:3]]
    shas = [one.sha for one in reversed(world().landed)]
    return {
        "hud_trunk_status": {},
        "hud_recent_commits": {},
        "hud_streaks": {},
        "hud_job": {"job_id": failed[0]},
        "hud_explain_job": {"jobs": list(map(str, failed))},
        "hud_similar_failures": {"failure": "special erf"},
        "hud_failure_history": {"job_id": failed[0]},
        "hud_flaky_tests": {},
        "hud_disabled_tests": {},
        "hud_test_status_changes": {"sha1": shas[10], "sha2": shas[4]},
        "hud_pr_triage": {"pr": min(world().pulls)},
        "hud_queries": {},
        "hud_query": {"name": "queued_jobs"},
        "hud_metrics": {},
    }


def answers(folder: Path, hud: Hud) -> dict[str, dict[str, Any]]:
    """What every tool says, wherever the HUD is."""
    told = Stand(folder, hud).ask_all(*calls().items())
    text = json.dumps(told).replace(hud.url, "http://hud")
    found: list[dict[str, Any]] = json.loads(text)
    plain = [{key: row[key] for key in row.keys() - MOVES} for row in found]
    return dict(zip(calls(), plain, strict=True))


def test_every_tool_is_called() -> None:
    assert set(calls()) == {f"hud_{tool.name}" for tool in TOOLS}


@pytest.mark.parametrize("seed", [1, 2])
def test_with_a_third_of_all_requests_failing_answers_are_right_or_say_what_lacks(
    tmp_path: Path, seed: int
) -> None:
    calm = answers(tmp_path / "calm", shared())
    with hud_at(
        share=0.3,
        kinds=("429", "500", "reset", "cut", "slow"),
        slow_s=0.1,
        seed=seed,
    ) as hud:
        found = answers(tmp_path / "storm", hud)
        assert sum(asked.fault is not None for asked in hud.asked) >= 5
    for name, told in found.items():
        assert told["error"] is None, (name, told["error"])
        if told["outcome"] == "partial":
            assert all(item["why"] for item in told["coverage"]["skipped"]), name
        else:
            assert told == calm[name], name
