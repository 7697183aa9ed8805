"""What every reader promises of its results, on every log that is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sickbay.logs.frameworks import all_sessions
from sickbay.logs.frameworks.bounds import bounded
from sickbay.logs.frameworks.results import Problem, Session, TestResult
from tests.logs.frameworks.samples import DATA, read

if TYPE_CHECKING:
    from pathlib import Path

LOGS = [
    pytest.param(path, id=f"{path.parent.name}-{path.stem}")
    for path in sorted(DATA.rglob("*.log"))
]


@pytest.mark.parametrize("path", LOGS)
def test_every_result_points_at_what_it_says(path: Path) -> None:
    log = read(path.read_bytes())
    for session in all_sessions(log):
        ids = [result.test_id for result in session.failed]
        assert len(ids) == len(set(ids))
        for result in session.failed:
            first, last = result.span or (result.line, result.line)
            assert 1 <= first <= result.line <= last <= log.lines.total, result
            assert last - first < 10
            assert result.message is None or result.message.isprintable()
            assert len(result.test_id) <= 4096


def test_what_a_reader_says_of_a_log_stays_within_it() -> None:
    result = TestResult(
        "a\nb" * 3000, "x", "failed", 90, "no\x1b[31m beds\n\ud800", span=(95, 60)
    )
    problem = Problem(0, 50, "a\tb")
    session = Session("x", 0, 99, failed=[result, result], problem=problem)
    held = bounded(session, 20)
    (one,) = held.failed
    assert (held.line_start, held.line_end) == (1, 20)
    assert (one.line, one.span, one.message) == (20, (20, 20), "no [31m beds")
    assert len(one.test_id) == 4096
    assert "\n" not in one.test_id
    assert held.problem == Problem(1, 10, "a b")


@pytest.mark.parametrize(
    ("line", "span", "held"),
    [
        pytest.param(9, (3, 5), (3, 9), id="just below"),
        pytest.param(40, (3, 5), (40, 40), id="far below"),
        pytest.param(40, (45, 52), (40, 49), id="above"),
        pytest.param(7, (3, 90), (3, 12), id="within, too long"),
    ],
)
def test_a_span_holds_its_telling_line(
    line: int, span: tuple[int, int], held: tuple[int, int]
) -> None:
    result = TestResult("a", "x", "failed", line, span=span)
    (one,) = bounded(Session("x", 1, 100, failed=[result]), 100).failed
    assert one.span == held
