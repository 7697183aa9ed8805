"""``sickbay buildkite save``: a build in a folder, to be read without Buildkite."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path  # noqa: TC003 - the command line is made of it
from typing import TYPE_CHECKING, Literal

from sickbay.clients.printer import AtDesk, Format, shown
from sickbay.toolsets.buildkite.render.extras import saved_page
from sickbay.toolsets.buildkite.tools.reference import meant_build

if TYPE_CHECKING:
    from sickbay.toolsets.buildkite.source import Buildkite


async def save(
    build: str,
    folder: Path,
    /,
    *,
    logs: Literal["failed", "all", "none"] = "failed",
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> None:
    """Save a build and the logs of its jobs in a folder that scans can read.

    Args:
        build: Its number or its address.
        folder: Where; it is made if it is not there.
        logs: Whose logs.
        format: How to print.
        desk: Buildkite.
    """
    source: Buildkite = desk.source
    ref = meant_build(source, build)
    found = await source.client.save(ref, folder, logs=logs)
    document = {**asdict(found), "folder": str(folder)}
    document["coverage"] = {"skipped": document.pop("skipped")}
    shown(document, saved_page(document), format, desk)
