"""``sickbay buildkite builds`` and ``build``: which there are, and how one ended."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from sickbay.clients.printer import DONE, FOUND, AtDesk, Format, shown
from sickbay.toolsets.buildkite.models.builds import (
    BuildState,  # noqa: TC001 - the choices
    Wanted,  # noqa: TC001 - see above
)
from sickbay.toolsets.buildkite.render.builds import build_page, builds_page


async def builds(  # noqa: PLR0913 - one for each option
    pipeline: str | None = None,
    /,
    *,
    branch: str | None = None,
    state: BuildState | None = None,
    commit: str | None = None,
    message: str | None = None,
    time_range: str | None = None,
    limit: int = 20,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> None:
    """List builds, the newest first.

    Args:
        pipeline: Another pipeline, as name or organization/name.
        branch: Only of this branch.
        state: Only in this state.
        commit: Only of this commit, or those whose sha begins so.
        message: Only those with these words in their message.
        time_range: When they began, such as 7d, 24h or A:B.
        limit: How many.
        format: How to print.
        desk: Buildkite.
    """
    found = await desk.result(
        "list_builds",
        pipeline=pipeline,
        branch=branch,
        state=state,
        commit=commit,
        message=message,
        time_range=time_range,
        limit=limit,
    )
    shown(found, builds_page(found), format, desk)


async def build(  # noqa: PLR0913 - one for each option
    build: str,
    /,
    *,
    state: Wanted | None = None,
    name: str | None = None,
    check: Annotated[bool, Parameter(negative="")] = False,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> int:
    """Show a build, and how its jobs ended.

    Args:
        build: Its number or its address.
        state: Only jobs that ended so; by default those that need a look.
        name: Only jobs with these words in their name.
        check: Exit 1 when a job of it failed.
        format: How to print.
        desk: Buildkite.
    """
    found = await desk.result("build", build=build, state=state, name=name)
    shown(found, build_page(found), format, desk)
    return FOUND if check and found["counts"]["hard"] else DONE
