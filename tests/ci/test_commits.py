from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sickbay.ci.commits import build_of, is_over, pointed, record_of
from sickbay.ci.models import Commit, Job, Row

NOW = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)
REPO = "acme/torch"
NAME = "pull / linux / test (default, {shard}, 2, {fleet}linux.2xlarge)"


def row(*jobs: Job, at: datetime | None = NOW) -> Row:
    commit = Commit(sha="a" * 40, title="Fix it", author="ann", time=at, pr=7)
    return Row(commit=commit, jobs={job.name: job for job in jobs})


def job(name: str = "pull / lint", state: Any = "ok", **more: Any) -> Job:  # noqa: ANN401 - any of its fields
    return Job(name=name, sha="a" * 40, state=state, job_id=name, **more)


def test_a_commit_is_a_build_in_the_order_of_commits() -> None:
    record = record_of(row(job()), REPO, branch="main", url="https://hud.example/a")
    assert record is not None
    assert record.build_id == f"hud:acme/torch/{'a' * 40}"
    assert (record.number, record.state, record.ordered_at) == ("a" * 10, "green", NOW)
    assert (record.pull_request, record.author) == (7, "ann")


def test_shards_on_any_fleet_are_one_variant() -> None:
    names = [NAME.format(shard=n, fleet=fleet) for n in (1, 2) for fleet in ("", "lf.")]
    record = record_of(row(*map(job, names)), REPO, branch="main", url="")
    assert record is not None
    assert {one.variant for one in record.jobs} == {"pull / linux / test (default)"}
    assert {one.shard for one in record.jobs} == {1, 2}


def test_a_commit_is_over_when_nothing_is_to_come() -> None:
    running = job("pull / gpu", "pending")
    assert is_over(row(job()), NOW)
    assert not is_over(row(job(), running), NOW + timedelta(hours=5))
    assert is_over(row(job(), running), NOW + timedelta(days=2))
    assert not is_over(row(at=None), NOW)


def test_a_commit_whose_time_nobody_knows_is_as_old_as_its_first_job() -> None:
    began = NOW - timedelta(hours=1)
    late = job("pull / b", started_at=NOW, duration_s=60.0)
    found = row(job("pull / a", started_at=began), late, at=None)
    record = record_of(found, REPO, branch="main", url="")
    assert record is not None
    assert (record.created_at, record.committed_at) == (began, None)
    assert record.finished_at == NOW + timedelta(seconds=60)
    assert record_of(row(job(), at=None), REPO, branch="main", url="") is None


def test_the_line_that_the_ci_points_at_stands_for_an_unread_log() -> None:
    line = "FAILED test_ops.py::TestOps::test_add - AssertionError: 1 != 2"
    failed = job(state="fail", lines=(line,), line_numbers=(12,))
    (attempt,) = build_of(row(failed), REPO).attempts
    report = pointed(attempt)
    assert report is not None
    assert [test.test_id for test in report.tests.failed] == [
        "test_ops.py::TestOps::test_add"
    ]
    assert (report.causes[0].text, report.causes[0].line_start) == (line, 12)


def test_a_line_that_says_nothing_stands_for_nothing() -> None:
    empty = job(state="fail", lines=("Process completed with exit code 1.",))
    (attempt,) = build_of(row(empty), REPO).attempts
    assert pointed(attempt) is None
