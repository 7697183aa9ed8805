"""The trunk on grids that were drawn by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sickbay.ci.models import Grid
from sickbay.ci.trunk import Health, trunk
from tests.ci.drawn import NOW, grid, place

WIN = "trunk / windows / build"
MAC = "pull / mac / build"
SLOW = "slow / linux / build"
PASSED = "O" * 12


@pytest.mark.parametrize(
    ("lanes", "expected"),
    [
        pytest.param({WIN: PASSED, SLOW: PASSED}, "green", id="all passed"),
        pytest.param({WIN: "xxxx" + PASSED, SLOW: PASSED}, "red", id="goes on"),
        pytest.param({WIN: "?x" + PASSED}, "red", id="new"),
        pytest.param(
            {WIN: PASSED, SLOW: "xxx" + PASSED}, "degraded", id="not blocking"
        ),
        pytest.param({WIN: "OOOxxxxx" + PASSED}, "green", id="fixed"),
        pytest.param({WIN: "xOOOOxOOOOOxOOOOOxOOOxOOO"}, "green", id="flaky"),
        pytest.param({WIN: "??Q?", MAC: "????"}, "unknown", id="nothing ended"),
        pytest.param({WIN: "CSN."}, "unknown", id="nothing ran"),
        pytest.param({}, "unknown", id="no commits"),
    ],
)
def test_trunk_is(lanes: dict[str, str], expected: Health) -> None:
    found = trunk(grid(lanes), NOW)
    assert found.health == expected
    assert found.reason


def test_trunk_is_red_since_its_oldest_cause() -> None:
    drawn = grid({WIN: "?xx.xOOOOOOO", MAC: "??yyyyyyOOOO", SLOW: "zzzzzzzzzzO"})
    found = trunk(drawn, NOW)
    assert place(drawn, found.since) == 7
    assert found.lasts == timedelta(hours=1000 - 5)
    assert not found.clipped
    assert found.reason == "2 causes in 2 jobs that block viable/strict"
    assert [cause.blocking for cause in found.causes] == [True, True, False]


def test_only_jobs_that_block_are_said_to_block() -> None:
    found = trunk(grid({WIN: "xxxx" + PASSED, SLOW: "xxxx" + PASSED}), NOW)
    assert len(found.causes[0].jobs) == 2
    assert found.reason == "1 cause in 1 job that blocks viable/strict"


def test_trunk_whose_newest_commits_are_missing_is_neither_red_nor_green() -> None:
    for lanes in ({WIN: "xxxx" + PASSED}, {WIN: PASSED}):
        drawn = grid(lanes)
        blind = replace(drawn, gaps=frozenset({drawn.rows[0].commit.sha}))
        found = trunk(blind, NOW)
        assert (found.health, found.since, found.lasts) == ("unknown", None, None)
        assert "newest commits" in found.reason


def test_trunk_tells_how_much_is_not_known_yet() -> None:
    drawn = grid({WIN: "?OOO", MAC: "Q?OO", SLOW: "?????"})
    found = trunk(drawn, NOW)
    assert (found.commits, found.unfinished) == (5, 2)
    assert place(drawn, found.newest) == 0
    assert place(drawn, found.complete) == 2


def test_where_nothing_blocks_every_job_has_to_end() -> None:
    found = trunk(drawn := grid({SLOW: "??OO"}), NOW)
    assert place(drawn, found.complete) == 2


def test_red_since_before_the_oldest_commit_is_told() -> None:
    assert trunk(grid({WIN: "xxxxx", MAC: "OOOOO"}), NOW).clipped


def test_job_that_is_run_no_more_makes_nothing_red() -> None:
    gone = grid({WIN: "." * 30 + "xxxOOOO", MAC: "O" * 37})
    found = trunk(gone, NOW)
    assert found.health == "green"
    assert found.causes[0].gone
    assert "not run any more" in found.causes[0].why


def test_job_that_is_rarely_run_is_not_given_up() -> None:
    rare = grid({WIN: ("." * 20 + "x") * 2 + ("." * 20 + "O") * 2})
    assert trunk(rare, NOW).health == "red"


def test_job_whose_pauses_grow_a_little_is_not_given_up() -> None:
    tail = "x" + ("." * 20 + "x") * 2 + ("." * 20 + "O") * 2
    assert trunk(grid({WIN: "." * 35 + tail}), NOW).health == "red"
    assert trunk(grid({WIN: "." * 45 + tail}), NOW).health == "green"


def test_no_commits_are_no_crash() -> None:
    found = trunk(Grid(), NOW)
    assert (found.newest, found.complete, found.causes) == (None, None, ())
