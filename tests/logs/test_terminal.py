from __future__ import annotations

import html
import os
import re
from pathlib import Path

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.terminal import HEIGHT, Screen, render, shown

DATA = Path(os.environ.get("SICKBAY_DATA", "../shared/data")) / "terminal-to-html"


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        pytest.param("one\ntwo", ["one", "two"], id="plain"),
        pytest.param("one\r\ntwo\r\r\n", ["one", "two"], id="crlf"),
        pytest.param("10%\r100%", ["100%"], id="carriage-return"),
        pytest.param("longer\rabc", ["abcger"], id="what-is-not-overwritten-stays"),
        pytest.param("ab\b\bX", ["Xb"], id="backspace"),
        pytest.param("\b\bX", ["X"], id="backspace-stops-at-the-edge"),
        pytest.param("abc\x1b[2DX", ["aXc"], id="left"),
        pytest.param("a\x1b[2CX", ["a  X"], id="right"),
        pytest.param("abc\x1b[2GX", ["aXc"], id="column"),
        pytest.param("abc\x1b[GX", ["Xbc"], id="first-column"),
        pytest.param("abc\r\x1b[KX", ["X"], id="erase-to-the-end"),
        pytest.param("abcd\x1b[2D\x1b[1KX", ["  Xd"], id="erase-to-the-start"),
        pytest.param("abc\x1b[2KX", ["   X"], id="erase-the-row"),
        pytest.param("abcd\r\x1b[2PX", ["Xd"], id="delete-characters"),
        pytest.param("abcd\r\x1b[2@X", ["X abcd"], id="insert-blanks"),
        pytest.param("abcd\r\x1b[2X", ["  cd"], id="erase-characters"),
        pytest.param("a\nb\x1b[1AX", ["aX", "b"], id="up"),
        pytest.param("a\nb\x1b[9AX", ["aX", "b"], id="up-stops-at-the-top"),
        pytest.param("a\nb\nc\x1b[2F\x1b[2EX", ["a", "b", "X"], id="up-and-down-again"),
        pytest.param("a\nb\nc\x1b[2A\x1b[JX", ["aX"], id="erase-below"),
        pytest.param("a\nb\x1b[1J\nc", ["", " ", "c"], id="erase-above"),
        pytest.param("a\nb\x1b[2J\x1b[HX", ["X"], id="clear-and-home"),
        pytest.param("a\x1b7b\x1b8X", ["aX"], id="save-and-restore"),
        pytest.param("a\nb\x1b[s\x1b[A\x1b[uX", ["a", "bX"], id="save-by-csi"),
        pytest.param("a\nb\x1bMX", ["aX", "b"], id="reverse-line-feed"),
        pytest.param("\x1b[31;1mred\x1b[0m\x1b(B", ["red"], id="colour-and-charset"),
        pytest.param("\x1b]0;title\x07\x1b]8;;x\x1b\\link", ["link"], id="osc"),
        pytest.param("\x1b_bk;t=1783974785649\x07text", ["text"], id="apc"),
        pytest.param("\x1b[?25lx\x1b[?25h", ["x"], id="private-modes"),
        pytest.param("x\x1b", ["x"], id="lone-escape"),
        pytest.param("x\x1b[12", ["x"], id="cut-sequence"),
        pytest.param("x" * 300, ["x" * 300], id="never-wraps"),
    ],
)
def test_the_rows_are_what_a_terminal_shows(text: str, rows: list[str]) -> None:
    assert render(text) == rows


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(path, id=path.name.partition(".")[0])
        for path in sorted(DATA.glob("*.raw"))
    ]
    or [pytest.param(None, marks=pytest.mark.skip(reason=f"no data in {DATA}"))],
)
def test_real_programs_look_as_in_the_web_view(raw: Path) -> None:
    page = raw.with_suffix(".rendered").read_text(encoding="utf-8")
    page = re.sub(r"<time[^>]*>.*?</time>", "", page)
    text = html.unescape(re.sub(r"<[^>]*>", "", page)).replace("\xa0", " ")
    rows = render(raw.read_bytes().decode())
    assert [row.rstrip() for row in rows] == [
        row.rstrip() for row in text.rstrip("\n").split("\n")
    ]


MOVES = [
    *("a", "bcd", " ", "\r", "\n", "\b", "\x1b[A", "\x1b[3A", "\x1b[2C", "\x1b[D"),
    *("\x1b[2D", "\x1b[G", "\x1b[4G", "\x1b[K", "\x1b[1K", "\x1b[2K", "\x1b[J"),
    *("\x1b[1J", "\x1b[2P", "\x1b[2@", "\x1b[X", "\x1b7é\x1b[2A\x1b8", "\x1b[32m"),
    *("\x1b[2B", "\x1b[E", "\x1b[2F", "\x1b[0m", "\x1b(B"),
]


@given(st.lists(st.sampled_from(MOVES), max_size=40))
def test_rows_are_those_of_another_terminal(moves: list[str]) -> None:
    text = "".join(moves)
    other = pyte.Screen(160, HEIGHT)
    other.set_mode(pyte.modes.LNM)
    pyte.Stream(other).feed(text)
    expected = "\n".join(row.rstrip() for row in other.display).rstrip("\n")
    assert "\n".join(row.rstrip() for row in render(text)).rstrip("\n") == expected


@given(st.text(alphabet="ab \r\b\x1b[0123;KCDGmP@X78", max_size=60))
def test_one_line_is_drawn_as_on_a_screen(line: str) -> None:
    screen = Screen(rows=False)
    screen.feed(line)
    drawn = "".join(screen.rows[0]).rstrip()
    assert shown(line.encode()).decode().rstrip() == drawn


@given(st.binary(max_size=200).filter(lambda line: b"\n" not in line))
def test_any_line_becomes_a_line_without_controls(line: bytes) -> None:
    text = shown(line)
    assert not set(text) & set(b"\n\r\b\x1b")


def test_text_that_is_not_utf8_survives_a_carriage_return() -> None:
    assert shown(b"\xff\xfe\xe2\x82\r\xe2\x82\xac") == "€".encode() + b"\xfe\xe2\x82"


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(" 10% [###     ] 1/9\r", id="returns"),
        pytest.param(" 10% [###     ] 1/9\x1b[K\r", id="erasing-after"),
        pytest.param("\r\x1b[K 10% [███     ] 1/9", id="erasing-before"),
    ],
)
def test_a_long_progress_line_ends_as_its_last_part(part: str) -> None:
    line = (part * 200_000).encode()
    assert shown(line).decode() == part.strip("\r").replace("\x1b[K", "")


def test_far_moves_do_not_fill_memory() -> None:
    screen = Screen()
    screen.feed("\x1b[99999B\x1b[99999CX" * 50)
    assert len(screen.rows) <= HEIGHT
    assert max(map(len, screen.rows)) < 10_000


def test_the_line_that_wrote_a_row_last_is_known() -> None:
    screen = Screen()
    for number, line in enumerate(["one", "two", "\x1b[2Anew"]):
        screen.feed(line, number)
        screen.line_feed(number + 1)
    assert ["".join(row) for row in screen.rows][:2] == ["new", "two"]
    assert screen.wrote[:2] == [2, 1]
