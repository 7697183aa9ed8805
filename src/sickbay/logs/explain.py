"""The whole engine in one line of sight: a scanned log in, its explanation out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.causes import causes
from sickbay.logs.frameworks import all_sessions
from sickbay.logs.report import Coverage, Report
from sickbay.logs.scan import read_log
from sickbay.logs.tally import tests
from sickbay.logs.verdict import verdict

if TYPE_CHECKING:
    from sickbay.logs.catalogue import Catalogue
    from sickbay.logs.log import Log


def explain(log: Log) -> Report:
    """Explain a scanned log: what failed, where, why, and whose fault it looks like."""
    sessions = all_sessions(log)
    found = causes(log, sessions)
    results = tests(sessions, log.marks)
    return Report(
        source=log.source,
        bytes=log.bytes,
        lines=log.lines.total,
        ci=log.ci,
        verdict=verdict(log, sessions, found, results),
        causes=found,
        rule_match=log.rule_match,
        tests=results,
        coverage=Coverage(len(log.lines), log.lines.total, tuple(log.skipped)),
    )


def explain_bytes(
    data: bytes, source: str = "log", wanted: Catalogue | None = None
) -> Report:
    """Explain a log that is in memory.

    Args:
        data: The raw log.
        source: What it is called in the report.
        wanted: What to look for; the built-in packs and readers by default.
    """
    return explain(read_log(data, source, wanted))
