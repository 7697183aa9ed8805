from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.clients.hud import convert, wire
from sickbay.clients.tolerant import Tolerant

if TYPE_CHECKING:
    from sickbay.ci.models import Row
    from sickbay.ci.states import State

WORDS: dict[State, str] = {
    "ok": "success",
    "flaky": "success",
    "fail": "failure",
    "pending": "pending",
    "queued": "queued",
    "skipped": "skipped",
}


@pytest.fixture(scope="module")
def real_row(real_page: bytes) -> Row:
    read = Tolerant(wire.Page)(real_page)
    assert read.unreadable == 0
    [commit] = read.value.sha_grid or [None]
    assert commit is not None
    return convert.row(
        commit, read.value.job_names, repo="pytorch/pytorch", usual="pytorch/pytorch"
    )


def test_the_real_page_has_265_jobs_with_names_of_their_own(
    real_row: Row, real_json: dict[str, Any]
) -> None:
    assert list(real_row.jobs) == real_json["jobNames"]
    assert len(set(real_row.jobs)) == 265
    assert all(" / " in name and not name.isdecimal() for name in real_row.jobs)
    assert all(name == job.name for name, job in real_row.jobs.items())


def test_every_run_of_the_real_page_is_of_one_workflow(real_row: Row) -> None:
    pairs = {(j.run_id, j.name.partition(" / ")[0]) for j in real_row.jobs.values()}
    assert len(pairs) == len({run for run, _ in pairs}) == 21


def test_outcomes_of_the_real_page_are_the_page_s_own(
    real_row: Row, real_json: dict[str, Any]
) -> None:
    ours = Counter(WORDS[job.state] for job in real_row.jobs.values())
    [commit] = real_json["shaGrid"]
    assert ours == Counter(job["conclusion"] for job in commit["jobs"])
    assert ours["failure"] == 2


def test_the_failures_of_the_real_page_say_why_and_where(real_row: Row) -> None:
    failed = [job for job in real_row.jobs.values() if job.failed]
    assert [job.line_numbers for job in failed] == [(133294,), (26655,)]
    assert [bool(job.captures) for job in failed] == [True, True]
    assert [job.log for job in failed] == [f"hud:{job.job_id}" for job in failed]


def test_a_job_that_passed_after_a_failure_is_flaky_not_ok() -> None:
    cell = wire.Cell(id=1, conclusion="success", failed_previous_run=True)
    assert (
        convert.job(cell, name="a / b", sha="c", repo="a/b", usual="a/b").state
        == "flaky"
    )


@pytest.mark.parametrize(
    ("conclusion", "status", "state", "word"),
    [
        pytest.param(
            "cancelled", "completed", "cancelled", "cancelled", id="cancelled"
        ),
        pytest.param(
            "timed_out", "completed", "timed_out", "timed_out", id="timed out"
        ),
        pytest.param("pending", "in_progress", "pending", None, id="pending"),
        pytest.param("", "queued", "queued", None, id="ClickHouse's nothing"),
        pytest.param(None, None, "unknown", None, id="nothing"),
        pytest.param("exploded", "completed", "unknown", "exploded", id="new word"),
    ],
)
def test_an_outcome_is_what_its_words_say(
    conclusion: str | None, status: str | None, state: str, word: str | None
) -> None:
    cell = wire.Cell(id=1, conclusion=conclusion, status=status)
    job = convert.job(cell, name="a / b", sha="c", repo="a/b", usual="a/b")
    assert (job.state, job.conclusion) == (state, word)


def test_an_empty_cell_is_a_job_that_did_not_run() -> None:
    commit = wire.Commit(sha="c", jobs=[wire.Cell(), wire.Cell(id=1), None])
    assert list(convert.row(commit, ["x", "y", "z"], repo="a/b", usual="a/b").jobs) == [
        "y"
    ]


def test_cells_of_one_name_are_runs_of_one_job() -> None:
    cells: list[wire.Cell | None] = [
        wire.Cell(id=2, conclusion="failure"),
        wire.Cell(id=3, conclusion="success"),
        wire.Cell(id=1, conclusion="cancelled"),
    ]
    commit = wire.Commit(sha="c", jobs=cells)
    jobs = convert.row(commit, ["x", "x", "x"], repo="a/b", usual="a/b").jobs
    assert [(name, job.job_id, job.state) for name, job in jobs.items()] == [
        ("x", 3, "flaky")
    ]


def test_jobs_without_a_name_are_left_out_and_no_job_gets_another_s() -> None:
    commit = wire.Commit(sha="c", jobs=[wire.Cell(id=1), wire.Cell(id=2)])
    assert convert.row(commit, [None], repo="a/b", usual="a/b").jobs == {}


@pytest.mark.parametrize(
    ("origin", "meant"), [(None, "push"), ("", None), (" ", None), ("retry", "retry")]
)
def test_no_origin_is_a_push_and_a_blank_one_is_unknown(
    origin: str | None, meant: str | None
) -> None:
    cell = wire.Cell(id=1, run_origin=origin)
    assert convert.job(cell, name="a", sha="c", repo="a/b", usual="a/b").origin == meant


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        pytest.param(None, None, id="none"),
        pytest.param(datetime(1970, 1, 1, tzinfo=UTC), None, id="epoch"),
        pytest.param(
            datetime(2026, 3, 8),  # noqa: DTZ001 - this is the point
            datetime(2026, 3, 8, tzinfo=UTC),
            id="naive",
        ),
    ],
)
def test_times_have_a_zone_and_the_epoch_is_none(
    sent: datetime | None, meant: datetime | None
) -> None:
    assert convert.in_utc(sent) == meant


def test_names_come_from_the_workflow_and_the_job_where_there_is_no_full_one() -> None:
    assert (
        convert.name_of(wire.Job(workflow_name="pull", job_name="lint"))
        == "pull / lint"
    )
    assert convert.name_of(wire.Job(name="a / b", job_name="c")) == "a / b"
    assert convert.name_of(wire.Job()) == ""


@pytest.mark.parametrize(
    ("url", "run_id"),
    [
        pytest.param("https://github.com/a/b/actions/runs/12/job/34", 12, id="job"),
        pytest.param("https://github.com/a/b/actions/runs/12", 12, id="run"),
        pytest.param("https://github.com/a/b/actions/runs/x/job/34", None, id="word"),
        pytest.param("https://github.com/a/b", None, id="elsewhere"),
        pytest.param(None, None, id="none"),
    ],
)
def test_the_run_is_read_from_the_address_of_a_job(
    url: str | None, run_id: int | None
) -> None:
    cell = wire.Cell(id=1, html_url=url)
    found = convert.job(cell, name="a", sha="c", repo="a/b", usual="a/b")
    assert found.run_id == run_id
