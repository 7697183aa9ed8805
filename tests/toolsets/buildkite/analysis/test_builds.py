from __future__ import annotations

import re
from typing import Any

import pytest

from sickbay.ci.builds import Attempt, Build
from sickbay.toolsets.buildkite.analysis.builds import (
    build_row,
    job_counts,
    job_rows,
)

STATES: dict[str, Any] = {
    "passed": "ok",
    "failed": "fail",
    "timed_out": "timed_out",
    "expired": "startup_failure",
    "canceled": "cancelled",
    "broken": "skipped",
    "waiting_failed": "skipped",
    "skipped": "skipped",
    "blocked": "action_required",
    "running": "pending",
    "scheduled": "queued",
}
UNFINISHED = {"blocked", "running", "scheduled"}


def attempt(job_id: str, word: str, **more: Any) -> Attempt:  # noqa: ANN401 - fields
    named = {"name": job_id, "sha": "a" * 40, "job_id": job_id, **more}
    conclusion = None if word in UNFINISHED else word
    return Attempt(state=STATES[word], conclusion=conclusion, status=word, **named)


def build(*attempts: Attempt) -> Build:
    return Build(
        organization="vllm",
        pipeline="ci",
        number=7,
        url="https://buildkite.com/vllm/ci/builds/7",
        message="Full CI run - nightly\n\nby schedule",
        attempts=attempts,
    )


MANY = build(
    attempt("passed", "passed"),
    attempt("hard", "failed"),
    attempt("late", "timed_out"),
    attempt("soft", "failed", soft_failed=True),
    attempt("first", "failed", retried=True, retried_in="second", name="flaky"),
    attempt("second", "passed", retry_of="first", name="flaky"),
    attempt("broken", "waiting_failed"),
    attempt("canceled", "canceled"),
    attempt("running", "running"),
    attempt("never", "expired"),
    attempt("left out", "skipped"),
    attempt("wait", "passed", kind="waiter"),
    attempt("block", "blocked", kind="manual"),
    attempt("opened", "passed", kind="manual"),
    attempt("trigger", "failed", kind="trigger"),
)


def test_bug_steps_that_wait_or_trigger_do_not_count_as_failed_jobs() -> None:
    counts = job_counts(MANY)
    assert counts.failed == counts.hard + counts.soft == 4
    assert (counts.hard, counts.soft, counts.flaky) == (3, 1, 1)
    assert (counts.broken, counts.canceled, counts.skipped) == (1, 1, 1)
    assert (counts.blocked, counts.unfinished, counts.passed) == (1, 1, 1)
    assert counts.total == 10


def test_bug_a_job_that_passed_on_retry_is_flaky_and_no_failure() -> None:
    (row,) = job_rows(MANY, "flaky")
    assert row.job_id == "second"
    assert [item.job_id for item in row.attempts] == ["first", "second"]
    assert [item.state for item in row.attempts] == ["failed", "passed"]


def test_bug_no_failed_job_is_left_out_however_many_there_are() -> None:
    jobs = [attempt(f"job-{n}", "failed") for n in range(60)]
    steps = [attempt(f"step-{n}", "blocked", kind="manual") for n in range(40)]
    rows = job_rows(build(*steps, *jobs), None)
    assert [row.job_id for row in rows] == [job.job_id for job in jobs]


def test_bug_shards_of_one_name_are_jobs_of_their_own() -> None:
    rows = job_rows(
        build(
            attempt("a", "failed", name="Kernels", step_key="k", shard=0, shards=2),
            attempt("b", "passed", name="Kernels", step_key="k", shard=1, shards=2),
        ),
        "all",
    )
    assert [(row.shard, row.ending) for row in rows] == [(0, "failed"), (1, "passed")]


def test_jobs_that_need_a_look_come_the_worst_first() -> None:
    assert [row.ending for row in job_rows(MANY, None)] == [
        "failed",
        "failed",
        "failed",
        "soft_failed",
        "flaky",
        "canceled",
        "broken",
        "unfinished",
    ]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        pytest.param("blocked", ["block"], id="blocked"),
        pytest.param("soft_failed", ["soft"], id="soft"),
        pytest.param("passed", ["passed"], id="passed"),
        pytest.param("skipped", ["left out"], id="skipped"),
    ],
)
def test_jobs_can_be_asked_for_by_their_ending(wanted: Any, ids: list[str]) -> None:  # noqa: ANN401 - an ending
    assert [row.job_id for row in job_rows(MANY, wanted)] == ids


def test_jobs_can_be_asked_for_by_a_part_of_their_names() -> None:
    assert [row.job_id for row in job_rows(MANY, "all", "LATE")] == ["late"]


def test_a_build_says_whether_it_is_a_nightly_and_how_long_it_took() -> None:
    row = build_row(MANY, nightly=re.compile("- nightly$"))
    assert (row.nightly, row.duration_s, row.title) == (
        True,
        None,
        "Full CI run - nightly",
    )
    assert not row.finished
