from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.core.texts import cleaned
from sickbay.core.untrusted import visible

UNSEEN = [
    *range(32),
    *range(0x7F, 0xA0),
    *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x3164, 0xFEFF, 0xFE0F, 0x200B, 0x2066),
    *range(0x2028, 0x202F),
    *(0xE0041, 0xE0100, 0xE01EF, 0x1D173),
]
SMUGGLED = st.sampled_from([*map(chr, UNSEEN), "\ud800", "\udfff"])
PIECES = st.lists(
    SMUGGLED
    | st.characters(exclude_categories=())
    | st.sampled_from(["\x1b[31m", "\x1b]0;t\x07", "\x1b]8;;u\x1b\\", "\x1bP", "[0m"])
)
TEXT = PIECES.map("".join)


@given(TEXT)
def test_nothing_unseen_is_left(text: str) -> None:
    kinds = {unicodedata.category(c) for c in visible(text) if c not in "\t\n"}
    assert not kinds & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(visible(text)) & {*map(chr, UNSEEN)} - {"\t", "\n"}


@given(TEXT)
def test_making_visible_twice_changes_nothing(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_what_can_be_seen_stays(text: str) -> None:
    fillers = "\u115f\u1160\u3164\uffa0"
    assert visible(text) == "".join(c for c in text if c not in fillers)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        pytest.param("\x1b[1;31mred\x1b[0m", "red", id="colours"),
        pytest.param("\x1b]8;;http://x\x07link\x1b]8;;\x07", "link", id="links"),
        pytest.param("\x1b]0;rm -rf\x1b\\x", "x", id="titles"),
        pytest.param("a\u202egpj.exe", "agpj.exe", id="turned-round"),
        pytest.param("ok\U000e0069\U000e0067", "ok", id="tags"),
        pytest.param("😀\U000e0101\U000e0102", "😀", id="variation-selectors"),
        pytest.param("pass\u200bword", "password", id="no-width"),
        pytest.param("one\u2028two\x85three", "onetwothree", id="line-separators"),
        pytest.param("a\tb\nc", "a\tb\nc", id="tabs-and-lines"),
        pytest.param("\ud83d", "\ufffd", id="half-a-character"),
        pytest.param("\x1b[\x1b[31m31mred", "[31mred", id="sequence-in-sequence"),
    ],
)
def test_attack_text_that_no_reader_sees_goes(text: str, seen: str) -> None:
    assert visible(text) == seen


def test_all_strings_in_data_are_made_visible() -> None:
    data = {"k\u200b": ["\x1b[0ma", ("b\0", 1, None)], "n": 1.5}
    assert cleaned(data, visible) == {"k": ["a", ["b", 1, None]], "n": 1.5}


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param("\x1b]", id="unended-strings"),
        pytest.param("\x1b[0;", id="unended-sequences"),
        pytest.param("\x1bP" + "x" * 4_000, id="long-strings"),
        pytest.param("\u202e", id="marks"),
    ],
)
def test_attack_a_megabyte_of_half_sequences_takes_no_time(piece: str) -> None:
    assert "\x1b" not in visible(piece * (1_000_000 // len(piece)))
