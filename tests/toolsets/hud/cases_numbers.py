"""Calls of the tools about numbers."""

from __future__ import annotations

from tests.contract.cases import Case

_RED = {"granularity": "day", "timezone": "UTC", "usePercentage": False}

CASES = (
    Case(tool="hud_queries"),
    Case(tool="hud_queries", arguments={"group": "cost"}),
    Case(tool="hud_queries", arguments={"name": "master_commit_red"}),
    Case(tool="hud_queries", arguments={"search": "no such"}, outcome="empty"),
    Case(tool="hud_queries", arguments={"name": "master_comit_red"}, outcome="error"),
    Case(tool="hud_queries", arguments={"group": "no such"}, outcome="error"),
    Case(tool="hud_query", arguments={"name": "master_commit_red", "parameters": _RED}),
    Case(
        tool="hud_query",
        arguments={
            "name": "failed_workflow_jobs",
            "parameters": {"branch": "main"},
            "time_range": "3d",
        },
    ),
    Case(
        tool="hud_query",
        arguments={"name": "commit_jobs_batch_query", "parameters": {"shas": "0" * 40}},
        outcome="empty",
    ),
    Case(
        tool="hud_query",
        arguments={"name": "reverts", "parameters": {"x": 1}},
        outcome="error",
    ),
    Case(tool="hud_query", arguments={"name": "correlation_matrix"}, outcome="error"),
    Case(tool="hud_query", arguments={"sql": "SELECT 1"}, outcome="error"),
    Case(tool="hud_query", outcome="error"),
    Case(tool="hud_metrics"),
    Case(tool="hud_metrics", arguments={"granularity": "hour", "time_range": "24h"}),
    Case(tool="hud_metrics", arguments={"metric": "queued_jobs"}),
    Case(tool="hud_metrics", arguments={"metric": "queue_times", "name": "rocm"}),
    Case(tool="hud_metrics", arguments={"metric": "time_to_signal"}),
    Case(tool="hud_metrics", arguments={"metric": "reverts"}),
    Case(tool="hud_metrics", arguments={"metric": "resource_usage"}),
    Case(
        tool="hud_metrics",
        arguments={"metric": "resource_usage", "run_id": 14300000000},
    ),
    Case(
        tool="hud_metrics",
        arguments={"metric": "queue_times", "name": "no such machine"},
        outcome="empty",
    ),
    Case(
        tool="hud_metrics",
        arguments={"time_range": "2020-01-01:2020-01-02"},
        outcome="empty",
    ),
    Case(tool="hud_metrics", arguments={"time_range": "soon"}, outcome="error"),
    Case(tool="hud_metrics", arguments={"metric": "no_such"}, outcome="error"),
    Case(
        tool="hud_metrics",
        arguments={"metric": "reverts", "name": "x"},
        outcome="error",
    ),
)
