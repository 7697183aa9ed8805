"""``sickbay buildkite report``: a scan as the text that people paste."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sickbay.clients.printer import AtDesk, Format, shown
from sickbay.render.page import Drawing
from sickbay.toolsets.buildkite.cli.whole import scanned, stored, told
from sickbay.toolsets.buildkite.tools.archive import is_scan_id

if TYPE_CHECKING:
    from collections.abc import Mapping

Form = Literal["daily_findings", "standup", "markdown", "slack", "text", "json"]

_PAGES: Mapping[Form, Format] = {"text": "text", "json": "json"}
"""Forms of the scan itself, and of no report on it."""


async def report(
    scan: str,
    /,
    *,
    format: Form = "daily_findings",  # noqa: A002 - the option's name
    cause: str | None = None,
    desk: AtDesk,
) -> None:
    """Print a report on a build.

    Args:
        scan: The id of a scan, or a build to scan.
        format: What the report is for.
        cause: The id of a cause: only that one, as a new issue in markdown.
        desk: Buildkite.
    """
    known = is_scan_id(scan)
    if known and format not in _PAGES:
        scan_id = scan
    else:
        asked = stored(desk, scan) if known else scanned(desk, "scan_build", build=scan)
        whole = await asked
        scan_id = str(whole.scan.scan_id)
        if form := _PAGES.get(format):
            told(whole, form, desk)
            return
    about = {"format": "markdown", "cause_id": cause} if cause else {"format": format}
    found = await desk.result("render", scan=scan_id, **about)
    shown(found, [Drawing(found["text"].rstrip("\n"), "")], "text", desk)
