"""``sickbay buildkite job`` and ``log``: why a job failed, and the end of its log."""

from __future__ import annotations

from sickbay.clients.printer import AtDesk, Format, shown
from sickbay.toolsets.buildkite.render.job import job_page, log_page


async def job(
    *jobs: str,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> None:
    """Read the logs of jobs, and say why they failed.

    Args:
        jobs: Their addresses, or handles such as buildkite:vllm/ci/123/JOB-ID.
        format: How to print.
        desk: Buildkite.
    """
    found = await desk.result("explain_job", jobs=list(jobs))
    shown(found, job_page(found), format, desk)


async def log(
    job: str,
    /,
    *,
    lines: int = 40,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> None:
    """Show the end of a job's log.

    Args:
        job: Its address, or a handle such as buildkite:vllm/ci/123/JOB-ID.
        lines: How many lines.
        format: How to print.
        desk: Buildkite.
    """
    found = await desk.result("job_log", job=job, tail_lines=lines)
    shown(found, log_page(found), format, desk)
