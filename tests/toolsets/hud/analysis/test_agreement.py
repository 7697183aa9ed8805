from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.core.results import Coverage
from sickbay.logs.report import Cause, FailedTest, Report, Tests, Verdict
from sickbay.toolsets.hud.analysis.agreement import agreement

TEST = "test_ops.py::TestCommon::test_out"


def report() -> Report:
    cause = Cause(
        rank=1,
        line_start=40,
        line_end=42,
        text="Traceback\n  in f\nRuntimeError: CUDA  error: an illegal access",
        rule=None,
        captures=(),
        score=0.9,
    )
    test = FailedTest(
        test_id=TEST,
        framework="pytest",
        outcome="failed",
        message=None,
        exception=None,
        line=50,
        signature="s",
    )
    return Report(
        source="hud:1",
        bytes=1,
        lines=60,
        ci="github-actions",
        verdict=Verdict("code", 0.9, "r"),
        causes=(cause,),
        rule_match=None,
        tests=Tests(failed=(test,)),
        coverage=Coverage(),
    )


@pytest.mark.parametrize(
    ("lines", "numbers", "captures", "agrees"),
    [
        pytest.param(["anything"], [41], [], True, id="a line of a cause"),
        pytest.param(
            ["RuntimeError: CUDA error: an illegal access"], [], [], True, id="its text"
        ),
        pytest.param([f"FAILED {TEST}"], [50], [TEST], True, id="a test that failed"),
        pytest.param(["Error 1"], [59], ["Error 1"], False, id="another line"),
        pytest.param(["Error 1"], [59], ["test"], False, id="a word in every test"),
        pytest.param([], [41], [TEST], None, id="no line"),
        pytest.param(["  "], [41], [], None, id="an empty line"),
    ],
)
def test_two_readers_agree_where_they_point_at_one_failure(
    lines: list[str],
    numbers: list[int],
    captures: list[str],
    agrees: bool | None,  # noqa: FBT001 - a column of the table
) -> None:
    found = agreement(report(), lines=lines, numbers=numbers, captures=captures)
    assert found is agrees


@given(st.lists(st.text()), st.lists(st.integers()), st.lists(st.text()))
def test_whatever_is_stored_can_be_compared(
    lines: list[str], numbers: list[int], captures: list[str]
) -> None:
    found = agreement(report(), lines=lines, numbers=numbers, captures=captures)
    assert found in {True, False, None}
