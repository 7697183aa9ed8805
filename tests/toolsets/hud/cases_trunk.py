"""Calls of the tools about the trunk."""

from __future__ import annotations

from tests.contract.cases import Case
from tests.simulators.hud import world

OUTAGE = world().story("infrastructure").last_bad
"""Many jobs fail on this commit."""

CASES = (
    Case(tool="hud_trunk_status", steady=False),
    Case(
        tool="hud_trunk_status",
        arguments={"branch": "main", "commits": 5},
        steady=False,
    ),
    Case(tool="hud_trunk_status", arguments={"commits": 0}, outcome="error"),
    Case(tool="hud_trunk_status", arguments={"branch": "no/such"}, outcome="error"),
    Case(tool="hud_recent_commits", arguments={"per_page": 40}),
    Case(tool="hud_recent_commits", arguments={"per_page": 3, "page": 2}),
    Case(
        tool="hud_recent_commits",
        arguments={"per_page": 1, "detail": "jobs", "only": ["passed", "idle"]},
    ),
    Case(
        tool="hud_recent_commits",
        arguments={"detail": "failures", "viable_strict": True, "per_page": 9},
    ),
    Case(
        tool="hud_recent_commits",
        arguments={"job_filter": "no such job", "detail": "jobs"},
        outcome="empty",
    ),
    Case(tool="hud_recent_commits", arguments={"page": 9_999}, outcome="empty"),
    Case(tool="hud_recent_commits", arguments={"job_filter": "("}, outcome="error"),
    Case(tool="hud_recent_commits", arguments={"per_page": 101}, outcome="error"),
    Case(tool="hud_streaks"),
    Case(tool="hud_streaks", arguments={"by_shard": True, "branch": OUTAGE}),
    Case(tool="hud_streaks", arguments={"viable_strict": True, "min_length": 3}),
    Case(tool="hud_streaks", arguments={"job_filter": "no such job"}, outcome="empty"),
    Case(tool="hud_streaks", arguments={"failure_filter": "no such"}, outcome="error"),
)
