from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.anchors import Marks
from sickbay.logs.diff import Diff, diff
from sickbay.logs.lines import Lines, Run
from sickbay.logs.log import Log
from sickbay.render.plain import columns
from sickbay.toolsets.logs.render import diff_markdown, diff_text

if TYPE_CHECKING:
    from collections.abc import Callable

PASSED = ["setting up", "test_a passed", "cleaning up", "done"]
LINE = st.characters(exclude_characters="\n")
FAILED = ["setting up", "AssertionError: 41 != 42", "cleaning up", "done"]


def differing(passed: list[str], failed: list[str]) -> Diff:
    """The real difference between two made-up logs."""
    return diff(log("passed.log", passed), log("failed.log", failed))


def log(source: str, rows: list[str]) -> Log:
    """A log of these lines."""
    texts = [row.encode("utf-8", "replace") for row in rows]
    lines = Lines([Run(1, texts)], len(texts))
    return Log(source, sum(map(len, texts)), "plain", lines, Marks())


def test_page_shows_what_is_new_with_its_surroundings() -> None:
    rows = diff_text(differing(PASSED, FAILED)).splitlines()
    assert rows[0] == "What failed.log says, and passed.log does not"
    assert "  1   setting up" in rows
    assert "  2 + AssertionError: 41 != 42" in rows
    assert "  3   cleaning up" in rows
    assert any(row.startswith("In all, 1 line of 4") for row in rows)


@pytest.mark.parametrize("page", [diff_text, diff_markdown])
def test_equal_logs_differ_in_nothing(page: Callable[[Diff], str]) -> None:
    assert "both logs say the same" in page(differing(PASSED, PASSED))


def test_long_stretch_is_cut_to_the_lines_that_say_most() -> None:
    story = [f"chapter {chr(97 + n % 26) * (1 + n // 26)}" for n in range(20)]
    failed = [*PASSED[:2], *story, "ValueError: lost", *story[::-1], *PASSED[2:]]
    page = diff_text(differing(PASSED, failed))
    assert "ValueError: lost" in page
    assert "..." in page
    assert page.count("chapter") < len(story)


def test_markdown_keeps_the_log_in_its_fence() -> None:
    page = diff_markdown(differing(PASSED, [*PASSED, "error: ``` @everyone <b>"]))
    assert "````text\n" in page
    assert "+ error: ``` @everyone <b>\n" in page


@given(st.lists(st.text(LINE, max_size=30), max_size=20), st.integers(0, 140))
def test_page_is_printable_and_fits_whatever_the_logs_say(
    rows: list[str], width: int
) -> None:
    found = differing(PASSED, ["\x1b[31merror\x07", *rows])
    room = min(max(width, 40), 120)
    for row in diff_text(found, width=width).split("\n"):
        assert columns(row) <= room
        assert not any(c < " " or "\x7f" <= c < "\xa0" for c in row)
    assert diff_markdown(found).endswith("\n")
