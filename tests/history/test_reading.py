from __future__ import annotations

import asyncio
import re
import tempfile
from collections import defaultdict
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sickbay.ci.history.flakiness import tallied
from sickbay.ci.history.models import Line
from sickbay.ci.history.outcomes import observed
from sickbay.core.errors import BadRequest, NotFound
from tests.history.drawn import ODD_IDS, START, drawn
from tests.history.duck.stand import reading_of

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Mapping

    from sickbay.ci.history.comparison import Side
    from sickbay.ci.records import BuildRecord, ResultRecord
    from sickbay.history.reading import Reading

T = TypeVar("T")
WHOLE = Line(most=1000)
LINES = [
    pytest.param(WHOLE, id="whole"),
    pytest.param(Line(most=5), id="newest"),
    pytest.param(Line(pipeline="acme/ci", branch="main"), id="trunk"),
    pytest.param(Line(since=START + timedelta(days=2)), id="since"),
    pytest.param(Line(until=START + timedelta(days=2), most=3), id="until"),
    pytest.param(Line(message="^Fix .*1\\d$"), id="message"),
    pytest.param(Line(branch="nope"), id="nothing"),
]


def run(asked: Coroutine[object, object, T]) -> T:
    return asyncio.run(asked)


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    return reading_of(tmp_path, drawn(1))


def order(record: BuildRecord) -> tuple[object, ...]:
    return (record.ordered_at, int(record.number))


def chosen(line: Line, seed: int = 1) -> list[BuildRecord]:
    found = [
        record
        for record in sorted(drawn(seed), key=order)
        if line.pipeline in {None, record.pipeline}
        and line.branch in {None, record.branch}
        and (line.since is None or record.created_at >= line.since)
        and (line.until is None or record.created_at <= line.until)
        and (line.message is None or re.search(line.message, record.title))
    ]
    return found[-line.most :]


def results(
    records: list[BuildRecord], test_id: str
) -> Iterator[tuple[BuildRecord, ResultRecord]]:
    for record in records:
        for result in record.results:
            if result.test_id == test_id:
                yield record, result


@pytest.mark.parametrize("line", LINES)
def test_builds_come_in_the_order_of_commits(reading: Reading, line: Line) -> None:
    found = run(reading.builds(line))
    assert [point.build_id for point in found] == [r.build_id for r in chosen(line)]
    for point, record in zip(found, chosen(line), strict=True):
        for name in ("sha", "title", "author", "url", "created_at", "ordered_at"):
            assert getattr(point, name) == getattr(record, name)


@pytest.mark.parametrize("line", LINES[:4])
@pytest.mark.parametrize("test_id", ODD_IDS)
def test_the_past_has_every_run_of_the_test(
    reading: Reading, line: Line, test_id: str
) -> None:
    past = run(reading.past(test_id, line))
    expected = {
        (record.build_id, result.job_id, result.outcome, result.message, result.line)
        for record, result in results(chosen(line), test_id)
    }
    assert expected == {
        (one.build_id, one.job_id, one.outcome, one.message, one.line)
        for one in past.runs
    }
    jobs = {job.job_id: job for record in drawn(1) for job in record.jobs}
    seen = {jobs[result.job_id].variant for _, result in results(drawn(1), test_id)}
    assert {job.job_id for job in past.jobs} == {
        job.job_id
        for record in chosen(line)
        for job in record.jobs
        if job.variant in seen
    }


def test_a_test_that_nobody_knows_is_not_found_and_others_are_named(
    reading: Reading,
) -> None:
    with pytest.raises(NotFound) as caught:
        run(reading.past("t/test_3.py::test_33", WHOLE))
    assert "t/test_3.py::test_3" in caught.value.hint


def test_a_test_that_ran_elsewhere_is_known(reading: Reading) -> None:
    past = run(reading.past(ODD_IDS[0], Line(branch="nope")))
    assert (past.builds, past.runs, past.jobs) == ((), (), ())


@pytest.mark.parametrize("pattern", ["(", "(?=x)", "x" * 2000])
def test_a_wrong_pattern_of_messages_is_a_bad_request(
    reading: Reading, pattern: str
) -> None:
    with pytest.raises(BadRequest):
        run(reading.builds(Line(message=pattern)))


@pytest.mark.parametrize("name", ["number", "build_id", "url", "sha"])
def test_a_build_is_named_by(reading: Reading, name: str) -> None:
    record = drawn(1)[5]
    named = getattr(record, name)
    found = run(reading.build(named, Line()))
    assert found.sha == record.sha
    if name != "sha":
        assert found.build_id == record.build_id


def test_a_build_that_nobody_knows_is_not_found(reading: Reading) -> None:
    with pytest.raises(NotFound):
        run(reading.build("4711", Line()))
    with pytest.raises(NotFound):
        run(reading.build("000000", Line()))  # too short for a commit


def test_tests_are_found_by_a_part_of_their_names(reading: Reading) -> None:
    assert run(reading.test_ids('QUOTED"]', WHOLE, 5)) == (ODD_IDS[0],)
    assert set(run(reading.test_ids(None, WHOLE, 1000))) == {
        result.test_id for record in drawn(1) for result in record.results
    }
    assert len(run(reading.test_ids("test", WHOLE, 7))) == 7


