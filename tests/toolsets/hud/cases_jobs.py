"""Calls of the tools about jobs, failures, tests and pull requests."""

from __future__ import annotations

from tests.contract.cases import Case
from tests.simulators.hud import world

STORY = world().story("ongoing")
OUTAGE = world().story("infrastructure")
FAILED = [
    run.job_id
    for run in world().runs()
    if run.conclusion == "failure" and run.failure and run.status == "completed"
]
FIRST, LATE = world().landed[0].sha, world().landed[-3].sha
BEFORE = world().landed[world().orders[STORY.first_bad] - 1].sha
FLAKY = "test_multiprocessing_iterdatapipe"
BROKEN, WAITING, GREEN = 177000, 177003, 177004
"""Pull requests: with failures, with many that wait for approval, and without any."""

CASES = (
    Case(tool="hud_job", arguments={"job_id": str(FAILED[-1])}),
    Case(tool="hud_job", arguments={"job_id": f"hud:{FAILED[0]}"}),
    Case(
        tool="hud_job",
        arguments={
            "job_id": str(FAILED[-1]),
            "repo": "pytorch/pytorch",
            "sha": world().landed[-1].sha,
        },
    ),
    Case(tool="hud_job", arguments={"job_id": "7"}, outcome="error"),
    Case(tool="hud_job", arguments={"job_id": "seven"}, outcome="error"),
    Case(tool="hud_explain_job", arguments={"jobs": [str(FAILED[-1])]}),
    Case(tool="hud_explain_job", arguments={"jobs": [str(n) for n in FAILED[-40:]]}),
    Case(
        tool="hud_explain_job",
        arguments={"jobs": [f"hud:{FAILED[-1]}", "7"]},
        outcome="partial",
    ),
    Case(tool="hud_explain_job", arguments={"jobs": ["7"]}, outcome="error"),
    Case(tool="hud_explain_job", arguments={"jobs": []}, outcome="error"),
    Case(tool="hud_similar_failures", arguments={"failure": STORY.cause}),
    Case(
        tool="hud_similar_failures",
        arguments={"failure": OUTAGE.cause, "min_score": 0},
    ),
    Case(
        tool="hud_similar_failures",
        arguments={"failure": "test failed", "workflow": "pull", "branch": "main"},
    ),
    Case(
        tool="hud_similar_failures",
        arguments={"failure": "zebra", "time_range": "1h"},
        outcome="empty",
    ),
    Case(tool="hud_similar_failures", arguments={"failure": ""}, outcome="error"),
    Case(
        tool="hud_similar_failures",
        arguments={"failure": "x", "time_range": "soon"},
        outcome="error",
    ),
    Case(tool="hud_failure_history", arguments={"job_id": str(FAILED[-1])}),
    Case(
        tool="hud_failure_history",
        arguments={"job_id": str(FAILED[-1]), "fuzzy": True},
    ),
    Case(
        tool="hud_failure_history",
        arguments={"name": OUTAGE.jobs[0], "captures": list(OUTAGE.captures)},
    ),
    Case(
        tool="hud_failure_history",
        arguments={"name": STORY.jobs[0], "captures": list(STORY.captures)},
    ),
    Case(
        tool="hud_failure_history",
        arguments={"name": "pull / x", "captures": ["nothing"]},
        outcome="empty",
    ),
    Case(tool="hud_failure_history", outcome="error"),
    Case(tool="hud_failure_history", arguments={"job_id": "7"}, outcome="error"),
    Case(tool="hud_flaky_tests", arguments={"time_range": "7d"}),
    Case(tool="hud_flaky_tests", arguments={"name": FLAKY, "time_range": "7d"}),
    Case(
        tool="hud_flaky_tests",
        arguments={"suite": "NoSuchSuite", "file": "x"},
        outcome="empty",
    ),
    Case(tool="hud_flaky_tests", arguments={"time_range": "9d:8d"}, outcome="error"),
    Case(tool="hud_disabled_tests", arguments={"history": "14d"}),
    Case(tool="hud_disabled_tests", arguments={"label": "unstable"}),
    Case(
        tool="hud_disabled_tests",
        arguments={"text": "nothing", "platform": "rocm", "triaged": True},
        outcome="empty",
    ),
    Case(tool="hud_disabled_tests", arguments={"history": "ever"}, outcome="error"),
    Case(tool="hud_disabled_tests", arguments={"label": "x"}, outcome="error"),
    Case(
        tool="hud_test_status_changes",
        arguments={"sha1": FIRST, "sha2": LATE},
    ),
    Case(
        tool="hud_test_status_changes",
        arguments={"sha1": BEFORE, "sha2": STORY.first_bad, "fuzzy": True},
    ),
    Case(
        tool="hud_test_status_changes",
        arguments={"sha1": BEFORE, "sha2": BEFORE},
        outcome="empty",
    ),
    Case(
        tool="hud_test_status_changes",
        arguments={"sha1": "main", "sha2": BEFORE},
        outcome="error",
    ),
    Case(tool="hud_pr_triage", arguments={"pr": str(BROKEN)}),
    Case(tool="hud_pr_triage", arguments={"pr": str(WAITING)}),
    Case(tool="hud_pr_triage", arguments={"pr": f"pytorch/pytorch#{GREEN}"}),
    Case(
        tool="hud_pr_triage",
        arguments={"pr": str(GREEN), "sha": "0" * 40},
        outcome="error",
    ),
    Case(tool="hud_pr_triage", arguments={"pr": "none"}, outcome="error"),
    Case(tool="hud_pr_triage", arguments={"pr": "1"}, outcome="error"),
)
