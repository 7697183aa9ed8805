from __future__ import annotations

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.render.coverage import skipped
from sickbay.render.page import (
    Drawing,
    Quote,
    Table,
    block,
    line,
    markdown,
    text,
)
from sickbay.render.plain import Paint, columns
from sickbay.render.words import lasting, moment

BARE = Paint(colour=False)


def test_lines_are_indented_and_go_on_further_in() -> None:
    page = text(
        [block([line("RED ", Quote("main"), mood="bold"), line("a " * 30, level=1)])],
        paint=BARE,
        width=40,
    )
    assert page.splitlines() == [
        "RED main",
        "  " + "a " * 17 + "a",
        "    " + "a " * 11 + "a",
    ]


def test_markdown_makes_lists_and_quotes_strangers() -> None:
    page = markdown(
        [
            block(
                [
                    line("Two jobs", mood="bold"),
                    line(Quote("a `b` @me"), level=1),
                    line("because *", level=2),
                    line("next #1"),
                ]
            ),
            block([]),
            Drawing("\x1b[31mX\x1b[0m", "X"),
        ]
    )
    assert page == (
        "**Two jobs**\n\n- ``a `b` @me``\n  - because \\*\n\n"
        "next \\#\u200b1\n\n```text\nX\n```\n"
    )


def test_a_table_fits_and_its_last_columns_go_first() -> None:
    table = Table(("name", "count"), (("x" * 200, "7"), ("y", "12")))
    rows = text([table], paint=BARE, width=40).splitlines()
    assert rows[0].split() == ["name", "count"]
    assert rows[2].split() == ["y", "12"]
    assert max(map(columns, rows)) <= 40
    wide = Table(tuple("abcdefghijklmno"), (tuple("0123456789" + "xyzzy"),))
    narrow = text([wide], paint=BARE, width=40).splitlines()
    assert narrow[0].split() == list("abcdefghijklmn")
    assert narrow[2] == "no room for o: --format json has all"


def test_numbers_are_whole_and_names_can_be_told_apart_before_columns_go() -> None:
    heads = ("job_name", "flake_rate_wilson_lb", "total_runs", "pct_reds_flake", "url")
    name = "pull / linux-jammy-cuda12.8-py3.10-gcc11 / test (default)"
    table = Table(heads, ((name, "0.104273", "12", "0.395604", "https://h/7" * 4),))
    head, row, note = text([table], paint=BARE, width=72).splitlines()
    assert row.startswith(name[:24])
    assert row.split()[-3:] == ["0.104273", "12", "0.395604"]
    assert [word[:5] for word in head.split()] == ["job_n", "flake", "total", "pct_r"]
    assert note == "no room for url: --format json has all"


def test_a_table_in_markdown_has_all_and_breaks_nothing() -> None:
    page = markdown([Table(("name", "<b>|\n"), (("a|b", "<i>\n"),))])
    assert page.splitlines() == [
        "| name | \\<b\\>\\|  |",
        "| --- | --- |",
        "| a\\|b | \\<i\\>  |",
    ]


@given(
    st.lists(st.lists(st.text(max_size=50), min_size=3, max_size=3), max_size=6),
    st.integers(20, 120),
)
def test_any_table_fits(rows: list[list[str]], width: int) -> None:
    table = Table(("one", "two", "three"), tuple(tuple(row) for row in rows))
    for row in text([table], paint=BARE, width=width).splitlines():
        assert columns(row) <= width


@given(st.text(max_size=200), st.integers(40, 120), st.integers(0, 3))
def test_any_text_fits_and_stays_on_its_page(said: str, width: int, level: int) -> None:
    for row in text(
        [block([line(Quote(said), level=level)])], paint=BARE, width=width
    ).splitlines():
        assert columns(row) <= width
        assert not {"Cc", "Cf", "Cs", "Zl", "Zp"} & set(map(category, row))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        pytest.param(0, "0 s", id="nothing"),
        pytest.param(59.9, "59 s", id="seconds"),
        pytest.param(25 * 60, "25 min", id="minutes"),
        pytest.param(3 * 3600 + 59, "3 h", id="hours"),
        pytest.param(86_400 * 3 + 3_600 * 4 + 60, "3 d 4 h", id="days"),
    ],
)
def test_how_long_is_told_in_two_parts(seconds: float, words: str) -> None:
    assert lasting(seconds) == words


def test_a_time_that_nobody_knows_is_said_to_be_unknown() -> None:
    assert moment(None) == "at an unknown time"
    assert moment("2026-11-20T14:03:59Z") == "2026-11-20 14:03 UTC"


def test_what_was_not_looked_at_is_told_up_to_a_point() -> None:
    document = {
        "coverage": {"skipped": [{"what": f"page {n}", "why": "500"} for n in range(9)]}
    }
    page = text([block(skipped(document))], paint=BARE, width=90)
    assert page.count("Not looked at: page") == 5
    assert page.endswith("Not looked at: 4 more.\n")


def test_what_differs_at_the_end_is_cut_in_front() -> None:
    names = tuple((f"tests/of/a/long/path.py::test_case[{n}]", "1") for n in range(2))
    table = Table(("test", "n"), names, tails=True)
    _, *rows = text([table], paint=Paint(colour=False), width=24).splitlines()
    assert [row.split()[0] for row in rows] == [
        "\u2026ath.py::test_case[0]",
        "\u2026ath.py::test_case[1]",
    ]
