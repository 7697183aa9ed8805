"""A scan as a command has it: all of it, and not what fits into an answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from cyclopts import Parameter

from sickbay.clients.printer import Format, shown
from sickbay.clients.shapes import known
from sickbay.core.errors import NotFound
from sickbay.render.page import Drawing
from sickbay.toolsets.buildkite.models.scan import ScanReport
from sickbay.toolsets.buildkite.render.report import report
from sickbay.toolsets.buildkite.render.scan import scan_page
from sickbay.toolsets.buildkite.tools.archive import kept

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sickbay.core.desk import Desk

Check = Annotated[bool, Parameter(negative="")]
Issues = Annotated[bool, Parameter(name="--issues", negative="--no-issues")]

LONG = ("causes", "passed_on_retry")
"""What an answer shows the beginnings of."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A scan, and the same as JSON data."""

    scan: ScanReport
    document: Mapping[str, Any]

    @property
    def red(self) -> bool:
        """Whether something failed for good."""
        return self.scan.jobs.hard > 0


async def scanned(desk: Desk, tool: str, **arguments: object) -> Whole:
    """What a tool that scans comes to.

    Args:
        desk: Calls it.
        tool: Its name.
        arguments: Its own.

    Raises:
        SickbayError: The scan failed.
    """
    answer = await desk.result(tool, **arguments)
    scan = msgspec.convert(answer, known(ScanReport))
    try:
        stored = await desk.call.thread(kept, desk.source, str(scan.scan_id))
    except NotFound:  # the cache cannot be written
        return Whole(scan, answer)
    long = {name: getattr(stored, name) for name in LONG}
    return Whole(replace(scan, **long), {**answer, **msgspec.to_builtins(long)})


def told(whole: Whole, form: Format, desk: Desk) -> None:
    """Print a scan: as a page, for an issue, or as JSON."""
    if form == "markdown":
        text = report(whole.scan, form).rstrip("\n")
        shown(whole.document, [Drawing(text, "")], "text", desk)
    else:
        shown(whole.document, scan_page(whole.scan), form, desk)


async def stored(desk: Desk, scan_id: str) -> Whole:
    """A scan that was made before.

    Raises:
        SickbayError: There is none of that id.
    """
    scan = await desk.call.thread(kept, desk.source, scan_id)
    return Whole(scan, msgspec.to_builtins(scan))
