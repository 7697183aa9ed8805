from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sickbay.ci.history.models import BuildPoint, JobRun, Observation, Run, Sighting
from sickbay.core.gaps import Gaps
from sickbay.toolsets.history.analysis.story import (
    EXCERPT,
    EXCERPTS,
    JOBS,
    Quotes,
    story_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.logs.report import Outcome
    from sickbay.toolsets.history.models.story import BuildStory

BUILD = BuildPoint(build_id="b", number="7")


def job(job_id: str, **more: object) -> JobRun:
    given = {"name": f"unit {job_id}", "variant": "unit", "state": "ok", **more}
    return JobRun(build_id="b", job_id=job_id, **given)  # type: ignore[arg-type] # as given


def run(job_id: str, outcome: Outcome = "failed", message: str = "no") -> Run:
    return Run(
        build_id="b", job_id=job_id, outcome=outcome, variant="unit", message=message
    )


def sighting(job_id: str, text: str = "no", excerpt: str = "E  no") -> Sighting:
    return Sighting(
        build=BUILD, cause_id="c", job_id=job_id, text=text, excerpt=excerpt
    )


def rows(
    seen: Observation, sightings: Iterable[Sighting] = (), gaps: Gaps | None = None
) -> BuildStory:
    (row,) = story_rows([seen], Quotes(sightings, wanted=True), gaps or Gaps())
    return row


def test_runs_are_told_with_their_jobs_the_failed_first() -> None:
    seen = Observation(
        build=BUILD,
        outcome="flaky",
        runs=(run("1", "passed"), run("2"), run("3", "rerun")),
        jobs=(job("1", shard=4), job("2", attempt=2), job("3")),
    )
    row = rows(seen)
    assert [(one.job_name, one.status) for one in row.jobs] == [
        ("unit 2", "fail"),
        ("unit 3", "flaky"),
        ("unit 1", "pass"),
    ]
    assert row.jobs[0].attempt == 2
    assert row.jobs[0].fingerprint_normalized == "no"
    assert row.jobs[2].fingerprint_normalized is None


def test_a_failure_of_the_machine_is_none_of_the_test() -> None:
    seen = Observation(
        build=BUILD,
        outcome="infra",
        runs=(run("1"),),
        jobs=(job("1", infra="it went away"), job("2", infra="it went away")),
    )
    assert [one.status for one in rows(seen).jobs] == ["infra", "infra"]


def test_jobs_where_it_did_not_run_are_told_only_where_it_ran_nowhere() -> None:
    elsewhere = (job("1"), job("2", shard=2))
    ran = Observation(build=BUILD, outcome="fail", runs=(run("1"),), jobs=elsewhere)
    assert [one.job_name for one in rows(ran).jobs] == ["unit 1"]
    absent = Observation(build=BUILD, outcome="absent", why="w", jobs=elsewhere)
    assert [one.status for one in rows(absent).jobs] == ["absent", "absent"]


def test_a_pass_that_nobody_saw_is_a_pass_of_its_job() -> None:
    jobs = (job("1"), job("2", state="fail"))
    seen = Observation(build=BUILD, outcome="pass", inferred=True, jobs=jobs)
    assert [one.status for one in rows(seen).jobs] == ["pass", "absent"]


def test_only_so_many_jobs_of_a_build_are_told() -> None:
    count = JOBS + 5
    seen = Observation(
        build=BUILD,
        outcome="fail",
        runs=tuple(run(str(n)) for n in range(count)),
        jobs=tuple(job(str(n)) for n in range(count)),
    )
    gaps = Gaps()
    assert len(rows(seen, gaps=gaps).jobs) == JOBS
    assert [gap.what for gap in gaps.skipped] == ["5 more jobs of build 7"]


def test_a_failure_of_a_build_has_one_excerpt() -> None:
    seen = Observation(
        build=BUILD, outcome="fail", runs=(run("1"), run("2"), run("3", message="yes"))
    )
    row = rows(seen, [sighting("1"), sighting("2"), sighting("3", excerpt="E  yes")])
    assert sorted(one.log_excerpt or "" for one in row.jobs) == ["", "E  no", "E  yes"]


def test_an_excerpt_that_is_too_long_keeps_what_tells_most() -> None:
    text = "assert 1 == 2"
    excerpt = "before\n" * 500 + text + "\nafter" * 500
    seen = Observation(build=BUILD, outcome="fail", runs=(run("1"),))
    (told,) = rows(seen, [sighting("1", text, excerpt)]).jobs
    assert told.log_excerpt is not None
    assert text in told.log_excerpt
    assert len(told.log_excerpt) == EXCERPT + 2
    assert told.log_excerpt[0] == told.log_excerpt[-1] == "…"


def test_all_excerpts_together_have_an_end() -> None:
    count = EXCERPTS // EXCERPT + 10
    seen = [
        Observation(build=BUILD, outcome="fail", runs=(run(str(n), message=f"m{n}x"),))
        for n in range(count)
    ]
    excerpt = "x" * EXCERPT
    quotes = Quotes(
        (sighting(str(n), excerpt=excerpt) for n in range(count)), wanted=True
    )
    gaps = Gaps()
    found = story_rows(seen, quotes, gaps)
    told = [one.log_excerpt for row in found for one in row.jobs if one.log_excerpt]
    assert sum(map(len, told)) <= EXCERPTS
    assert gaps.skipped[0].what == "10 excerpts of logs"


def test_excerpts_come_only_where_they_are_wanted() -> None:
    seen = Observation(build=BUILD, outcome="fail", runs=(run("1"),))
    (row,) = story_rows([seen], Quotes([sighting("1")], wanted=False), Gaps())
    assert row.jobs[0].log_excerpt is None


def test_seconds_have_the_digits_that_mean_something() -> None:
    kept = replace(run("1"), duration_s=0.0010000000474974513)
    seen = Observation(build=BUILD, outcome="fail", runs=(kept,), jobs=(job("1"),))
    assert rows(seen).jobs[0].duration_s == 0.001
