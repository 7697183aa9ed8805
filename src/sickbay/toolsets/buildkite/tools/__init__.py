"""The tools of ``buildkite``, as the server registers them."""

from __future__ import annotations

from sickbay.toolsets.buildkite.tools.builds import build, list_builds
from sickbay.toolsets.buildkite.tools.changes import retry_job, unblock_job
from sickbay.toolsets.buildkite.tools.comparison import compare_builds
from sickbay.toolsets.buildkite.tools.extras import artifacts, build_annotations
from sickbay.toolsets.buildkite.tools.issue import create_issue
from sickbay.toolsets.buildkite.tools.jobs import explain_job, job_log
from sickbay.toolsets.buildkite.tools.render import render
from sickbay.toolsets.buildkite.tools.scan import (
    scan_build,
    scan_latest_nightly,
)

TOOLS = (
    scan_latest_nightly,
    scan_build,
    render,
    compare_builds,
    list_builds,
    build,
    job_log,
    explain_job,
    build_annotations,
    artifacts,
    retry_job,
    unblock_job,
    create_issue,
)
