"""``sickbay hud job``: what became of one job, and why."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from sickbay.clients.printer import AtDesk, Format, shown
from sickbay.toolsets.hud.render.job import job_page


async def job(
    job_id: str,
    /,
    *,
    explain: Annotated[bool, Parameter(negative="")] = False,
    repo: str | None = None,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> None:
    """Show what became of a job: its attempts, machine, log and failure.

    Args:
        job_id: Its number, its address, or hud:NUMBER.
        explain: Read its log, and say why it failed.
        repo: Another repository, as owner/name.
        format: How to print.
        desk: The HUD.
    """
    document = await desk.result("job", job_id=job_id, repo=repo)
    explained = None
    if explain:
        explained = await desk.result("explain_job", jobs=[job_id], repo=repo)
        document = {**document, "explanation": explained}
    shown(document, job_page(document, explained), format, desk)
