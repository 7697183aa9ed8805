"""``sickbay buildkite nightly``: the latest nightly build, scanned."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from sickbay.clients.printer import DONE, FOUND, AtDesk, Format
from sickbay.toolsets.buildkite.cli.whole import Check, Issues, scanned, told


async def nightly(  # noqa: PLR0913 - one for each option
    *,
    pipeline: str | None = None,
    branch: str | None = None,
    finished: Annotated[bool, Parameter(negative="")] = False,
    issues: Issues = True,
    format: Format = "text",  # noqa: A002 - the option's name
    check: Check = False,
    desk: AtDesk,
) -> int:
    """Scan the latest nightly build.

    Args:
        pipeline: Another one, as NAME or ORGANIZATION/NAME.
        branch: Another one than the trunk.
        finished: Only a build that is over.
        issues: Look the failures up on GitHub.
        format: How to print.
        check: Exit 1 when a job failed for good.
        desk: Buildkite.
    """
    asked = {"pipeline": pipeline, "branch": branch, "finished": finished}
    whole = await scanned(desk, "scan_latest_nightly", search_issues=issues, **asked)
    told(whole, format, desk)
    return FOUND if check and whole.red else DONE
