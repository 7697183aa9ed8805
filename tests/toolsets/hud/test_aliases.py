from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sickbay.toolsets.hud.manifest import GUIDE, TOOLSET
from sickbay.toolsets.hud.manifest.aliases import COMMIT_SEARCH
from sickbay.toolsets.logs.manifest.aliases import HUD_SEARCH
from tests.toolsets.hud.stand import Stand, shared

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OURS = {"repo": "pytorch/pytorch"}
OLD_REPO = {"repo_owner": "pytorch", "repo_name": "pytorch"}
OLD: Mapping[str, list[tuple[Mapping[str, Any], Mapping[str, Any]]]] = {
    "get_hud_data": [
        (
            {**OLD_REPO, "branch_or_commit_sha": "main", "merge_lf": True},
            {**OURS, "branch": "main", "detail": "summary", "per_page": 10},
        ),
        ({**OLD_REPO, "branch_or_commit_sha": "main", "per_page": 2}, {"per_page": 2}),
    ],
    "get_recent_commits_with_jobs": [
        ({}, {"detail": "summary", "repo": None}),
        (
            {**OLD_REPO, "include_success": True, "include_failures": True},
            {**OURS, "detail": "jobs", "only": ["failed", "passed"], "commits": []},
        ),
        ({"include_failures": True}, {"detail": "failures", "only": ["failed"]}),
        (
            {"include_success": False, "include_commit_details": True, "page": 2},
            {"detail": "summary", "only": None, "page": 2},
        ),
        (
            {"job_name_filter_regex": "^pull", "failure_line_filter_regex": "."},
            {"job_filter": "^pull", "failure_filter": "."},
        ),
    ],
    "get_recent_commit_status": [({**OLD_REPO}, {"detail": "summary"})],
    "get_commit_summary": [({"commit_sha": "main"}, {"per_page": 1})],
    "get_job_summary": [({"commit_sha": "main"}, {"per_page": 1, "detail": "jobs"})],
    "get_filtered_jobs": [
        (
            {"commit_sha": "main", "status": "failure", "job_name_pattern": "^pull"},
            {"detail": "jobs", "only": ["failed"], "job_filter": "^pull"},
        ),
    ],
    "get_failure_details": [({"sha": "main"}, {"detail": "failures", "commits": []})],
    "get_workflow_summary": [({"commit_sha": "main"}, {"per_page": 1})],
    "get_test_summary": [({"commit_sha": "main"}, {"detail": "failures"})],
    "get_flaky_tests": [({"test_name": "no_such"}, {"name": "no_such", "flaky": []})],
    "get_clickhouse_queries": [({}, {"outcome": "ok", "name": ""})],
    "get_clickhouse_query_params": [
        ({"query_name": "queued_jobs"}, {"name": "queued_jobs", "outcome": "ok"})
    ],
    "query_clickhouse": [
        ({"query_name": "queued_jobs", "parameters": {}}, {"name": "queued_jobs"})
    ],
    "get_master_commit_red": [
        (
            {"time_range": "2d", "timezone": "America/Los_Angeles"},
            {"metric": "trunk_red", "time_range": "2d"},
        )
    ],
    "get_queued_jobs": [({}, {"metric": "queued_jobs"})],
    "get_disabled_test_historical": [
        (
            {"time_range": "3d", "label": "skipped", "repo": "pytorch/pytorch"},
            {"history": "3d", "label": "skipped", "triaged": None},
        ),
        (
            {"state": "open", "platform": "rocm", "triaged": "", "granularity": "day"},
            {"history": "7d", "platform": "rocm"},
        ),
        ({"triaged": "yes"}, {"triaged": True}),
    ],
    "find_commits_with_similar_failures": [
        (
            {
                "query": "no such line",
                "workflow": "pull",
                "start_date": "2026-01-01",
                "end_date": "2026-01-08",
                "min_score": 2.0,
            },
            {
                "failure": "no such line",
                "workflow": "pull",
                "time_range": "2026-01-01:2026-01-08",
                "min_score": 2.0,
            },
        ),
    ],
    "search_logs": [
        (
            {"failure": "no such line", "repo": "pytorch/pytorch"},
            {**OURS, "failure": "no such line", "branch": ""},
        ),
    ],
    "readme_howto_pytorch_treehugging_guide": [({}, {"guide": GUIDE})],
}
OF_A_JOB = ("get_job_details", "get_job_log", "get_artifacts", "get_s3_log_url")
TOGETHER: Mapping[str, Mapping[str, Any]] = {
    "hud_commit_summary": {"per_page": 1, "detail": "summary"},
    "hud_job_summary": {"per_page": 1, "detail": "jobs"},
    "hud_filtered_jobs": {"per_page": 1, "detail": "jobs"},
    "hud_failure_details": {"per_page": 1, "detail": "failures"},
    "hud_recent_commit_status": {"per_page": 10, "detail": "summary"},
    "hud_trunk_red": {"metric": "trunk_red"},
    "hud_queued_jobs": {"metric": "queued_jobs"},
    "hud_queue_times": {"metric": "queue_times"},
    "hud_time_to_signal": {"metric": "time_to_signal"},
    "hud_reverts": {"metric": "reverts"},
    "hud_resource_usage": {"metric": "resource_usage"},
}


