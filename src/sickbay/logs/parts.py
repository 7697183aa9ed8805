"""From the chunks of a log to what it says: what every face of the engine calls."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from sickbay.core.errors import TooLarge
from sickbay.logs.explain import explain, explain_sessions
from sickbay.logs.scan import Scanner

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.logs.catalogue import Catalogue
    from sickbay.logs.diff import Diff
    from sickbay.logs.explain import Heard
    from sickbay.logs.log import Log
    from sickbay.logs.report import Report

    Parts = Iterable[bytes | memoryview]

MAX_JUNIT = 256 << 20
"""Bytes of a JUnit file, which is read as a whole."""

_JUNIT_HEAD = 4096
_JUNIT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<[?!][^>]*>\s*)*<testsuites?[\s>/]")


def explain_parts(
    parts: Parts, wanted: Catalogue, *, source: str, heard: Heard | None = None
) -> Report:
    """Explain a log or a JUnit XML file.

    Args:
        parts: Its bytes; a part need not outlive the next one.
        wanted: What to look for.
        source: What it is called in the report.
        heard: Is told what the report leaves out: lines, and tests that passed.

    Raises:
        TooLarge: It is a JUnit file too large to be read as a whole.
    """
    parts = iter(parts)
    head = bytes(next(parts, b""))
    if _JUNIT.match(head[:_JUNIT_HEAD]):
        return _explain_junit(head, parts, wanted, source)
    return explain(_fed(Scanner(wanted, source=source), chain([head], parts)), heard)


def diff_parts(
    passed: Parts, failed: Parts, wanted: Catalogue, *, names: tuple[str, str]
) -> Diff:
    """Show what only the failing log says, once what always varies is masked.

    Args:
        passed: The bytes of the log of a run that passed.
        failed: Those of one that failed.
        wanted: What to look for in the one that failed.
        names: What the two are called.
    """
    from sickbay.logs.diff import Comparison, split  # noqa: PLC0415 - not to explain
    from sickbay.logs.keep import Limits  # noqa: PLC0415 - not to explain

    comparison = Comparison()
    before = Scanner(
        None,
        source=names[0],
        limits=Limits(whole=0, tail=0),
        hear=lambda block, _first: comparison.passed(split(block)),
    )
    _fed(before, passed)
    after = Scanner(
        wanted,
        source=names[1],
        hear=lambda block, _first: comparison.failed(split(block)),
    )
    found = comparison.finish(explain(_fed(after, failed)).causes)
    return replace(found, passed=names[0], failed=names[1])


def _fed(scanner: Scanner, parts: Parts) -> Log:
    for part in parts:
        scanner.feed(part)
    return scanner.finish()


def _explain_junit(head: bytes, parts: Parts, wanted: Catalogue, source: str) -> Report:
    """A JUnit file says by itself what failed: only its results are causes."""
    from sickbay.logs.frameworks.junit import parse_junit  # noqa: PLC0415 - seldom

    data = bytearray(head)
    for part in parts:
        data += part
        if len(data) > MAX_JUNIT:
            raise TooLarge(f"{source} is larger than {MAX_JUNIT >> 20} MiB of XML")
    raw = bytes(data)
    log = _fed(Scanner(wanted, source=source), [raw])
    return explain_sessions(log, parse_junit(raw))
