"""Reads the committed logs of test frameworks, and made-up ones, with all anchors."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sickbay.logs.catalogue import Catalogue
from sickbay.logs.frameworks.bounds import bounded
from sickbay.logs.scan import read_log

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from sickbay.logs.frameworks.results import Session, TestResult
    from sickbay.logs.log import Log

DATA = Path(__file__).parents[2] / "data"


@cache
def anchors_only() -> Catalogue:
    """A catalogue without rules: the readers need none."""
    return Catalogue((), 0)


def read(data: bytes) -> Log:
    """A log in memory, scanned."""
    return read_log(data, wanted=anchors_only())


@cache
def sample(framework: ModuleType, name: str) -> Sequence[Session]:
    """The sessions of one framework in one committed log."""
    return sessions(framework, (DATA / f"{name}.log").read_bytes())


def sessions(framework: ModuleType, data: bytes) -> Sequence[Session]:
    """The sessions of one framework in a log in memory."""
    log = read(data)
    return [bounded(session, log.lines.total) for session in framework.sessions(log)]


def only(framework: ModuleType, name: str) -> Session:
    """The one session in a log."""
    (session,) = sample(framework, name)
    return session


def outcomes(session: Session) -> dict[str, str]:
    """Outcome per test."""
    return {result.test_id: result.outcome for result in session.failed}


def named(session: Session, test_id: str) -> TestResult:
    """The result of one test."""
    return next(result for result in session.failed if result.test_id == test_id)


def check_sound(framework: ModuleType, data: bytes) -> None:
    """What must hold of any bytes: no exception, ids unique, spans small and real."""
    log = read(data)
    for session in sessions(framework, data):
        ids = [result.test_id for result in session.failed]
        assert len(ids) == len(set(ids))
        assert 1 <= session.line_start <= session.line_end <= log.lines.total
        assert session.counts.bad >= 0
        for result in session.failed:
            assert result.test_id
            assert 1 <= result.line <= log.lines.total
            assert result.span
            assert 1 <= result.span[0] <= result.span[1] <= log.lines.total
            assert result.span[1] - result.span[0] < 10


def mangled(text: bytes, cuts: Sequence[int]) -> bytes:
    """A log with some of its lines repeated and others lost."""
    lines = text.split(b"\n")
    picked = [lines[cut % len(lines) : cut % len(lines) + 7] for cut in cuts]
    return b"\n".join(line for part in picked for line in part)
