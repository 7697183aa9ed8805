"""The Python face: what the command line calls, for scripts and notebooks."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from sickbay.clients.files import chunks, logs_in
from sickbay.clients.store import FileCache
from sickbay.core.errors import BadRequest, SickbayError, TooLarge
from sickbay.core.results import Coverage, Skipped
from sickbay.logs.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sickbay.logs.catalogue import Catalogue
    from sickbay.logs.cluster import Cluster
    from sickbay.logs.diff import Diff
    from sickbay.logs.log import Log
    from sickbay.logs.report import Report
    from sickbay.logs.scan import Scanner

MAX_JUNIT = 256 << 20
"""Bytes of a JUnit file, which is read as a whole."""

_JUNIT_HEAD = 4096
_JUNIT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<[?!][^>]*>\s*)*<testsuites?[\s>/]")

__all__ = ["cluster", "diff", "explain", "explain_many", "wanted"]


def wanted(
    rules: str | Path | None = None, *, preparing: Callable[[], None] | None = None
) -> Catalogue:
    """What to look for in logs: the built-in rules, behind the caller's own if given.

    Args:
        rules: A TOML rule file; it alone decides a report's ``rule_match`` then.
        preparing: Called when the rules have to be compiled, which takes seconds,
            once for every version of them.

    Raises:
        BadRequest: The rule file is wrong; names the file, the rule and the place.
        NotFound: There is no such file.
    """
    if rules is None:
        return catalogue(cache=FileCache(missed=preparing))
    from sickbay.logs.rules.load import parse_rules  # noqa: PLC0415 - only when given

    raw = b"".join(bytes(chunk) for chunk in chunks(rules))
    try:
        text = raw.decode()
    except UnicodeDecodeError as exc:
        line = raw.count(b"\n", 0, exc.start) + 1
        raise BadRequest(f"{rules}: line {line} is not UTF-8") from exc
    return catalogue(parse_rules(text, file=str(rules)), FileCache(missed=preparing))


def explain(log: str | Path, *, looking_for: Catalogue | None = None) -> Report:
    """Explain one log: what failed, where, why, and whose fault it looks like.

    Args:
        log: Path of a log or a JUnit XML file, packed or not; ``-`` is stdin.
        looking_for: See ``wanted``.

    Raises:
        SickbayError: The log cannot be read.
    """
    from sickbay.logs.explain import explain as explained  # noqa: PLC0415 - see main

    parts = chunks(log)
    head = bytes(next(parts))
    if _JUNIT.match(head[:_JUNIT_HEAD]):
        return _explained_junit(head, parts, str(log), looking_for or wanted())
    return explained(_scanned(chain([head], parts), str(log), looking_for))


def explain_many(
    logs: Iterable[str | Path], *, looking_for: Catalogue | None = None
) -> tuple[list[Report], Coverage]:
    """Explain many logs; one that cannot be read is named in the coverage, not fatal.

    Args:
        logs: Files or folders.
        looking_for: See ``wanted``.

    Raises:
        SickbayError: None of them can be read.
    """
    looking_for = looking_for or wanted()
    paths = _files(logs)
    reports: list[Report] = []
    skipped: list[Skipped] = []
    for path in paths:
        try:
            reports.append(explain(path, looking_for=looking_for))
        except SickbayError as exc:
            skipped.append(Skipped(str(path), str(exc)))
    if not reports:
        why = skipped[0].why if skipped else "none was named"
        raise BadRequest(f"no log could be read: {why}")
    return reports, Coverage(len(reports), len(paths), tuple(skipped))


def cluster(reports: Sequence[Report]) -> tuple[Cluster, ...]:
    """Group the failures of many reports by their cause, largest group first."""
    from sickbay.logs.cluster import cluster as clustered  # noqa: PLC0415 - see main

    return clustered(reports)


def diff(
    passed: str | Path, failed: str | Path, *, looking_for: Catalogue | None = None
) -> Diff:
    """Show what only the failing log says, once what always varies is masked.

    Args:
        passed: Log of a run that passed; one of the two may be ``-``, stdin.
        failed: Log of a run that failed.
        looking_for: See ``wanted``.

    Raises:
        SickbayError: One of the logs cannot be read.
    """
    from sickbay.logs.diff import Comparison, split  # noqa: PLC0415 - see main
    from sickbay.logs.explain import explain as explained  # noqa: PLC0415 - see main
    from sickbay.logs.keep import Limits  # noqa: PLC0415 - see main
    from sickbay.logs.scan import Scanner  # noqa: PLC0415 - see main

    if str(passed) == str(failed) == "-":
        raise BadRequest("stdin can be one of the two logs only")
    comparison = Comparison()
    before = Scanner(
        None,
        source=str(passed),
        limits=Limits(whole=0, tail=0),
        hear=lambda block, _first: comparison.passed(split(block)),
    )
    _fed(before, chunks(passed))
    after = Scanner(
        looking_for or wanted(),
        source=str(failed),
        hear=lambda block, _first: comparison.failed(split(block)),
    )
    found = comparison.finish(explained(_fed(after, chunks(failed))).causes)
    return replace(found, passed=str(passed), failed=str(failed))


def _files(logs: Iterable[str | Path]) -> list[str | Path]:
    files: list[str | Path] = []
    for log in logs:
        folder = str(log) != "-" and Path(log).is_dir()
        files.extend(logs_in(Path(log)) if folder else [log])
    return list(dict.fromkeys(files))


def _scanned(
    parts: Iterable[bytes | memoryview], source: str, looking_for: Catalogue | None
) -> Log:
    from sickbay.logs.scan import Scanner  # noqa: PLC0415 - see main

    return _fed(Scanner(looking_for or wanted(), source=source), parts)


def _fed(scanner: Scanner, parts: Iterable[bytes | memoryview]) -> Log:
    for part in parts:
        scanner.feed(part)
    return scanner.finish()


def _explained_junit(
    head: bytes,
    parts: Iterable[bytes | memoryview],
    source: str,
    looking_for: Catalogue,
) -> Report:
    """A JUnit file says by itself what failed: only its results are causes."""
    from sickbay.logs.explain import explain_sessions  # noqa: PLC0415 - see main
    from sickbay.logs.frameworks.junit import parse_junit  # noqa: PLC0415 - see main

    data = bytearray(head)
    for part in parts:
        data += part
        if len(data) > MAX_JUNIT:
            raise TooLarge(f"{source} is larger than {MAX_JUNIT >> 20} MiB of XML")
    raw = bytes(data)
    return explain_sessions(_scanned([raw], source, looking_for), parse_junit(raw))
