"""The tools about single jobs: what became of one, and why jobs failed."""

from __future__ import annotations

from sickbay.core.errors import BadRequest
from sickbay.core.gaps import Gaps
from sickbay.core.tool import Call, tool
from sickbay.toolsets.hud.analysis.explanation import clustered
from sickbay.toolsets.hud.analysis.reference import job_reference, repository
from sickbay.toolsets.hud.models.jobs import (
    JobExplanations,
    JobId,
    JobNames,
    JobReport,
    Repo,
    Sha,
)
from sickbay.toolsets.hud.source import Hud
from sickbay.toolsets.hud.tools.dossier import Dossier, found_job
from sickbay.toolsets.hud.tools.reader import MAX_JOBS, Reader

EXPLAIN_S = 600.0


@tool(
    title="One job",
    items="artifacts",
    untrusted=("job", "failure", "attempts", "artifacts"),
    open_world=True,
)
async def job(
    source: Hud, _call: Call, *, job_id: JobId, repo: Repo = None, sha: Sha = None
) -> JobReport:
    """Tell what became of a job.

    Gives `job` (state, run_id, sha, duration_s, queue_s, runner), the HUD's stored
    `failure` (lines, captures), `attempts`, its `log` (handle, running), machine
    `usage` in percent and `artifacts` of its run. Next: hud_explain_job.
    """
    reference = job_reference(job_id, repo=repository(repo, source.repo))
    gaps = Gaps()
    found = await found_job(source, gaps, reference, sha)
    return await Dossier(source, gaps, found).report()


@tool(
    title="Why jobs failed",
    items="explained",
    untrusted=("explained", "clusters"),
    timeout_s=EXPLAIN_S,
    open_world=True,
)
async def explain_job(
    source: Hud, call: Call, *, jobs: JobNames, repo: Repo = None
) -> JobExplanations:
    """Read the logs of failed jobs and say why they failed.

    Gives `explained`: category, reason, causes (lines), failed_tests, and what the HUD
    says (agrees?); of several jobs also `clusters` of one cause each and how many are
    `without_failure`. Next: logs_read with the job's log, hud_similar_failures.
    """
    if not jobs:
        raise BadRequest("no job is named", hint="give jobs: one or several")
    wanted = repository(repo, source.repo)
    named = [job_reference(text, repo=wanted) for text in dict.fromkeys(jobs)]
    gaps = Gaps()
    for ref in named[MAX_JOBS:]:
        gaps.note(f"job {ref.job_id}", f"more than {MAX_JOBS} jobs in one call")
    readings = await Reader(source, call, gaps).read(named[:MAX_JOBS])
    if not readings and gaps.first:
        raise gaps.first
    explained = await call.thread(clustered, readings)
    return JobExplanations(
        explained=explained.jobs,
        clusters=explained.clusters,
        without_failure=explained.without_failure,
        coverage=gaps.coverage(len(readings), len(named)),
    )
