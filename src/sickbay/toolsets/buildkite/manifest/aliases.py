"""Names and arguments that clients of the predecessor still use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sickbay.core.manifest import Alias

Document = Mapping[str, Any]

_BYTES = 40_000
"""The old results hold two reports besides ours."""


def _build(named: str | int | None, pipeline: str | None) -> Document:
    """A bare number is one of the pipeline; an address says by itself where it is."""
    if named is None:
        return {}
    build = str(named).strip().lstrip("#")
    if pipeline and build.isdecimal():
        return {"build": f"{pipeline}/{build}"}
    return {"build": build}


def _scanned(document: Document) -> Document:
    # The manifest is read at every start, which needs none of these.
    import msgspec  # noqa: PLC0415 - see above

    from sickbay.clients.shapes import known  # noqa: PLC0415 - same
    from sickbay.toolsets.buildkite.analysis.oldform import old_keys  # noqa: PLC0415 - same
    from sickbay.toolsets.buildkite.models.scan import ScanReport  # noqa: PLC0415 - same
    from sickbay.toolsets.buildkite.render.report import report  # noqa: PLC0415 - same

    scan = msgspec.convert(document, known(ScanReport))
    found = scan.build_info is not None
    return {
        **old_keys(document),
        "daily_findings_text": report(scan, "daily_findings") if found else "",
        "standup_summary_text": report(scan, "standup") if found else "",
    }


_NIGHTLY = Alias(
    name="",
    tool="scan_latest_nightly",
    arguments={"search_github": "search_issues"},
    ignored=("repo",),
    result=_scanned,
    budget_bytes=_BYTES,
)
_BUILD = replace(
    _NIGHTLY,
    tool="scan_build",
    joined={("build_id_or_url", "pipeline"): _build},
    ignored=("repo", "branch"),
)
_RENDER = Alias(name="", tool="render", arguments={"scan_result": "scan"})

ALIASES = tuple(
    replace(alias, name=f"ciwatch{sign}{name}")
    for sign in (".", "_")  # some clients know no names with dots
    for name, alias in (
        ("scan_latest_nightly", _NIGHTLY),
        ("scan_build", _BUILD),
        ("render", _RENDER),
    )
)
