from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.core.errors import BadRequest
from sickbay.logs.needle import any_of, needle


def texts(pattern: str, block: bytes, **how: bool) -> list[bytes]:
    return [block[a:b] for a, b, _ in needle(pattern, **how).lines(block)]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param(r"^b", [b"bc"], id="start of line"),
        pytest.param(r"a$", [b"a"], id="end of line"),
        pytest.param(r"\Ab", [b"bc"], id="start of text is start of line"),
        pytest.param(r"a\Z", [b"a"], id="Python's end of text"),
        pytest.param(r"a\sb", [], id="space is no line end"),
        pytest.param(r"a[^z]b", [], id="no class crosses a line end"),
        pytest.param(r"(?s)a.b", [], id="no dot crosses a line end"),
        pytest.param(r"a\nb", [], id="not even when it is written"),
        pytest.param(r"\Qa\A\E|c$", [b"bc"], id="quoted stays quoted"),
        pytest.param(r"^", [b"a", b"bc", b""], id="matches nothing at all"),
        pytest.param(r"^$", [b""], id="empty line"),
    ],
)
def test_every_line_stands_for_itself(pattern: str, expected: list[bytes]) -> None:
    assert texts(pattern, b"a\nbc\n\n") == expected


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        pytest.param("a(?=b)", "no look-around", id="look-ahead"),
        pytest.param("(?<!a)b", "no look-around", id="look-behind"),
        pytest.param(r"(a)\1", "no back references", id="back reference"),
        pytest.param("a++", "no possessive", id="possessive"),
        pytest.param("x(y", "column 2", id="place of the mistake"),
        pytest.param("", "empty", id="empty"),
        pytest.param("a" * 1001, "1001 characters", id="long"),
        pytest.param(r"a\Cb", "use a dot", id="single byte"),
        pytest.param("(?-m)^a", "one by one", id="single line mode"),
        pytest.param("x)|(?:y", "unexpected )", id="breaks out of a group"),
        pytest.param("[a-z]{1,999}" * 80, "too large", id="slow to compile"),
        pytest.param("[a-z]{1,999}" * 10, "too large", id="slow to search"),
        pytest.param(r"é\pL{1,999}", "too large", id="large once it is UTF-8"),
    ],
)
def test_a_bad_pattern_is_told_with_what_to_do(pattern: str, said: str) -> None:
    with pytest.raises(BadRequest, match=re.escape(said)) as raised:
        needle(pattern)
    assert raised.value.hint


def test_many_patterns_are_refused_where_together_they_are_slow() -> None:
    large = needle(r"[a-z]{1,999}[A-Z]{1,999}")
    with pytest.raises(BadRequest, match="too large"):
        any_of([large] * 50)


def test_a_literal_is_no_pattern() -> None:
    block = b"f(x) [1]\nF(X) [1]\nfx 1\n"
    assert texts("f(x) [1]", block, literal=True) == [b"f(x) [1]"]
    both = texts("f(x) [1]", block, literal=True, ignore_case=True)
    assert both == [b"f(x) [1]", b"F(X) [1]"]


def test_a_literal_with_a_line_end_is_refused() -> None:
    with pytest.raises(BadRequest, match="line end"):
        needle("a\nb", literal=True)


@pytest.mark.parametrize("literal", [False, True])
def test_letters_beyond_ascii_have_two_cases_too(literal: bool) -> None:  # noqa: FBT001 - parametrized
    block = "Prüfung\nPRÜFUNG\nPrufung\n".encode()
    found = texts("prüfung", block, literal=literal, ignore_case=True)
    assert found == ["Prüfung".encode(), "PRÜFUNG".encode()]


def test_bytes_that_are_no_text_hide_nothing() -> None:
    assert texts("a.+b", b"a\xff\xfeb\n") == [b"a\xff\xfeb"]


def test_captures_are_those_of_the_line() -> None:
    found = needle(r"(\w+)=(\d)?")
    assert found.captures(b"key=") == ("key", "")
    assert needle("x", literal=True).captures(b"x") == ()


WORDS = st.lists(
    st.sampled_from(["a", "b", "é", " ", "\n", ".", "*", "A"]), max_size=40
)


@given(
    WORDS, st.lists(st.sampled_from(["a", "é", ".", "*", "A"]), min_size=1, max_size=3)
)
def test_a_literal_is_found_where_python_finds_it(
    text: list[str], word: list[str]
) -> None:
    block, sought = "".join(text).encode(), "".join(word)
    lines = block.removesuffix(b"\n").split(b"\n") if block else []
    expected = [line for line in lines if sought.encode() in line]
    assert texts(sought, block, literal=True) == expected
    quoted = "".join(f"\\{c}" if c in ".*" else c for c in sought)
    assert texts(quoted, block) == expected


def test_there_is_no_line_after_the_last_line_end() -> None:
    assert texts("^$", b"a\n") == []
    assert texts("^$", b"a\n\n") == [b""]


def test_half_a_character_is_looked_for_without_a_fuss() -> None:
    assert not texts("\ud800", b"a\n", literal=True)
    assert not texts("\ud800", b"a\n", literal=True, ignore_case=True)
    with pytest.raises(BadRequest, match="UTF-8"):
        needle("\ud800")


@given(WORDS, st.sampled_from(["a.", "^b", "a*b$", "(a|b)+", ".", "[^a]", "é", r"\s"]))
def test_a_pattern_is_found_where_python_finds_it(
    text: list[str], pattern: str
) -> None:
    block = "".join(text).encode()
    lines = block.removesuffix(b"\n").split(b"\n") if block else []
    expected = [line for line in lines if re.search(pattern.encode(), line)]
    assert texts(pattern, block) == expected


def test_any_of_finds_each_on_its_own_terms() -> None:
    either = any_of(
        [needle("a", ignore_case=True), needle("b"), needle("|", literal=True)]
    )
    block = b"A\nB\nb\n|\nc\n"
    assert [block[start:stop] for start, stop, _ in either.lines(block)] == [
        b"A",
        b"b",
        b"|",
    ]
