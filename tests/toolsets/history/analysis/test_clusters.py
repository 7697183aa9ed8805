from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sickbay.toolsets.history.analysis.clusters import EXCERPT, telling

SOURCE = "".join(f"    line {number} of the test\n" for number in range(60))


def test_a_short_excerpt_is_shown_whole() -> None:
    assert telling("E   assert 1 == 2\n", "assert 1 == 2") == "E   assert 1 == 2\n"


def test_a_long_one_is_cut_before_the_lines_that_tell() -> None:
    shown = telling(f"{SOURCE}E   assert 1 == 2\n{SOURCE}", "assert 1 == 2")
    assert shown.startswith("    line ")
    assert shown.endswith("of the test\nE   assert 1 == 2")


def test_one_that_says_it_otherwise_ends_as_it_ends() -> None:
    assert telling(f"{SOURCE}E   boom", "AssertionError").endswith("E   boom")


@given(st.text(), st.text())
def test_any_excerpt_fits(excerpt: str, text: str) -> None:
    shown = telling(excerpt * 40, text)
    assert len(shown) <= EXCERPT
    assert shown in excerpt * 40
