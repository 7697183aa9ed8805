"""Hearing: what a log or a JUnit file says of a job besides its report."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from sickbay.ci.scan.families import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sickbay.ci.records import Listing
    from sickbay.logs.frameworks.junit import JunitSuite
    from sickbay.logs.frameworks.results import Session
    from sickbay.logs.log import Log
    from sickbay.logs.report import Outcome

BEFORE, AFTER = 8, 4
"""Lines of an excerpt around the one that says that a test failed."""

LINE, EXCERPT = 300, 2000
"""Characters of a line in an excerpt, and of the whole of it."""

MOST = 400
"""Excerpts of one log."""

LONGEST = 2000
"""Characters of the id of a test; whoever writes a file may write any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The tests that a job ran, and lines around its failures.

    Attributes:
        complete: Every test that failed is named.
        others: Canonical ids of the tests that did not fail, and how they ended.
        seconds: How long tests took, by canonical id, where that is known.
        excerpts: What a log says around the failure of a test, by its canonical id.
    """

    listing: Listing = "none"
    complete: bool = False
    others: Mapping[str, Outcome] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    excerpts: Mapping[str, str] = field(default_factory=dict)


def named(test_id: str) -> str:
    """What a history calls a test."""
    return canonical(test_id)[:LONGEST]


def heard(log: Log, sessions: Sequence[Session]) -> Heard:
    """What a log says of the tests in it.

    A log names all tests if every session in it names as many as it counted itself.
    """
    failed = {named(test.test_id): test for one in sessions for test in one.failed}
    whole = any(one.passed for one in sessions) and all(map(_names_all, sessions))
    passed = {named(test_id) for one in sessions for test_id in one.passed}
    return Heard(
        listing="all" if whole else "failed",
        complete=bool(sessions) and all(map(_names_failed, sessions)),
        others=dict.fromkeys(sorted(passed), "passed"),
        excerpts={
            name: _around(log, test.line) for name, test in islice(failed.items(), MOST)
        },
    )


def heard_in(suites: Sequence[JunitSuite]) -> Heard:
    """What the suites of a job's JUnit files say: all of it, and how long it took."""
    others: dict[str, Outcome] = {}
    seconds: dict[str, float] = {}
    excerpts: dict[str, str] = {}
    for case in (case for suite in suites for case in suite.cases):
        name = named(case.test_id)
        if case.result is None:
            others[name] = case.outcome
        if case.duration_s is not None:
            seconds[name] = seconds.get(name, 0.0) + case.duration_s
        if case.detail and len(excerpts) < MOST:
            excerpts[name] = clipped(case.detail.splitlines())
    return Heard(
        listing="all",
        complete=True,
        others=others,
        seconds=seconds,
        excerpts=excerpts,
    )


def joined(log: Heard, files: Iterable[Heard]) -> Heard:
    """What a log and the JUnit files of its job say together.

    Args:
        log: What the log says.
        files: All the files that the job wrote.
    """
    parts = (log, *files)
    whole = len(parts) > 1
    return Heard(
        listing="all" if whole else log.listing,
        complete=whole or log.complete,
        others={name: how for one in parts for name, how in one.others.items()},
        seconds={name: took for one in parts for name, took in one.seconds.items()},
        excerpts={
            name: text for one in parts[::-1] for name, text in one.excerpts.items()
        },
    )


def clipped(lines: Iterable[str]) -> str:
    """The end of some lines, which tells most, as much as an excerpt holds."""
    text = "\n".join(line.rstrip()[:LINE] for line in lines).strip("\n")
    if len(text) <= EXCERPT:
        return text
    return text[-EXCERPT:].partition("\n")[2] or text[-EXCERPT:]


def _around(log: Log, line: int) -> str:
    near = log.lines.between(line - BEFORE, line + AFTER)
    return clipped(text for _, text in near)


def _names_all(session: Session) -> bool:
    ended = session.expected_failed is not None or bool(session.passed)
    return ended and len(session.passed) >= session.counts.passed


def _names_failed(session: Session) -> bool:
    if session.expected_failed is None or session.problem:
        return False
    bad = sum(result.outcome != "rerun" for result in session.failed)
    return bad >= session.expected_failed
