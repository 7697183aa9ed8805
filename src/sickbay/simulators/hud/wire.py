"""The shapes in which HUD tells of commits and jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.simulators.hud.commits import REPO, iso
from sickbay.simulators.hud.failures import record
from sickbay.simulators.hud.logs import line_number
from sickbay.simulators.hud.runs import FIRST_RUN, RESTARTED, WORKFLOWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.simulators.hud.commits import Landed
    from sickbay.simulators.hud.runs import Run
    from sickbay.simulators.hud.world import World

GITHUB = f"https://github.com/{REPO}"
LOG_STORE = "https://ossci-raw-job-status.s3.amazonaws.com"
TEMP_LOG_STORE = "https://gha-artifacts.s3.us-east-1.amazonaws.com"
BEST = (
    "success",
    "failure timed_out",
    "pending queued action_required",
    "neutral",
    "skipped",
    "cancelled",
)


def word(run: Run) -> str:
    """HUD's conclusion: that of the run, or what it does."""
    if run.conclusion:
        return run.conclusion
    if run.failure:  # its log so far shows it
        return "failure"
    return "queued" if run.status == "queued" else "pending"


def representative(runs: Sequence[Run]) -> Run:
    """The run that stands for all attempts of a job on a commit."""
    real = [run for run in runs if word(run) != "cancelled"] or list(runs)
    return min(real, key=lambda run: (_rank(word(run)), -run.job_id))


def _rank(conclusion: str) -> int:
    return next(
        place for place, words in enumerate(BEST) if conclusion in words.split()
    )


def failed_before(runs: Sequence[Run]) -> bool:
    """Whether a job passed only after another attempt had failed."""
    passed = representative(runs).conclusion == "success"
    return passed and any(run.conclusion in BEST[1].split() for run in runs)


def commit(landed: Landed) -> dict[str, Any]:
    """``CommitData``."""
    return {
        "author": landed.author,
        "authorUrl": f"https://github.com/{landed.author}",
        "time": iso(landed.time),
        "sha": landed.sha,
        "commitUrl": f"{GITHUB}/commit/{landed.sha}",
        "commitTitle": landed.title,
        "commitMessageBody": landed.message,
        "prNum": landed.pr,
        "diffNum": landed.diff,
    }


def job(run: Run, sha: str, log_bytes: int) -> dict[str, Any]:
    """``JobData`` as the grid has it: without a name."""
    shape: dict[str, Any] = {
        "sha": sha,
        "id": run.job_id,
        "conclusion": word(run),
        "status": run.status,
        "htmlUrl": html_url(run),
        "logUrl": log_url(run),
        "repo": REPO,
        **classification(run, log_bytes),
        "runAttempt": run.attempt,
    }
    if run.duration_s is not None:
        shape["durationS"] = run.duration_s
    if run.origin != "push":
        shape["runOrigin"] = run.origin
    return shape


def cell(runs: Sequence[Run], sha: str, log_bytes: int) -> dict[str, Any]:
    """One cell of the grid."""
    shape = job(representative(runs), sha, log_bytes)
    if len(runs) > 1:
        shape["failedPreviousRun"] = failed_before(runs)
    return shape


def named(world: World, run: Run) -> dict[str, Any]:
    """``JobData`` as everything but the grid has it."""
    landed = world.commit(run.order)
    return {
        **job(run, landed.sha, world.log_bytes),
        "name": run.kind.full_name,
        "workflowName": run.kind.workflow,
        "jobName": run.kind.name,
        "workflowId": run.run_id,
        "branch": world.branch_of(run),
        "queueTimeS": run.queue_s,
        "runnerName": run.runner_name,
        "authorEmail": f"{landed.author}@example.org",
        "time": iso(run.started or run.created),
        "githubArtifactUrl": f"{GITHUB}/actions/runs/{run.run_id}#artifacts",
        "failureContext": list(record(run.failure).context) if run.failure else [],
    }


def never_began(world: World, order: int) -> dict[str, Any]:
    """A workflow whose file GitHub could not make sense of: it has no jobs."""
    landed = world.commit(order)
    run_id = FIRST_RUN + order * WORKFLOWS + RESTARTED - 1
    return {
        "sha": landed.sha,
        "id": run_id,
        "name": "Workflow Startup Failure / .github/workflows/xpu.yml",
        "workflowName": "Workflow Startup Failure",
        "jobName": ".github/workflows/xpu.yml",
        "conclusion": "startup_failure",
        "status": "completed",
        "htmlUrl": f"{GITHUB}/actions/runs/{run_id}",
        "repo": REPO,
        "branch": world.branch,
        "durationS": 0,
        "queueTimeS": 0,
        "time": iso(landed.time),
    }


def classification(run: Run, log_bytes: int) -> dict[str, list[Any]]:
    """What the classifier found in the log."""
    if run.failure is None:
        return {"failureLines": [], "failureLineNumbers": [], "failureCaptures": []}
    left = record(run.failure)
    return {
        "failureLines": [left.line],
        "failureLineNumbers": [line_number(run, log_bytes)],
        "failureCaptures": list(left.captures),
    }


def log_url(run: Run) -> str:
    """Where its log is, if there is one."""
    if run.failure and run.completed is None:
        return f"{TEMP_LOG_STORE}/temp_logs/{run.job_id}"
    return f"{LOG_STORE}/log/{run.job_id}"


def html_url(run: Run) -> str:
    """Where people look at the run."""
    return f"{GITHUB}/actions/runs/{run.run_id}/job/{run.job_id}"
