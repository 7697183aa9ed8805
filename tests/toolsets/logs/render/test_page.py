from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.report import Verdict
from sickbay.render.plain import columns
from sickbay.toolsets.logs.render import text
from tests.toolsets.logs.render.reports import GREEN, NO_TESTS, RED, cause, failed

if TYPE_CHECKING:
    from sickbay.logs.report import Outcome

PAGE = """\
job-4711.log  github-actions log, 1,234 lines, 98.3 kB

Looks like the code (86 % sure)
  3 tests fail on one assertion
  - exit status 1

Why
  1. lines 119-120: assertion  92 %
     119|     assert 41 == 42
     120| E   assert 41 == 42
     first error of the command that failed
  2. line 120: assertion  92 %
     120| E   assert 41 == 42
     first error of the command that failed

4 failed tests, 2 causes
  AssertionError: assert 41 == 42  3 tests
    tests/test_dose.py::test_dose[1 mg]  line 101
    tests/test_dose.py::test_dose[2 mg]  line 102
    tests/test_dose.py::test_dose[3 mg]  line 103, 2 attempts
  no answer
    tests/test_dose.py::test_dose[9 mg]  timed out, line 109

1 flaky test, passed on another attempt
  tests/test_queue.py::test_connects  failed, then passed, line 105
    ConnectionRefusedError: [Errno 111]

pytest, 2 sessions: 1,040 passed, 3 failed, 1 timed out.
First rule that matches: pytest failure, line 120.
Read 1,200 of 1,234 lines.
Not looked at: lines 1-34 (not text).
"""


def test_page_says_verdict_causes_tests_counts_and_gaps() -> None:
    assert text(RED, width=80) == PAGE


def test_green_log_is_called_green() -> None:
    assert text(GREEN, width=80) == (
        "green.log  plain log, 12 lines, 998 bytes\n\n"
        "No failure found.\n"
        "  nothing in the log says that something failed\n\n"
        "pytest: 7 passed.\nRead all 12 lines.\n"
    )


def test_colour_changes_nothing_but_colour() -> None:
    coloured = text(RED, colour=True, width=80)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == PAGE


@pytest.mark.parametrize("width", [0, 40, 57, 80, 500])
def test_only_test_ids_are_wider_than_the_terminal(width: int) -> None:
    wide = "漢字" * 90
    verdict = Verdict("test", 0.5, f"because {wide}", (wide, "word " * 60))
    report = replace(RED, source=wide, verdict=verdict, causes=(cause(1, wide * 4),))
    room = min(max(width, 40), 120)
    for row in text(report, width=width).splitlines():
        assert columns(row) <= room or "::" in row


def test_difference_from_the_final_count_is_said() -> None:
    report = replace(RED, tests=replace(RED.tests, expected_failed=50))
    assert "final counts say 50 failures; 6 could be named." in text(report)


@pytest.mark.parametrize(
    ("outcome", "attempts", "expected", "said"),
    [
        pytest.param("failed", (), 1, "", id="one-of-one"),
        pytest.param("failed", (), 2, "2 failures; 1", id="one-of-two"),
        pytest.param("failed", (), 0, "0 failures; 1", id="one-of-none"),
        pytest.param("failed", ("failed", "failed"), 2, "", id="every-attempt-counts"),
        pytest.param("failed", ("rerun", "failed"), 1, "", id="only-the-last-counts"),
        pytest.param("crashed", (), 0, "", id="a-crash-leaves-no-final-count"),
        pytest.param("crashed", (), 1, "", id="a-crash-of-a-worker-is-counted"),
        pytest.param("failed", (), None, "", id="no-final-count"),
    ],
)
def test_attempts_and_crashes_are_no_difference(
    outcome: Outcome, attempts: tuple[Outcome, ...], expected: int | None, said: str
) -> None:
    test = failed(1, outcome=outcome, attempts=attempts)
    tests = replace(NO_TESTS, failed=(test,), expected_failed=expected)
    page = text(replace(RED, tests=tests))
    assert (f"final counts say {said}" in page) == bool(said)
    assert ("final counts" in page) == bool(said)


def test_many_tests_and_causes_stay_one_page() -> None:
    tests = replace(
        NO_TESTS, failed=tuple(failed(n, signature=str(n % 90)) for n in range(2000))
    )
    page = text(
        replace(RED, causes=tuple(map(cause, range(1, 41))), tests=tests), width=80
    )
    assert "2,000 failed tests, 90 causes" in page
    assert "of 78 other causes" in page
    assert "Less likely: line 122," in page
    assert page.count("\n") < 200


@given(st.text(), st.text(), st.integers(0, 200))
def test_no_control_character_of_the_log_reaches_the_terminal(
    first: str, second: str, width: int
) -> None:
    nasty = f"\x1b]0;title\x07\x9b2J\u202e{first}\r\x00{second}"
    report = replace(
        RED,
        source=nasty,
        verdict=Verdict("code", 0.5, nasty, (nasty,)),
        causes=(cause(1, nasty),),
        tests=replace(
            NO_TESTS,
            frameworks=("pytest",),
            failed=(failed(1, test_id=nasty, message=nasty, exception=nasty),),
            flaky=(failed(2, test_id=nasty, message=nasty),),
        ),
    )
    coloured = text(report, colour=True, width=width)
    page = re.sub(r"\x1b\[[0-9;]+m", "", coloured)
    assert page == text(report, width=width)
    assert all(row.isprintable() or not row for row in shown(page))


def shown(page: str) -> list[str]:
    """The page's lines, with the spaces and marks that only look unprintable."""
    spaces = {"Zs", "Cn", "Co"}
    return [
        "".join(c for c in row if unicodedata.category(c) not in spaces)
        for row in page.split("\n")
    ]
