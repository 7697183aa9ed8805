from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.render.plain import (
    Paint,
    clipped,
    columns,
    folded,
    printable,
    wrapped,
)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        pytest.param("plain text", "plain text", id="ascii-stays"),
        pytest.param("a\tb", "a    b", id="tab"),
        pytest.param("a\x1b[31mb\x07", "a[31mb", id="escape-and-bell"),
        pytest.param("a\nb\u2028c\x85d", "a b c d", id="line-ends-are-spaces"),
        pytest.param("a\u202eb\u200bc\ufeff", "abc", id="hidden-characters"),
        pytest.param("\udcff", "\ufffd", id="lone-surrogate"),
        pytest.param("Größe 漢字 é", "Größe 漢字 é", id="words-of-the-world"),
    ],
)
def test_printable_keeps_what_can_be_seen(raw: str, shown: str) -> None:
    assert printable(raw) == shown


@pytest.mark.parametrize(
    ("words", "width"),
    [("abc", 3), ("漢字", 4), ("e\u0301", 1), ("", 0)],
)
def test_columns_are_those_of_a_terminal(words: str, width: int) -> None:
    assert columns(words) == width


@given(st.text().map(printable), st.integers(2, 40), st.integers(1, 5))
def test_folded_rows_fit_and_say_when_they_cut(
    words: str, width: int, rows: int
) -> None:
    out = folded(words, width, rows=rows)
    assert len(out) <= rows
    assert all(columns(row) <= width for row in out)
    assert "".join(out) == words or out[-1].endswith("…")


@given(st.text().map(printable), st.integers(2, 40))
def test_wrapped_rows_fit_and_lose_no_word(words: str, width: int) -> None:
    out = wrapped(words, width)
    assert all(columns(row) <= width for row in out)
    assert "".join("".join(out).split()) == "".join(words.split())


def test_clipped_text_ends_in_an_ellipsis() -> None:
    assert clipped("abcdef", 4) == "abc…"
    assert clipped("abcd", 4) == "abcd"


def test_paint_is_silent_without_colour() -> None:
    assert Paint(colour=False)("x", "red") == "x"
    assert Paint(colour=True)("x", "bold", "red") == "\x1b[1;31mx\x1b[0m"
