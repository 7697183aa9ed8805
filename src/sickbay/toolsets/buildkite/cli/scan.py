"""``sickbay buildkite scan``: what failed in a build, why, and whose it is."""

from __future__ import annotations

from sickbay.clients.printer import DONE, FOUND, AtDesk, Format
from sickbay.toolsets.buildkite.cli.whole import Check, Issues, scanned, told


async def scan(
    build: str,
    /,
    *,
    issues: Issues = True,
    format: Format = "text",  # noqa: A002 - the option's name
    check: Check = False,
    desk: AtDesk,
) -> int:
    """Read the logs of all failed jobs of a build: what failed, why and whose it is.

    Args:
        build: Its number, its address, or ORGANIZATION/PIPELINE/NUMBER.
        issues: Look the failures up on GitHub.
        format: How to print.
        check: Exit 1 when a job failed for good.
        desk: Buildkite.
    """
    whole = await scanned(desk, "scan_build", build=build, search_issues=issues)
    told(whole, format, desk)
    return FOUND if check and whole.red else DONE