@pytest.mark.parametrize("suffix", ["", "_resource"])
def test_old_names_take_old_arguments(stand: Stand, suffix: str) -> None:
    calls = [(name, *pair) for name, pairs in OLD.items() for pair in pairs]
    answers = stand.ask_all(*((f"{name}{suffix}", given) for name, given, _ in calls))
    for answer, (name, given, expected) in zip(answers, calls, strict=True):
        assert answer["error"] is None, (name, given, answer["error"])
        assert {key: answer[key] for key in expected} == expected, (name, given)


def test_old_names_of_a_job_take_its_number(stand: Stand) -> None:
    job_id = shared().world.failed[0].job_id
    names = [f"{name}{end}" for name in OF_A_JOB for end in ("", "_resource")]
    given = {"job_id": job_id, "provider": "s3"}
    asked = [*names, "hud_job_log", "hud_artifacts"]
    for answer in stand.ask_all(*((name, given) for name in asked)):
        assert answer["error"] is None
        assert answer["job"]["job_id"] == job_id
        assert answer["log"]["handle"] == f"hud:{job_id}"


def test_names_that_are_parts_of_a_tool_imply_the_part(stand: Stand) -> None:
    answers = stand.ask_all(*((name, {}) for name in TOGETHER))
    for answer, (name, expected) in zip(answers, TOGETHER.items(), strict=True):
        assert answer["error"] is None, (name, answer["error"])
        assert {key: answer[key] for key in expected} == expected, name


def test_the_table_has_every_old_name() -> None:
    old = {f"{name}{end}" for name in (*OLD, *OF_A_JOB) for end in ("", "_resource")}
    ours = {*TOGETHER, "hud_job_log", "hud_artifacts"}
    assert {alias.name for alias in TOOLSET.aliases} == old | ours


def test_commits_have_their_old_keys_too(stand: Stand) -> None:
    told = stand.ask("get_recent_commits_with_jobs", per_page=3, page=2)
    for row in told["commits"]:
        assert row["short_sha"] == row["sha"][:7]
        assert row["prNum"] == row["pr"]
        old, counts = row["job_counts"], row["counts"]
        assert old["total"] == counts["total"] >= sum(old.values()) - old["total"]
        assert old["success"] == counts.get("ok", 0) + counts.get("flaky", 0)


@pytest.mark.parametrize("given", [OLD_REPO, {"repo_name": "pytorch/pytorch"}])
def test_an_old_repository_is_one_of_ours(stand: Stand, given: dict[str, str]) -> None:
    told = stand.ask("get_hud_data", per_page=1, **given)
    assert (told["outcome"], told["repo"]) == ("ok", "pytorch/pytorch")


def test_search_logs_means_commits_exactly_where_it_does_not_mean_logs(
    tmp_path: Path,
) -> None:
    assert COMMIT_SEARCH == HUD_SEARCH
    (tmp_path / "a.log").write_text("a warning\n")
    both = Stand(tmp_path, toolsets="hud,logs", logs={"roots": [tmp_path]})
    commits, logs = both.ask_all(
        ("search_logs", {"query": "no such line", "branch": "main"}),
        ("search_logs", {"query": "warning", "file_path": str(tmp_path / "a.log")}),
    )
    assert (commits["failure"], commits["branch"]) == ("no such line", "main")
    assert (logs["pattern"], logs["total"]) == ("warning", 1)
