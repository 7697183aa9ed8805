"""``sickbay hud commit``: what became of the jobs of one commit."""

from __future__ import annotations

from sickbay.clients.printer import AtDesk, Format, shown
from sickbay.core.errors import NotFound
from sickbay.toolsets.hud.render.commit import commit_page


async def commit(
    sha: str,
    /,
    *,
    job_filter: str | None = None,
    repo: str | None = None,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> None:
    """Show what became of the jobs of a commit, the failures by what they say.

    Args:
        sha: The commit or its address, or a branch for its newest one.
        job_filter: Only jobs whose names match this RE2 pattern.
        repo: Another repository, as owner/name.
        format: How to print.
        desk: The HUD.
    """
    asked = {"branch": sha, "repo": repo, "job_filter": job_filter, "per_page": 1}
    summary = await desk.result("recent_commits", **asked)
    if not summary["commits"]:
        raise NotFound(f"there is no commit {sha}", hint="give its full sha")
    jobs = await desk.result("recent_commits", detail="failures", **asked)
    whole = {**jobs, "commits": summary["commits"]}
    shown(whole, commit_page(whole), format, desk)
