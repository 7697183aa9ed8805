"""Streaks on grids that were drawn by hand, and on any."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.grid import joined
from sickbay.ci.models import Grid
from sickbay.ci.streaks import Streak, streaks
from tests.ci.drawn import SAYS, grid, place, places

WIN = "trunk / windows / build"
MAC = "trunk / mac / build"
SHARDS = [f"pull / linux / test (default, {shard}, 2, m)" for shard in (1, 2)]
FOLDED = "pull / linux / test (default)"

cells = st.text(alphabet="OFxyzeCSN?Q.", max_size=14)
lanes = st.fixed_dictionaries(
    {WIN: cells, MAC: cells, SHARDS[0]: cells, SHARDS[1]: cells}
)


def only(drawn: Grid, *, fold: bool = False) -> Streak:
    (found,) = streaks(drawn, fold=fold)
    return found


@pytest.mark.parametrize(
    ("letters", "last", "first", "good"),
    [
        pytest.param("xxOO", 0, 1, 2, id="one commit broke it"),
        pytest.param("?xxOO", 1, 2, 3, id="newest is not finished"),
        pytest.param("x..O", 0, 0, 3, id="did not run on suspects"),
        pytest.param("xC?xSNO", 0, 3, 6, id="gaps inside"),
        pytest.param("xxF", 0, 1, 2, id="passed in the end"),
    ],
)
def test_streak_is(letters: str, last: int, first: int, good: int) -> None:
    drawn = grid({WIN: letters})
    found = only(drawn)
    assert found.length == letters.count("x")
    assert place(drawn, found.last_bad) == last
    assert place(drawn, found.first_bad) == first
    assert place(drawn, found.last_good) == good
    assert places(drawn, found.suspects) == list(range(first, good))
    assert not found.clipped


def test_what_is_unknown_inside_is_counted() -> None:
    found = only(grid({WIN: "??x?x..CxOO"}))
    assert (found.length, found.pending, found.absent) == (3, 1, 3)


def test_streak_that_reaches_the_oldest_commit_may_be_older() -> None:
    found = only(drawn := grid({WIN: "Cx.x."}))
    assert found.clipped
    assert found.last_good is None
    assert places(drawn, found.suspects) == [3, 4]


def test_streak_since_the_first_commit_ever_is_not_clipped() -> None:
    found = only(grid({WIN: "xx"}, complete=True))
    assert not found.clipped
    assert found.last_good is None


def test_job_that_passed_last_has_no_streak() -> None:
    assert not streaks(grid({WIN: "?.COxxx", MAC: "Fxx"}))


def test_what_a_job_says_comes_most_frequent_first() -> None:
    found = only(grid({WIN: "xyxO"}))
    assert found.signs == (SAYS["x"], SAYS["y"])
    assert found.latest.lines == (SAYS["x"],)


def test_longest_streak_comes_first_and_short_ones_may_be_left_out() -> None:
    drawn = grid({MAC: "xO", WIN: "xxxO"})
    assert [found.job for found in streaks(drawn)] == [WIN, MAC]
    assert [found.job for found in streaks(drawn, min_length=2)] == [WIN]
    assert [found.job for found in streaks(drawn, names=[MAC])] == [MAC]


def test_shards_are_one_job_where_folded() -> None:
    drawn = grid({SHARDS[0]: "xOxOO", SHARDS[1]: "OxO.O"})
    found = only(drawn, fold=True)
    assert found.job == FOLDED
    assert found.length == 3
    assert place(drawn, found.last_good) == 4, "one shard alone is no evidence"


def test_unstable_shards_are_a_job_of_their_own() -> None:
    unstable = SHARDS[0].replace("m)", "m, unstable)")
    found = only(grid({SHARDS[0]: "OO", SHARDS[1]: "OO", unstable: "xx"}), fold=True)
    assert "unstable" in found.job


@given(lanes=lanes, cut=st.integers(0, 14), overlap=st.integers(0, 3))
def test_page_borders_change_no_streak(
    lanes: dict[str, str], cut: int, overlap: int
) -> None:
    drawn = grid(lanes)
    parts = [Grid(rows=drawn.rows[: cut + overlap]), Grid(rows=drawn.rows[cut:])]
    assert streaks(joined(parts), fold=True) == streaks(drawn, fold=True)


@given(lanes=lanes, more=st.integers(1, 3))
def test_commits_that_are_only_pending_change_no_streak(
    lanes: dict[str, str], more: int
) -> None:
    size = max(map(len, lanes.values()))
    before = grid({name: cells.ljust(size, ".") for name, cells in lanes.items()})
    after = grid({n: "?" * more + cells.ljust(size, ".") for n, cells in lanes.items()})
    assert _shape(streaks(before), before, 0) == _shape(streaks(after), after, more)


@given(
    letters=cells,
    hidden=st.lists(st.tuples(st.integers(0, 13), st.sampled_from("?.C")), max_size=5),
)
def test_hiding_cells_moves_the_suspects_only_outwards(
    letters: str, hidden: list[tuple[int, str]]
) -> None:
    less = list(letters)
    for at, letter in hidden:
        if at < len(less):
            less[at] = letter
    whole, holed = grid({WIN: letters}), grid({WIN: "".join(less)})
    known = {found.job: found for found in streaks(holed)}
    for found in streaks(whole):
        if found.job not in known or found.first_bad != known[found.job].first_bad:
            continue
        assert set(found.suspects) <= set(known[found.job].suspects)


@given(lanes=lanes)
def test_streak_adds_up(lanes: dict[str, str]) -> None:
    drawn = grid(lanes)
    for found in streaks(drawn):
        first, last = place(drawn, found.first_bad), place(drawn, found.last_bad)
        assert first is not None
        assert last is not None
        assert found.length + found.pending + found.absent == first - last + 1
        assert found.suspects[0] == found.first_bad
        assert found.clipped == (found.last_good is None)


def _shape(found: tuple[Streak, ...], drawn: Grid, newer: int) -> list[object]:
    return [
        (
            one.job,
            one.length,
            (place(drawn, one.first_bad) or 0) - newer,
            (place(drawn, one.last_bad) or 0) - newer,
            len(one.suspects),
            one.pending,
            one.absent,
            one.clipped,
        )
        for one in found
    ]


def test_a_streak_next_to_missing_commits_may_be_longer() -> None:
    drawn = grid({WIN: "xxOO"})
    (whole,) = streaks(drawn)
    (found,) = streaks(replace(drawn, gaps=frozenset({drawn.rows[2].commit.sha})))
    assert (whole.clipped, found.clipped) == (False, True)