@settings(max_examples=6)
@given(seed=st.integers(0, 10**6))
def test_tallies_are_those_of_the_judgement(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        reading = reading_of(Path(folder), drawn(seed))
        found = run(reading.tallies(WHOLE, 1000))
        names = {field.name for field in fields(found[0])} - {"lost_s", "signature"}
        for tally in found[:12]:
            past = run(reading.past(tally.test_id, WHOLE))
            judged = tallied(tally.test_id, observed(past))
            for name in names - {"variants", "first_failed_at", "last_failed_at"}:
                assert getattr(tally, name) == getattr(judged, name), name
    ranked = [(-tally.failed_builds, tally.test_id) for tally in found]
    assert ranked == sorted(ranked)


def test_every_test_that_failed_is_tallied_with_what_it_cost(reading: Reading) -> None:
    records = drawn(1)
    jobs = {job.job_id: job for record in records for job in record.jobs}
    bad: dict[str, list[tuple[BuildRecord, ResultRecord]]] = defaultdict(list)
    for record in records:
        for result in record.results:
            job = jobs[result.job_id]
            ran, failed = job.tests_run or 0, job.tests_failed or 0
            dead = job.infra or (ran >= 5 and failed * 10 > ran * 8)
            if result.outcome in {"failed", "error", "rerun"} and not dead:
                bad[result.test_id].append((record, result))
    tallies = run(reading.tallies(WHOLE, 1000))
    assert {tally.test_id for tally in tallies} == set(bad)
    for tally in tallies:
        theirs = bad[tally.test_id]
        lost = [r.duration_s for _, r in theirs if r.duration_s is not None]
        assert tally.lost_s == (pytest.approx(sum(lost), rel=1e-5) if lost else None)
        assert tally.first_failed_at == min(r.created_at for r, _ in theirs)
        assert tally.last_failed_at == max(r.created_at for r, _ in theirs)
        assert set(tally.variants) == {jobs[r.job_id].variant for _, r in theirs}
        assert tally.signature in {r.signature for _, r in theirs}


def test_only_so_many_are_tallied(reading: Reading) -> None:
    assert len(run(reading.tallies(WHOLE, 3))) == 3


def test_sides_of_a_comparison_are_what_the_judgement_sees(reading: Reading) -> None:
    builds = run(reading.builds(WHOLE))
    halves = builds[:8], builds[8:]
    ids = [[point.build_id for point in half] for half in halves]
    sides = run(reading.outcomes(*ids))
    tests = run(reading.test_ids(None, WHOLE, 1000))
    for test_id in tests:
        seen = observed(run(reading.past(test_id, WHOLE)))
        for here, side in zip(ids, sides, strict=True):
            mine = [one for one in seen if one.build.build_id in here]
            told = [one for one in mine if one.observed]
            found = side.get(test_id)
            assert (found.builds if found else 0) == len(told)
            if found:
                assert found.failed == sum(one.outcome == "fail" for one in told)
                assert found.flaky == sum(one.outcome == "flaky" for one in told)


def test_a_build_may_be_on_both_sides(reading: Reading) -> None:
    ids = [record.build_id for record in drawn(1)]
    base, new = map(rounded, run(reading.outcomes(ids, ids)))
    assert base == new
    assert base
    nothing, alone = run(reading.outcomes([], ids))
    assert not nothing
    assert rounded(alone) == new


def rounded(sides: Mapping[str, Side]) -> dict[str, Side]:
    """The same to nine digits: threads add numbers up in any order."""

    def nearly(number: float | None) -> float | None:
        return None if number is None else round(number, 9)

    return {
        test_id: replace(
            side, log_mean=nearly(side.log_mean), log_sd=nearly(side.log_sd)
        )
        for test_id, side in sides.items()
    }


def test_durations_are_medians_in_the_order_of_commits(reading: Reading) -> None:
    records = sorted(drawn(1), key=order)
    jobs = {job.job_id: job for record in records for job in record.jobs}
    found = run(reading.durations(WHOLE, 1000))
    assert found
    for series in found:
        times: dict[str, list[float]] = defaultdict(list)
        for record, result in results(records, series.test_id):
            fits = jobs[result.job_id].variant == series.variant
            if fits and result.outcome == "passed" and result.duration_s is not None:
                times[record.build_id].append(result.duration_s)
        assert [point.build_id for point in series.builds] == list(times)
        assert series.seconds == pytest.approx(
            [median(theirs) for theirs in times.values()], rel=1e-5
        )
    assert len(run(reading.durations(WHOLE, 2))) == 2


@pytest.mark.parametrize("line", LINES[:3])
def test_sightings_are_the_causes_with_their_jobs(reading: Reading, line: Line) -> None:
    expected = [
        (record.build_id, cause.cause_id, cause.job_id, cause.test_id, cause.text)
        for record in chosen(line)
        for cause in record.causes
    ]
    found = run(reading.sightings(line))
    assert sorted(map(str, expected)) == sorted(
        str((one.build.build_id, one.cause_id, one.job_id, one.test_id, one.text))
        for one in found
    )
    assert all(one.job_name and one.log == f"log:{one.job_id}" for one in found)
    mine = run(reading.sightings(line, ODD_IDS[0]))
    assert list(mine) == [one for one in found if one.test_id == ODD_IDS[0]]


def test_pipelines_are_counted(reading: Reading) -> None:
    found = run(reading.pipelines())
    counts: dict[str, int] = defaultdict(int)
    for record in drawn(1):
        counts[record.pipeline] += 1
    assert {one.pipeline: one.builds for one in found} == counts
    assert found[0].builds >= found[-1].builds


def test_an_empty_history_answers(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, [])
    assert run(reading.builds(WHOLE)) == ()
    assert run(reading.tallies(WHOLE, 10)) == ()
    assert run(reading.outcomes(["a"], ["b"])) == ({}, {})
    assert run(reading.durations(WHOLE, 10)) == ()
    assert run(reading.sightings(WHOLE)) == ()
    assert run(reading.pipelines()) == ()
    assert run(reading.newest()) == 0
    with pytest.raises(NotFound):
        run(reading.past("a", WHOLE))
