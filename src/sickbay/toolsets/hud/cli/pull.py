"""``sickbay hud pr``: which failures of a pull request are its own."""

from __future__ import annotations

from sickbay.clients.printer import AtDesk, Format, shown
from sickbay.toolsets.hud.render.pull import pull_page


async def pr(
    number: str,
    /,
    *,
    sha: str | None = None,
    repo: str | None = None,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> None:
    """Show which failures of a pull request are its own, and why.

    Args:
        number: Of the pull request, or its address.
        sha: An older push; the newest by default.
        repo: Another repository, as owner/name.
        format: How to print.
        desk: The HUD.
    """
    found = await desk.result("pr_triage", pr=number, sha=sha, repo=repo)
    shown(found, pull_page(found), format, desk)
