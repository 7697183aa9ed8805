"""Causes on grids that were drawn by hand."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.causes import Cause, causes
from sickbay.ci.grid import joined
from sickbay.ci.models import Grid
from tests.ci.drawn import SAYS, grid, place, places, saying

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
    assert found.category == "code"


def test_test_that_moves_to_another_shard_stays_one_cause() -> None:
    drawn = grid({A: "xOxxOO" + "O" * 9, B: "OxOOxO" + "O" * 9})
    found = only(drawn)
    assert found.verdict == "ongoing"
    assert place(drawn, found.first_bad) == 4
    assert found.jobs == ("pull / linux / test (default)",)


@pytest.mark.parametrize(
    ("gap", "sure"),
    [
        pytest.param(3, True, id="within the episode"),
        pytest.param(5, False, id="before it"),
        pytest.param(6, True, id="before a commit that passed"),
    ],
)
def test_next_to_missing_commits_nobody_is_blamed(gap: int, *, sure: bool) -> None:
    drawn = grid({WIN: "xxxxxOOOOOOOOOO"})
    found = only(replace(drawn, gaps=frozenset({drawn.rows[gap].commit.sha})))
    assert (place(drawn, found.first_bad), found.clipped) == (4, not sure)
    assert place(drawn, found.culprit) == (4 if sure else None)


def test_the_first_commit_of_a_branch_has_no_parent_that_passed() -> None:
    found = only(grid({WIN: "x"}, complete=True))
    assert (len(found.suspects), found.culprit) == (1, None)


def test_what_mended_it_is_not_known_where_commits_are_missing() -> None:
    drawn = grid({WIN: "OOOOxxxxxOOOOOOO"})
    found = only(replace(drawn, gaps=frozenset({drawn.rows[4].commit.sha})))
    assert (found.verdict, found.fix) == ("fixed", None)
    assert place(drawn, only(drawn).fix) == 3


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
        assert (found.verdict, found.category) == ("flaky", "test")
        assert found.culprit is None
        assert not found.suspects


def test_rarely_run_job_has_all_commits_since_its_last_pass_as_suspects() -> None:
    drawn = grid({"periodic / linux / build": "....x.......x.......O......."})
    found = only(drawn)
    assert found.verdict == "ongoing"
    assert places(drawn, found.suspects) == list(range(12, 20))


def test_jobs_that_take_turns_to_fail_are_said_to() -> None:
    found = only(grid({WIN: "xOxOxOOxOxOx", MAC: "OxOxOxxOxOxO"}))
    assert found.verdict == "flaky"
    assert "on 12 of 12 commits with a result (100%; 2 jobs, not al" in found.why
    alone = only(grid({WIN: "xOxOxOOxOxOx", MAC: "O" * 12}))
    assert "(50%; 1 job)" in alone.why


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
        + "".join("z" if (number * 7 + at * 3) % 5 < 2 else "O" for at in range(6))
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


def test_silent_failure_amid_others_has_their_cause() -> None:
    drawn = grid({WIN: "exxexOOOO"})
    found = only(drawn)
    assert found.verdict == "ongoing"
    assert found.count == 5
    assert place(drawn, found.first_bad) == 4


def test_job_that_fails_of_something_else_each_time_has_one_cause() -> None:
    found = only(grid({WIN: "abdghOOOO"}))
    assert found.verdict == "ongoing"
    assert found.variants == 5


def test_cause_that_others_hide_is_told_to_be_hidden() -> None:
    found = causes(grid({WIN: "yyyyxxxxxOOOOO"}))
    hidden = next(cause for cause in found if "test_add" in cause.text)
    assert "failed of something else on 4 commits since" in hidden.why


def test_failure_seen_once_and_hidden_since_is_not_new() -> None:
    found = causes(grid({WIN: "yyyyxOOOOO"}))
    assert {cause.text[:6]: cause.verdict for cause in found} == {
        "error:": "ongoing",
        "FAILED": "flaky",
    }


def test_unstable_jobs_hide_no_breakage_of_others() -> None:
    drawn = grid(
        {
            WIN: "OOOOOOOxxxxOOOOOOOOO",
            MAC: "OOOOOOOxxxxOOOOOOOOO",
            "unstable / linux / build": "xOxxxxOxxxOxxxxxxOxx",
        }
    )
    broken, known = causes(drawn)
    assert broken.verdict == "fixed"
    assert place(drawn, broken.first_bad) == 10
    assert known.verdict == "flaky"
    assert not known.blocking


def test_one_message_in_many_tests_is_one_cause() -> None:
    said = "OSError: cannot load the shared library of the allocator"
    drawn = grid({WIN: "abOOOO", MAC: "?gOOOO"})
    found = only(
        saying(drawn, lambda job: f"FAILED t.py::T::test_{job.name[8]} - {said}")
    )
    assert found.tests == ("t.py::T::test_m", "t.py::T::test_w")
    assert found.jobs == (MAC, WIN)


def test_passing_on_another_try_is_no_breakage() -> None:
    drawn = grid({WIN: "FFFFFFFFFFOOOO"})
    assert not causes(drawn), "it says nothing, and it passed"
    found = only(saying(drawn, lambda _: "ValueError: cannot spell queue"))
    assert found.verdict == "flaky"
    assert found.retried == 10


def test_dependency_that_changed_by_itself_blames_nobody() -> None:
    drawn = grid({WIN: "qqqqOOOO"})
    line = "ModuleNotFoundError: No module named 'sphinx_panels'"
    found = only(saying(drawn, lambda _: line))
    assert found.category == "dependency"
    assert place(drawn, found.suspects[0]) == 3
    assert found.culprit is None


def test_one_job_that_fails_for_good_is_told_from_others() -> None:
    lanes = {
        f"pull / linux-{number} / build": "".join(
            "x" if (number * 5 + at * 3) % 11 == 0 else "O" for at in range(44)
        )
        for number in range(10)
    }
    lanes[WIN] = "x" * 14 + "O" * 30
    drawn = grid(lanes)
    found = only(drawn)
    assert found.verdict == "ongoing"
    assert found.jobs == (WIN,)
    assert place(drawn, found.first_bad) == 13


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        pytest.param("x" * 4 + "OOOxOOOxOO" * 4, "flaky", id="four times by chance"),
        pytest.param("x" * 12 + "OOOxOOOxOO" * 4, "ongoing", id="far too often"),
    ],
)
def test_job_has_to_prove_what_others_show_to_be_flaky(
    letters: str, expected: str
) -> None:
    asan = ("OxOOOOxOOOxOO" * 5)[: len(letters)]
    assert only(grid({MAC: letters, WIN: asan})).verdict == expected


def test_second_sighting_after_long_is_not_new() -> None:
    again = "x" + "O" * 150 + "x" + "O" * 148
    assert only(grid({WIN: again})).verdict == "flaky"
    assert only(grid({WIN: again, MAC: "x" + "O" * 299})).verdict == "new"


def test_passing_on_another_try_tells_even_where_another_shard_failed() -> None:
    drawn = grid({A: "FFFFFFOOOO", B: "yyyyyyOOOO"})
    said = "ValueError: cannot spell queue"
    drawn = saying(drawn, lambda job: said if job.passed else SAYS["y"])
    goes_on, tried_again = causes(drawn)
    assert goes_on.verdict == "ongoing"
    assert (tried_again.verdict, tried_again.retried) == ("flaky", 6)


def test_reverts_of_other_times_make_no_breakage() -> None:
    drawn = grid({WIN: "OOOOOxOOOOOOOOO"}, reverts={9: 10, 1: 3})
    assert only(drawn).verdict == "flaky"


def test_revert_after_the_mending_did_not_mend() -> None:
    drawn = grid({WIN: "OOOOxxxx.OOO"}, reverts={1: 8})
    found = only(drawn)
    assert place(drawn, found.culprit) == 8
    assert place(drawn, found.fix) == 3
    assert found.fix_why == "the commit before it still failed"


def test_silent_shard_beside_one_that_speaks_is_a_cause_of_its_own() -> None:
    found = causes(grid({A: "xxxxOOOO", B: "eeeeOOOO"}))
    assert [(cause.text == "", cause.count) for cause in found] == [
        (True, 4),
        (False, 4),
    ]


def test_two_failures_in_a_row_may_have_two_causes() -> None:
    assert len(causes(grid({WIN: "abOOOO"}))) == 2


def test_silent_failure_after_a_pass_is_another() -> None:
    silent, told = causes(grid({WIN: "eeeOOOOOxxxxOOOOO"}))
    assert (silent.verdict, told.verdict) == ("ongoing", "fixed")


def test_lines_that_differ_by_a_letter_are_one_cause() -> None:
    drawn = grid({WIN: "aaOOOO", MAC: "aaOOOO"})
    line = "error: cannot open the archive of symbols libtorch_cuda_{}.a for reading"
    found = only(saying(drawn, lambda job: line.format(job.name[8])))
    assert found.variants == 2


cells = st.text(alphabet="OFxyzeC?.", max_size=16)
lanes = st.fixed_dictionaries({A: cells, B: cells, WIN: cells, MAC: cells})


@given(drawn=lanes, cut=st.integers(0, 16), overlap=st.integers(0, 3))
def test_page_borders_change_no_cause(
    drawn: dict[str, str], cut: int, overlap: int
) -> None:
    whole = grid(drawn)
    parts = [Grid(rows=whole.rows[: cut + overlap]), Grid(rows=whole.rows[cut:])]
    assert causes(joined(parts)) == causes(whole)


@given(drawn=lanes, order=st.permutations([A, B, WIN, MAC]))
def test_order_of_jobs_changes_no_cause(
    drawn: dict[str, str], order: list[str]
) -> None:
    assert causes(grid({name: drawn[name] for name in order})) == causes(grid(drawn))


@given(drawn=lanes, more=st.integers(1, 4))
def test_commits_that_are_only_pending_change_no_cause(
    drawn: dict[str, str], more: int
) -> None:
    size = max(map(len, drawn.values()))
    even = {name: cells.ljust(size, ".") for name, cells in drawn.items()}
    later = {name: "?" * more + cells for name, cells in even.items()}
    assert causes(grid(later)) == causes(grid(even))


@given(drawn=lanes)
def test_cause_adds_up(drawn: dict[str, str]) -> None:
    whole = grid(drawn)
    failed = sum(job.failed for row in whole.rows for job in row.jobs.values())
    found = causes(whole)
    assert sum(cause.count for cause in found) == failed
    for cause in found:
        first, last = place(whole, cause.first_bad), place(whole, cause.last_bad)
        assert first is not None
        assert last is not None
        assert last <= first
        assert cause.example.failed
        assert cause.culprit is None or cause.culprit in cause.suspects
        assert (cause.first_good is not None) == (cause.verdict == "fixed")
        assert cause.suspects == () or cause.suspects[0] == cause.first_bad
