"""Calls of the tools of Buildkite that read."""

from __future__ import annotations

from typing import Any

from tests.contract.cases import Case
from tests.simulators.buildkite import world

WORLD: dict[str, Any] = {"failed": 25}
"""Its newest nightly is red enough for answers of several pages."""

NIGHTLY, BEFORE = world(**WORLD).nightlies[-1], world(**WORLD).nightlies[-2]
BUILD = next(found for found in [world(**WORLD).build(NIGHTLY)] if found)
PLACE = f"buildkite:vllm/ci/{NIGHTLY}"
FAILED = [job.job_id for job in BUILD.jobs if job.failed]
LOGS = [f"{PLACE}/{job_id}" for job_id in FAILED]
TOLD = next(job.job_id for job in BUILD.jobs if job.failed and job.exit_status == 1)
NOBODY = f"{PLACE}/019a0000-0000-7000-a000-000000000000"
UNKNOWN = "1"
GREEN = "no build is called so"

READS = (
    Case(tool="buildkite_scan_latest_nightly"),
    Case(
        tool="buildkite_scan_latest_nightly",
        arguments={"branch": "no-such-branch"},
        outcome="error",
    ),
    Case(tool="buildkite_scan_build", arguments={"build": str(NIGHTLY)}),
    Case(
        tool="buildkite_scan_build",
        arguments={"build": f"https://buildkite.com/vllm/ci/builds/{BEFORE}"},
    ),
    Case(tool="buildkite_scan_build", arguments={"build": "no build"}, outcome="error"),
    Case(tool="buildkite_scan_build", arguments={"build": UNKNOWN}, outcome="error"),
    Case(tool="buildkite_render", arguments={"scan": "1-0123456789"}, outcome="error"),
    Case(tool="buildkite_render", arguments={"scan": "nothing"}, outcome="error"),
    Case(tool="buildkite_compare_builds", arguments={"build": str(NIGHTLY)}),
    Case(
        tool="buildkite_compare_builds",
        arguments={"build": str(NIGHTLY), "base": str(BEFORE)},
    ),
    Case(
        tool="buildkite_compare_builds",
        arguments={"build": str(NIGHTLY), "base": UNKNOWN},
        outcome="error",
    ),
    Case(tool="buildkite_list_builds", arguments={"limit": 60}),
    Case(tool="buildkite_list_builds", arguments={"message": "NIGHTLY", "limit": 2}),
    Case(tool="buildkite_list_builds", arguments={"commit": BUILD.sha[:9]}),
    Case(
        tool="buildkite_list_builds",
        arguments={"state": "failed", "branch": "main", "time_range": "3d"},
    ),
    Case(
        tool="buildkite_list_builds",
        arguments={"pipeline": "vllm/amd-ci", "commit": BUILD.sha},
    ),
    Case(tool="buildkite_list_builds", arguments={"message": GREEN}, outcome="empty"),
    Case(
        tool="buildkite_list_builds", arguments={"pipeline": "a/b/c"}, outcome="error"
    ),
    Case(tool="buildkite_list_builds", arguments={"commit": "main"}, outcome="error"),
    Case(
        tool="buildkite_list_builds",
        arguments={"time_range": "yesterday"},
        outcome="error",
    ),
    Case(tool="buildkite_list_builds", arguments={"state": "red"}, outcome="error"),
    Case(tool="buildkite_build", arguments={"build": str(NIGHTLY)}),
    Case(tool="buildkite_build", arguments={"build": str(NIGHTLY), "state": "all"}),
    Case(
        tool="buildkite_build",
        arguments={"build": LOGS[0], "state": "passed", "name": "test"},
    ),
    Case(tool="buildkite_build", arguments={"build": UNKNOWN}, outcome="error"),
    Case(tool="buildkite_build", arguments={"build": "main"}, outcome="error"),
    Case(tool="buildkite_job_log", arguments={"job": LOGS[0], "tail_lines": 30}),
    Case(tool="buildkite_job_log", arguments={"job": LOGS[0]}),
    Case(tool="buildkite_job_log", arguments={"job": NOBODY}, outcome="error"),
    Case(tool="buildkite_job_log", arguments={"job": str(NIGHTLY)}, outcome="error"),
    Case(tool="buildkite_explain_job", arguments={"jobs": LOGS[:1]}),
    Case(tool="buildkite_explain_job", arguments={"jobs": (LOGS * 2)[:40]}),
    Case(
        tool="buildkite_explain_job",
        arguments={"jobs": [LOGS[0], NOBODY]},
        outcome="partial",
    ),
    Case(tool="buildkite_explain_job", arguments={"jobs": [NOBODY]}, outcome="error"),
    Case(tool="buildkite_explain_job", arguments={"jobs": []}, outcome="error"),
    Case(tool="buildkite_annotations", arguments={"build": str(NIGHTLY)}),
    Case(tool="buildkite_annotations", arguments={"build": UNKNOWN}, outcome="error"),
    Case(tool="buildkite_artifacts", arguments={"build": str(NIGHTLY)}),
    Case(
        tool="buildkite_artifacts",
        arguments={"build": str(NIGHTLY), "job": TOLD, "path": "junit/*.xml"},
    ),
    Case(
        tool="buildkite_artifacts",
        arguments={"build": str(NIGHTLY), "path": "no/such/*"},
        outcome="empty",
    ),
    Case(
        tool="buildkite_artifacts",
        arguments={"build": str(NIGHTLY), "job": "no job"},
        outcome="error",
    ),
    Case(tool="buildkite_artifacts", arguments={"build": UNKNOWN}, outcome="error"),
)
