from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sickbay.ci.records import BuildRecord, CauseRecord, JobRecord, ResultRecord
from sickbay.history.ingest.merging import merged
from tests.history.drawn import drawn
from tests.history.ingest.stand import NOW

if TYPE_CHECKING:
    from sickbay.ci.states import State


def job(job_id: str, **more: Any) -> JobRecord:  # noqa: ANN401 - any of its fields
    given = {"job_id": job_id, "name": job_id, "variant": job_id, "state": "ok"}
    return JobRecord(**{**given, "listing": "all", "complete": True, **more})


def build(
    *jobs: JobRecord,
    tests: tuple[str, ...] = ("a",),
    **more: Any,  # noqa: ANN401 - any of its fields
) -> BuildRecord:
    return BuildRecord(
        build_id="junit:acme/ci/1",
        source="junit",
        pipeline="acme/ci",
        number="1",
        created_at=more.pop("created_at", NOW),
        jobs=jobs,
        results=tuple(
            ResultRecord(test_id=test, job_id=one.job_id, outcome="passed")
            for one in jobs
            for test in tests
        ),
        causes=tuple(
            CauseRecord(cause_id="c", job_id=one.job_id, text=one.name) for one in jobs
        ),
        **more,
    )


def test_another_job_is_added() -> None:
    old = build(job("unit"), tests=("a", "b"), title="Fix")
    new = build(job("gpu"), created_at=NOW + timedelta(hours=1))
    both = merged(old, new)
    assert {one.job_id for one in both.jobs} == {"unit", "gpu"}
    assert len(both.results) == 3
    assert len(both.causes) == 2
    assert (both.title, both.created_at) == ("Fix", NOW)


def test_the_same_job_is_replaced() -> None:
    both = merged(build(job("unit"), tests=("a", "b")), build(job("unit")))
    assert [one.test_id for one in both.results] == ["a"]


def test_the_last_attempt_is_the_one_that_counts() -> None:
    first = job("unit", state="fail")
    again = job("unit@2", name="unit", variant="unit", attempt=2)
    both = merged(build(first, state="failed"), build(again))
    assert {one.job_id: one.last for one in both.jobs} == {
        "unit": False,
        "unit@2": True,
    }
    assert both.state == "passed"
    assert merged(build(again), build(first)).state == "passed"


def test_a_part_that_failed_fails_the_build() -> None:
    old = build(job("unit", state="fail"), state="failed")
    assert merged(old, build(job("gpu"), state="passed")).state == "failed"


def test_results_that_were_read_before_stay_when_nobody_reads_them_now() -> None:
    unread = replace(build(job("unit", listing="none")), results=(), causes=())
    assert merged(build(job("unit")), unread).results
    assert merged(build(job("unit")), unread).jobs[0].listing == "all"


def test_results_of_a_job_that_ended_differently_go() -> None:
    ended: State = "fail"
    unread = build(job("unit", listing="none", state=ended))
    unread = replace(unread, results=(), causes=())
    assert not merged(build(job("unit")), unread).results


@given(st.integers(0, 50), st.integers(0, 20))
def test_merging_with_itself_changes_nothing(seed: int, nth: int) -> None:
    one = drawn(seed, builds=nth + 1)[nth]
    assert merged(one, one) == one


@given(st.integers(0, 50))
def test_parts_come_together_in_any_order(seed: int) -> None:
    (whole,) = drawn(seed, builds=1)
    parts = [
        replace(
            whole,
            jobs=(one,),
            results=tuple(r for r in whole.results if r.job_id == one.job_id),
            causes=tuple(c for c in whole.causes if c.job_id == one.job_id),
        )
        for one in whole.jobs
    ]
    for order in (parts, parts[::-1]):
        found = order[0]
        for part in order[1:]:
            found = merged(found, part)
        assert set(found.results) == set(whole.results)
        assert set(found.causes) == set(whole.causes)
        assert {one.job_id for one in found.jobs} == {one.job_id for one in whole.jobs}
