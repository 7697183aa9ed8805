"""``sickbay buildkite annotations`` and ``artifacts``: what jobs left on a build."""

from __future__ import annotations

from sickbay.clients.printer import AtDesk, Format, shown
from sickbay.toolsets.buildkite.render.extras import annotations_page, artifacts_page


async def annotated(
    build: str,
    /,
    *,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> None:
    """Show what jobs and people wrote on the page of a build.

    Args:
        build: Its number or its address.
        format: How to print.
        desk: Buildkite.
    """
    found = await desk.result("annotations", build=build)
    shown(found, annotations_page(found), format, desk)


async def artifacts(
    build: str,
    /,
    *,
    job: str | None = None,
    path: str | None = None,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> None:
    """List the files that the jobs of a build left behind.

    Args:
        build: Its number or its address.
        job: Only of this job: its id or its address.
        path: Only these, such as junit/*.xml.
        format: How to print.
        desk: Buildkite.
    """
    found = await desk.result("artifacts", build=build, job=job, path=path)
    shown(found, artifacts_page(found), format, desk)
