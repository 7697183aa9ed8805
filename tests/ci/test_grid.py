"""Pages joined, and rows counted."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import pytest

from sickbay.ci.grid import Status, counts, joined, status
from sickbay.ci.models import Grid, Job, Row
from tests.ci.drawn import commit, grid, job

if TYPE_CHECKING:
    from sickbay.ci.states import State

WIN = "trunk / windows / build"
MAC = "trunk / mac / build"


def row(letters: str, names: tuple[str, ...] = ("a / b", "c / d", "e / f")) -> Row:
    made = commit(1)
    jobs = {
        name: job(name, made.sha, letter)
        for name, letter in zip(names, letters, strict=False)
    }
    return Row(commit=made, jobs=jobs)


def test_pages_that_name_other_jobs_become_one_grid() -> None:
    whole = grid({WIN: "xxOO..", MAC: "....OO"})
    pages = [
        Grid(rows=whole.rows[:4], job_names=(WIN,)),
        Grid(rows=whole.rows[4:], job_names=(MAC,)),
    ]
    assert joined(pages) == whole


def test_commit_on_two_pages_is_there_once() -> None:
    whole = grid({WIN: "xxOOOOO"})
    pages = [Grid(rows=whole.rows[:4]), Grid(rows=whole.rows[2:])]
    assert joined(pages) == whole


def test_gap_between_pages_is_only_missing() -> None:
    whole = grid({WIN: "xxOOOOO"})
    found = joined([Grid(rows=whole.rows[:2]), Grid(rows=whole.rows[4:])])
    assert found.rows == whole.rows[:2] + whole.rows[4:]


@pytest.mark.parametrize(("first", "second"), ["?O", "O?"])
def test_job_that_ended_between_two_requests_has_ended(first: str, second: str) -> None:
    pages = [Grid(rows=(row(letter),)) for letter in (first, second)]
    (found,) = joined(pages).rows
    assert found.jobs["a / b"].state == "ok"


def test_jobs_of_one_commit_come_from_both_pages() -> None:
    pages = [Grid(rows=(row("O"),)), Grid(rows=(row("x", ("c / d",)),))]
    (found,) = joined(pages).rows
    assert {name: it.state for name, it in found.jobs.items()} == {
        "a / b": "ok",
        "c / d": "fail",
    }
    assert joined(pages).job_names == ("a / b", "c / d")


def test_last_page_makes_the_grid_complete() -> None:
    assert not joined([grid({WIN: "O"})]).complete
    assert joined([grid({WIN: "O"}), Grid(complete=True)]).complete
    assert joined([]) == Grid()


def test_every_outcome_is_counted_by_its_own_name() -> None:
    names = tuple(f"w / {number}" for number in range(9))
    found = counts(row("OFxCSN?QO", names))
    assert {name: n for name, n in asdict(found).items() if n} == {
        "ok": 2,
        "flaky": 1,
        "fail": 1,
        "cancelled": 1,
        "skipped": 1,
        "neutral": 1,
        "pending": 1,
        "queued": 1,
    }
    assert (found.total, found.passed, found.failed) == (9, 3, 1)
    assert (found.unfinished, found.idle) == (2, 3)


@pytest.mark.parametrize("state", ["timed_out", "startup_failure"])
def test_job_that_never_passed_counts_as_failed(state: State) -> None:
    made = Row(
        commit=commit(1), jobs={"a / b": Job(name="a / b", sha="1", state=state)}
    )
    assert counts(made).failed == 1
    assert status(made) == "red"


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        pytest.param("Ox?", "red", id="failed while others run"),
        pytest.param("OO?", "pending", id="not all ended"),
        pytest.param("OQO", "pending", id="queued"),
        pytest.param("OSC", "green", id="passed, skipped or cancelled"),
        pytest.param("OFO", "green", id="flaky"),
        pytest.param("SNC", "unknown", id="nothing ran"),
        pytest.param("", "unknown", id="no jobs"),
    ],
)
def test_commit_comes_to(letters: str, expected: Status) -> None:
    assert status(row(letters)) == expected


@pytest.mark.parametrize("mark", ["unstable", "rerun_disabled_tests", "mem_leak_check"])
def test_job_that_is_known_not_to_tell_makes_nothing_red(mark: str) -> None:
    name = f"pull / linux / test (default, 1, 1, linux.2xlarge, {mark})"
    assert status(row("Ox", ("a / b", name))) == "green"
    assert status(row("O?", ("a / b", name))) == "green"
    assert status(row("x", (name,))) == "unknown"


def test_joining_keeps_the_commit_that_was_read_first() -> None:
    one = row("O")
    later = replace(one, commit=replace(one.commit, title="renamed"))
    (found,) = joined([Grid(rows=(one,)), Grid(rows=(later,))]).rows
    assert found.commit == one.commit
