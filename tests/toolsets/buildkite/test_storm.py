from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.toolsets.buildkite.tools import TOOLS
from tests.toolsets.buildkite.cases import BEFORE, LOGS, NIGHTLY
from tests.toolsets.buildkite.stand import Stand, shared, site_at

if TYPE_CHECKING:
    from pathlib import Path

    from tests.simulators.buildkite import Site

MOVES = {"scan_id", "scan_ids", "scans", "scanned_at", "text"}
"""Keys whose values change with the time, and what is made of a scan."""


def calls() -> dict[str, dict[str, Any]]:
    """A call of every tool that reads."""
    build = {"build": str(NIGHTLY)}
    return {
        "buildkite_scan_latest_nightly": {},
        "buildkite_scan_build": {"build": str(BEFORE)},
        "buildkite_compare_builds": {**build, "base": str(BEFORE)},
        "buildkite_list_builds": {"message": "nightly"},
        "buildkite_build": build,
        "buildkite_job_log": {"job": LOGS[0]},
        "buildkite_explain_job": {"jobs": LOGS[:5]},
        "buildkite_annotations": build,
        "buildkite_artifacts": build,
    }


def answers(folder: Path, site: Site) -> dict[str, dict[str, Any]]:
    """What every tool says, wherever Buildkite is."""
    told = Stand(folder, site).ask_all(*calls().items())
    text = json.dumps(told).replace(site.address, "http://buildkite")
    found: list[dict[str, Any]] = json.loads(text)
    plain = [{key: row[key] for key in row.keys() - MOVES} for row in found]
    return dict(zip(calls(), plain, strict=True))


def test_every_tool_that_reads_is_called() -> None:
    wanted = {f"buildkite_{tool.name}" for tool in TOOLS if tool.read_only}
    assert set(calls()) == wanted - {"buildkite_render"}


@pytest.mark.timeout(60)  # every tool, with waiting before each second try
@pytest.mark.parametrize("seed", [1, 2])
def test_with_a_third_of_all_requests_failing_answers_are_right_or_say_what_lacks(
    tmp_path: Path, seed: int
) -> None:
    calm = answers(tmp_path / "calm", shared())
    kinds = ("429", "500", "reset", "cut", "slow")
    with site_at(share=0.3, kinds=kinds, slow_s=0.1) as site:
        site.faults.seed = seed
        found = answers(tmp_path / "storm", site)
        assert sum(asked.fault is not None for asked in site.asked) >= 5
    for name, told in found.items():
        assert told["error"] is None, (name, told["error"])
        if told["outcome"] == "partial":
            assert all(item["why"] for item in told["coverage"]["skipped"]), name
        elif not told.get("notes"):
            assert told == calm[name], name


@pytest.mark.parametrize("tool", ["buildkite_build", "buildkite_artifacts"])
def test_where_everything_fails_a_tool_says_so(tmp_path: Path, tool: str) -> None:
    with site_at(share=1.0, kinds=("500",)) as site:
        told = Stand(tmp_path, site).ask(tool, **calls()[tool])
    assert told["error"]["kind"] == "unavailable"
    assert told["error"]["retryable"]
