"""Scans that were made before: whole, for as long as their reports may be wanted."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sickbay.core.errors import BadRequest, NotFound
from sickbay.logs.pattern import Pattern
from sickbay.toolsets.buildkite.models.scan import ScanReport

if TYPE_CHECKING:
    from sickbay.clients.cache import Disk
    from sickbay.toolsets.buildkite.models.scan import BuildInfo, CauseRow
    from sickbay.toolsets.buildkite.source import Buildkite

SCHEMA = 1
KEPT = timedelta(days=30)
BYTES = 64 << 20
"""Of all scans together, packed."""

_ID = Pattern(r"[0-9]{1,12}-[0-9a-f]{10}")
_HINT = "scan the build again, and give the scan_id of the answer"


def scan_id(build: BuildInfo, scanned_at: datetime) -> str:
    """The id of a scan: which build, and when."""
    place = f"{build.organization}/{build.pipeline}/{build.build_number}"
    said = f"{place}@{scanned_at.isoformat()}"
    return f"{build.build_number}-{hashlib.sha256(said.encode()).hexdigest()[:10]}"


def is_scan_id(text: str) -> bool:
    """Whether it looks like the id of a scan."""
    return _ID.fullmatch(text) is not None


def keep(source: Buildkite, scan: ScanReport) -> None:
    """Keep a scan; where nothing can be written, it is not kept."""
    import msgspec  # noqa: PLC0415 - a start of the server does without

    until = source.now() + KEPT
    body = msgspec.json.encode({"schema": SCHEMA, "scan": scan})
    _disk(source).put(str(scan.scan_id), body, until.timestamp())


def kept(source: Buildkite, scan: str) -> ScanReport:
    """A scan that was made before, with all tests and jobs of its causes.

    Args:
        source: Knows where it is.
        scan: Its scan_id.

    Raises:
        BadRequest: That is no id of a scan.
        NotFound: There is none, or it was too long ago.
    """
    import msgspec  # noqa: PLC0415 - see keep

    from sickbay.clients.shapes import known  # noqa: PLC0415 - see keep

    if not is_scan_id(scan):
        raise BadRequest(f"{scan[:60]!r} is no scan_id", hint=_HINT)
    stored = _disk(source).get(scan)
    if stored is None:
        raise NotFound(f"there is no scan {scan} any more", hint=_HINT)
    try:
        document = msgspec.json.decode(stored[0])
        return msgspec.convert(document["scan"], known(ScanReport))
    except (msgspec.MsgspecError, LookupError, TypeError):
        said = f"scan {scan} was kept by another version of Sickbay"
        raise NotFound(said, hint=_HINT) from None


def cause_of(scan: ScanReport, cause_id: str) -> CauseRow:
    """A cause of a scan by its id.

    Raises:
        NotFound: The scan has none of that id.
    """
    for cause in scan.causes:
        if cause.cause_id == cause_id:
            return cause
    ids = ", ".join(cause.cause_id for cause in scan.causes[:5])
    hint = f"it has {ids}" if ids else "it found no failure"
    raise NotFound(f"scan {scan.scan_id} has no cause {cause_id[:60]}", hint=hint)


def _disk(source: Buildkite) -> Disk:
    from sickbay.clients.cache import Disk  # noqa: PLC0415 - see keep

    folder = source.folders.cache / "buildkite" / "scans"
    return Disk(folder, now=lambda: datetime.now(UTC), size=BYTES)
