"""Keeps one of two failures where a runner shows the output of another inside its own.

CTest prints what a GoogleTest program or pytest said, nextest what a test binary of
cargo did. The inner one knows more, and its failures stand for the outer one's, unless
the outer one names the same test more fully.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sickbay.logs.frameworks.results import Session

_DEEPEST = 4
"""Sessions around one line that are looked at."""


def unnested(sessions: Sequence[Session]) -> list[Session]:
    """The sessions, with no failure in two of them.

    Args:
        sessions: In the order of their first lines.
    """
    telling = [index for index, session in enumerate(sessions) if session.failed]
    if len({sessions[index].framework for index in telling}) <= 1:
        return list(sessions)
    starts = [sessions[index].line_start for index in telling]
    ids = {i: {result.test_id for result in sessions[i].failed} for i in telling}
    gone: dict[int, set[str]] = {}
    for outer in telling:
        for result in sessions[outer].failed:
            last = bisect_right(starts, result.line)
            near = telling[max(last - _DEEPEST, 0) : last]
            inner = _inner(sessions, outer, near, result.line)
            if inner is None:
                continue
            short = result.test_id.partition(" ")[2]
            if short in ids[inner]:
                gone.setdefault(inner, set()).add(short)
            else:
                gone.setdefault(outer, set()).add(result.test_id)
    return [_without(one, gone.get(index, ())) for index, one in enumerate(sessions)]


def _inner(
    sessions: Sequence[Session], outer: int, near: Sequence[int], line: int
) -> int | None:
    """The session that a line is in, within another one of another framework."""
    around = sessions[outer]
    for index in reversed(near):
        inner = sessions[index]
        within = around.line_start < inner.line_start <= line <= inner.line_end
        if (
            within
            and inner.line_end <= around.line_end
            and inner.framework != around.framework
        ):
            return index
    return None


def _without(session: Session, gone: Collection[str]) -> Session:
    if not gone:
        return session
    counts, expected = session.counts, session.expected_failed
    for result in session.failed:
        if result.test_id in gone:
            left = max(getattr(counts, result.outcome) - 1, 0)
            counts = replace(counts, **{result.outcome: left})
            if expected and result.outcome != "rerun":
                expected -= 1
    kept = [result for result in session.failed if result.test_id not in gone]
    return replace(session, counts=counts, expected_failed=expected, failed=kept)
