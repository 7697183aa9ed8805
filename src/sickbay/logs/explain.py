"""The whole engine in one line of sight: a scanned log in, its explanation out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.core.results import Coverage
from sickbay.logs.causes import causes
from sickbay.logs.ending import succeeded
from sickbay.logs.frameworks import all_sessions
from sickbay.logs.report import Report
from sickbay.logs.scan import read_log
from sickbay.logs.tally import tests
from sickbay.logs.verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sickbay.logs.catalogue import Catalogue
    from sickbay.logs.frameworks.results import Session
    from sickbay.logs.log import Log

    Heard = Callable[[Log, Sequence[Session]], None]


def explain(log: Log, heard: Heard | None = None) -> Report:
    """Explain a scanned log: what failed, where, why, and whose fault it looks like.

    Args:
        log: The scanned log.
        heard: Is told what the report leaves out: lines, and tests that passed.
    """
    sessions = all_sessions(log)
    if heard is not None:
        heard(log, sessions)
    return explain_sessions(log, sessions, only_tests=succeeded(log))


def explain_sessions(
    log: Log, sessions: Sequence[Session], *, only_tests: bool = True
) -> Report:
    """Explain a log whose test sessions are known.

    Args:
        log: The scanned log.
        sessions: Its test sessions.
        only_tests: Nothing but a failed test or session can be a cause: the log says
            otherwise that all went well, or holds nothing but test results.
    """
    results = tests(sessions, log.marks)
    quiet = only_tests and not results.failed and not any(s.problem for s in sessions)
    found = () if quiet else causes(log, sessions)
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
