from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.models import Grid
from sickbay.render.plain import Paint, columns
from sickbay.toolsets.hud.render.grid import Sheet, by_group, by_job
from tests.ci.drawn import grid

if TYPE_CHECKING:
    from collections.abc import Callable

    Draw = Callable[[Grid, Sheet], str]

LINT = "Lint / lintrunner"
DEFAULT = "pull / linux-jammy-py3.10-gcc11 / test (default, 1, 2, linux.2xlarge)"
OTHER = "pull / linux-jammy-py3.10-gcc11 / test (default, 2, 2, linux.2xlarge)"
UNSTABLE = "pull / win-vs2022 / test (default, 1, 1, windows.4xlarge, unstable)"
BARE = Paint(colour=False)
PLAIN = Sheet(BARE, width=100)


def rows_of(page: str) -> list[str]:
    return [row for row in page.splitlines() if "Change number" in row]


def special(drawn: Grid, at: int, **more: object) -> Grid:
    """The grid with one commit that is special."""
    rows = list(drawn.rows)
    rows[at] = replace(rows[at], commit=replace(rows[at].commit, **more))  # type: ignore[arg-type] # whatever the test says
    return replace(drawn, rows=tuple(rows))


def test_a_group_shows_the_worst_of_its_jobs() -> None:
    page = by_group(grid({DEFAULT: "OOO?", OTHER: "OFXO"}), PLAIN)
    assert [row[-1] for row in rows_of(page)] == ["✓", "≈", "✗", "?"]


def test_what_blocks_nothing_is_no_cross() -> None:
    page = by_group(grid({UNSTABLE: "XO"}), PLAIN)
    assert [row[-1] for row in rows_of(page)] == ["x", "✓"]
    assert "failed, does not block" in page


def test_every_commit_says_when_which_and_what_is_special() -> None:
    drawn = special(grid({LINT: "OOOO"}), 1, forced=True)
    drawn = special(drawn, 2, forced=True, forced_with_failures=True)
    page = by_group(special(drawn, 3, autoreverted=True, sha="a" * 40), PLAIN)
    starts = [re.split(r"  +Change| Change", row)[0] for row in rows_of(page)]
    assert [start.split()[3:] for start in starts] == [[], ["M"], ["W"], ["R"]]
    assert re.fullmatch(r"\d\d-\d\d \d\d:\d\d aaaaaaa R", starts[3])
    assert "R reverted by a bot" in page


def test_the_legend_explains_what_is_there_and_nothing_else() -> None:
    legend = by_group(grid({LINT: "OX."}), PLAIN)
    assert "✓ passed" in legend
    assert "✗ failed" in legend
    assert "· did not run" in legend
    assert "cancelled" not in legend
    assert "reverted" not in legend


def test_groups_without_failures_make_room_for_those_with() -> None:
    quiet = {"windows-binary-wheel / build": "O", "rocm / test": "O", LINT: "O"}
    drawn = grid({**quiet, DEFAULT: "X"})
    page = by_group(drawn, Sheet(BARE, width=40))
    assert "✗" in rows_of(page)[0]
    assert "none with failures" in page
    assert max(columns(row) for row in rows_of(page)) <= 40


def test_jobs_that_never_failed_are_only_counted() -> None:
    page = by_job(grid({DEFAULT: "OXX", OTHER: "OOO", LINT: "OOF"}), PLAIN)
    (row,) = [row for row in page.splitlines() if row.startswith("pull")]
    assert row.endswith(" ✓✗✗")
    assert "lintrunner" not in page
    assert "2 jobs without a failure" in page


def test_a_narrow_terminal_shows_the_newest_commits() -> None:
    page = by_job(grid({LINT: "X" + "O" * 200}), Sheet(BARE, width=40))
    row = next(row for row in page.splitlines() if row.startswith("Lint"))
    assert columns(row) == 40
    assert row.split()[-1].startswith("✗✓")
    assert "newest of 22" in page


def test_names_of_jobs_have_the_room_that_commits_leave() -> None:
    page = by_job(grid({DEFAULT: "XX", OTHER: "XX"}), PLAIN)
    assert DEFAULT in page
    assert OTHER in page


def test_letters_of_hud_stand_in_where_there_is_only_ascii() -> None:
    sheet = Sheet(BARE, width=60, plain=True)
    drawn = special(grid({LINT: "OFXC."}), 0, title="Größe über alles " * 9)
    assert by_group(drawn, sheet).isascii()
    assert by_job(drawn, sheet).isascii()
    assert "OFXC~" in by_job(drawn, sheet)


@pytest.mark.parametrize("draw", [by_group, by_job])
def test_colours_change_nothing_else(draw: Draw) -> None:
    drawn = grid({LINT: "OFXC.", DEFAULT: "?XSNQ"})
    coloured = draw(drawn, Sheet(Paint(colour=True), width=80))
    plain = draw(drawn, Sheet(BARE, width=80))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_what_strangers_write_cannot_act_on_the_terminal() -> None:
    evil = "\x1b]0;gone\x07\u202eevil\r\nline"
    page = by_group(special(grid({LINT: "O"}), 0, title=evil), PLAIN)
    assert len([row for row in page.splitlines() if "evil" in row]) == 1
    assert all(row.isprintable() for row in page.splitlines())


def test_an_empty_grid_is_an_empty_page() -> None:
    assert by_group(Grid(), PLAIN) == by_job(Grid(), PLAIN) == ""


@pytest.mark.parametrize("draw", [by_group, by_job])
@given(data=st.data(), width=st.integers(40, 200))
def test_no_row_is_wider_than_the_terminal(
    draw: Draw, data: st.DataObject, width: int
) -> None:
    count = data.draw(st.integers(1, 9))
    letters = st.text("OFXCSQN?.", min_size=count, max_size=count)
    names = st.text(min_size=1, max_size=80)
    lanes = data.draw(st.dictionaries(names, letters, min_size=1, max_size=12))
    page = draw(grid(lanes), Sheet(BARE, width=width))
    words = ("no room", "without a failure", "merged")
    rows = [row for row in page.splitlines() if not any(word in row for word in words)]
    assert all(columns(row) <= width for row in rows)
