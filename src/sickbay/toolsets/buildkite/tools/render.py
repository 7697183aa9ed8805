"""The tool that makes a text of a scan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from sickbay.core.errors import BadRequest
from sickbay.core.tool import MAX_BUDGET_BYTES, Call, Identifier, tool
from sickbay.toolsets.buildkite.analysis.oldform import is_old, scan_of
from sickbay.toolsets.buildkite.models.scan import Format, Rendered, ScanReport
from sickbay.toolsets.buildkite.source import Buildkite
from sickbay.toolsets.buildkite.tools.archive import cause_of, is_scan_id, kept

if TYPE_CHECKING:
    from collections.abc import Mapping

HINT = "give a scan_id, or the whole result of a scan"


@tool(
    title="Report on a scan",
    untrusted=("text",),
    budget_bytes=MAX_BUDGET_BYTES,
)
def render(
    source: Buildkite,
    _call: Call,
    *,
    scan: Annotated[str | dict[str, Any], "scan_id, or the result of a scan"],
    format: Annotated[Format, "what it is for"] = "daily_findings",  # noqa: A002 - what the reports' users call it
    cause_id: Annotated[
        str | None, Identifier(), "markdown of this one only: a new issue"
    ] = None,
) -> Rendered:
    """Make the text that people paste of a scan.

    Gives `text` of so many `lines` for the `scan_id`. Show it as it is.
    """
    from sickbay.toolsets.buildkite.render.report import report  # noqa: PLC0415 - seldom

    if cause_id and format != "markdown":
        raise BadRequest(f"{format} is about all causes", hint="give format: markdown")
    found = _scan(source, scan)
    cause = cause_of(found, cause_id) if cause_id else None
    text = report(found, format, cause)
    return Rendered(text=text, lines=text.count("\n"), scan_id=found.scan_id)


def _scan(source: Buildkite, scan: str | Mapping[str, Any]) -> ScanReport:
    """A kept scan, or the one that a result holds."""
    given = _document(scan) if isinstance(scan, str) else scan
    if isinstance(given, str):
        return kept(source, given)
    scan_id = given.get("scan_id")
    if isinstance(scan_id, str) and is_scan_id(scan_id):
        return kept(source, scan_id)
    return _converted(scan_of(given) if is_old(given) else given)


def _document(text: str) -> str | Mapping[str, Any]:
    """A result that came as JSON text, or the text itself."""
    text = text.strip()
    if not text.startswith("{"):
        return text
    try:
        found: Mapping[str, Any] = json.loads(text)
    except (ValueError, RecursionError):
        raise BadRequest("scan is no JSON object", hint=HINT) from None
    return found


def _converted(document: Mapping[str, Any]) -> ScanReport:
    import msgspec  # noqa: PLC0415 - a start of the server does without

    from sickbay.clients.shapes import known  # noqa: PLC0415 - same

    try:
        scan = msgspec.convert(document, known(ScanReport), strict=False)
    except (msgspec.ValidationError, RecursionError) as exc:
        raise BadRequest(f"scan is no result of a scan: {exc}", hint=HINT) from None
    if scan.build_info is None:
        raise BadRequest("scan is no result of a scan: no build_info", hint=HINT)
    return scan
