"""Causes on grids that were drawn by hand."""

from __future__ import annotations

import random

import pytest

from sickbay.ci.causes import Cause, causes
from sickbay.ci.grid import joined
from sickbay.ci.models import Grid
from tests.ci.drawn import grid, place, places

A = "pull / linux / test (default, 1, 2, m)"
B = "pull / linux / test (default, 2, 2, m)"
WIN = "trunk / windows / build"
MAC = "trunk / mac / build"
OPS = "test/test_ops.py::TestOps::test_add"


def only(drawn: Grid) -> Cause:
    (found,) = causes(drawn)
    return found


def test_ongoing_breakage_is_found_over_pending_and_missing_runs() -> None:
    drawn = grid(
        {
            A: "???x.x?xCx.OOOOOOOOO",
            B: "?OOOOOOOOO.OOOOOOOOO",
            WIN: "??.x?x.x.xOOOOOOOOOO",
        }
    )
    found = only(drawn)
    assert found.verdict == "ongoing"
    assert place(drawn, found.last_bad) == 3
    assert place(drawn, found.first_bad) == 9
    assert place(drawn, found.last_good) == 10
    assert places(drawn, found.suspects) == [9]
    assert place(drawn, found.culprit) == 9
    assert found.jobs == ("pull / linux / test (default)", WIN)
    assert found.tests == (OPS,)


def test_test_that_moves_to_another_shard_stays_one_cause() -> None:
    drawn = grid({A: "xOxxOO" + "O" * 9, B: "OxOOxO" + "O" * 9})
    found = only(drawn)
    assert found.verdict == "ongoing"
    assert place(drawn, found.first_bad) == 4
    assert found.jobs == ("pull / linux / test (default)",)


def test_reverted_breakage_is_fixed_by_its_revert() -> None:
    drawn = grid({WIN: "OOO?xxx..OOOOOO"}, reverts={3: 8})
    found = only(drawn)
    assert found.verdict == "fixed"
    assert places(drawn, found.suspects) == [6, 7, 8]
    assert place(drawn, found.culprit) == 8
    assert place(drawn, found.fix) == 3
    assert place(drawn, found.first_good) == 2


def test_short_breakage_is_fixed_where_a_revert_tells() -> None:
    told = only(grid({WIN: "OOOOOxOOOOOOOOO"}, reverts={4: 5}))
    assert told.verdict == "fixed"
    untold = only(grid({WIN: "OOOOOxOOOOOOOOO"}))
    assert untold.verdict == "flaky"


def test_revert_that_does_not_help_clears_its_commit() -> None:
    drawn = grid({WIN: "xxxx.OOOOO"}, reverts={1: 4})
    found = only(drawn)
    assert found.verdict == "ongoing"
    assert found.culprit is None


def test_untested_revert_is_named() -> None:
    drawn = grid({WIN: "??xxxx.OOOOO"}, reverts={1: 6})
    found = only(drawn)
    assert found.verdict == "ongoing"
    assert place(drawn, found.culprit) == 6
    assert place(drawn, found.fix) == 1


def test_commit_that_a_bot_took_back_is_the_culprit() -> None:
    found = only(drawn := grid({WIN: "OOOOxxx...OOOO"}, marked=(8,)))
    assert place(drawn, found.culprit) == 8


def test_failure_of_the_newest_result_only_is_new() -> None:
    drawn = grid({WIN: "??x..OOOOO", MAC: "??O" + "O" * 7})
    found = only(drawn)
    assert found.verdict == "new"
    assert places(drawn, found.suspects) == [2, 3, 4]
    assert found.culprit is None


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.4])
@pytest.mark.parametrize("jobs", [1, 4, 20])
@pytest.mark.parametrize("seed", range(5))
def test_flaky_failure_never_goes_on(rate: float, jobs: int, seed: int) -> None:
    dice = random.Random(f"{rate} {jobs} {seed}")  # noqa: S311 - no secrets
    lanes = {
        f"pull / linux-{number} / build": "".join(
            "x" if dice.random() < rate else "O" for _ in range(120)
        )
        for number in range(jobs)
    }
    for found in causes(grid(lanes)):
        assert found.verdict == "flaky"
        assert found.culprit is None
        assert not found.suspects


def test_rarely_run_job_has_all_commits_since_its_last_pass_as_suspects() -> None:
    drawn = grid({"periodic / linux / build": "....x.......x.......O......."})
    found = only(drawn)
    assert found.verdict == "ongoing"
    assert places(drawn, found.suspects) == list(range(12, 20))


def test_relapse_is_told() -> None:
    drawn = grid({WIN: "xxxxOOOOOOxxxxxOOOOOO"}, reverts={9: 14})
    found = only(drawn)
    assert found.verdict == "ongoing"
    assert found.episodes == 2
    assert place(drawn, found.first_bad) == 3
    assert "relapse" in found.why


def test_outage_is_the_machines_and_nobody_is_blamed() -> None:
    lanes = {
        f"pull / linux-{number} / build": "OOOOO"
        + "".join("z" if (number * 7 + at * 3) % 5 < 3 else "O" for at in range(6))
        + "O" * 30
        for number in range(12)
    }
    found = only(grid(lanes))
    assert found.category == "infrastructure"
    assert found.verdict == "fixed"
    assert found.culprit is None
    assert found.suspects == ()


def test_failures_without_a_line_belong_to_their_job_alone() -> None:
    found = causes(grid({WIN: "eeeOOOOO", MAC: "eeeOOOOO"}))
    assert [cause.jobs for cause in found] == [(MAC,), (WIN,)]
    assert {cause.verdict for cause in found} == {"ongoing"}


def test_nothing_that_ever_passed_is_clipped() -> None:
    found = only(drawn := grid({WIN: "xxxx", MAC: "OOOO"}))
    assert found.clipped
    assert found.last_good is None
    assert found.culprit is None
    whole = only(grid({WIN: "xxxx", MAC: "OOOO"}, complete=True))
    assert not whole.clipped
    assert place(drawn, found.first_bad) == 3


def test_page_borders_change_nothing() -> None:
    drawn = grid({A: "x?x.xxOOOO", B: "OOxO.xOOOO", WIN: "xxx.xxOOyO"})
    for cut in range(11):
        parts = [Grid(rows=drawn.rows[:cut]), Grid(rows=drawn.rows[cut:])]
        assert causes(joined(parts)) == causes(drawn)
