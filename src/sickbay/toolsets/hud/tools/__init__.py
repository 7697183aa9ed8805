"""The tools of ``hud``, as the server registers them."""

from __future__ import annotations

from sickbay.toolsets.hud.tools.failures import failure_history, similar_failures
from sickbay.toolsets.hud.tools.jobs import explain_job, job
from sickbay.toolsets.hud.tools.numbers import metrics, queries, query
from sickbay.toolsets.hud.tools.pulls import pr_triage
from sickbay.toolsets.hud.tools.tests import (
    disabled_tests,
    flaky_tests,
    status_changes,
)
from sickbay.toolsets.hud.tools.trunk import (
    recent_commits,
    streaks,
    trunk_status,
)

TOOLS = (
    trunk_status,
    recent_commits,
    streaks,
    job,
    explain_job,
    similar_failures,
    failure_history,
    flaky_tests,
    disabled_tests,
    status_changes,
    pr_triage,
    queries,
    query,
    metrics,
)
