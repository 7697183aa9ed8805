from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from sickbay.simulators.buildkite.calendar import TITLES
from sickbay.simulators.buildkite.jobs import TROUBLES, Job
from sickbay.simulators.buildkite.suites import SUITES, ways_of
from sickbay.simulators.buildkite.wire import message, state
from sickbay.simulators.buildkite.world import Build, World
from tests.simulators.buildkite import world

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
SEEDS = range(8)


def newest(made: World) -> Build:
    build = made.build(made.nightlies[-1])
    assert build is not None
    return build


def attempts(made: World) -> list[Job]:
    builds = (made.build(number) for number in made.nightlies)
    return [job for build in builds if build for job in build.jobs]


def test_same_seed_gives_the_same_world() -> None:
    one, other = (World(4, days=4, jobs=60, now=NOON) for _ in range(2))
    assert newest(one).jobs == newest(other).jobs
    assert one.commits == other.commits
    assert one.filed == other.filed
    assert one.truth(one.nightlies[-1]) == other.truth(one.nightlies[-1])


def test_worlds_differ() -> None:
    told = {
        tuple((p.trouble, p.tests, p.jobs) for p in made.truth(made.nightlies[-1]))
        for made in (world(seed=seed, now=NOON) for seed in SEEDS)
    }
    assert len(told) == len(SEEDS)


def test_order_in_which_builds_are_looked_at_does_not_matter() -> None:
    one, other = (World(4, days=4, jobs=60, now=NOON) for _ in range(2))
    for number in reversed(other.nightlies):
        other.build(number)
    assert newest(one).jobs == newest(other).jobs


def test_every_trouble_comes_in_some_nightly() -> None:
    found = {
        planted.trouble
        for seed in SEEDS
        for number in world(seed=seed, now=NOON).nightlies
        for planted in world(seed=seed, now=NOON).truth(number)
    }
    assert found == set(TROUBLES)


@pytest.mark.parametrize("seed", SEEDS)
def test_truth_covers_every_failed_attempt_once(seed: int) -> None:
    made = world(seed=seed, now=NOON)
    for number in made.nightlies:
        build = made.build(number)
        assert build is not None
        failed = Counter(job.job_id for job in build.jobs if job.failed)
        planted = Counter(
            job_id for what in made.truth(number) for job_id in what.job_ids
        )
        assert planted == failed


def test_nightly_has_look_alikes_of_the_same_second() -> None:
    made = World(0, days=8, jobs=30, now=NOON)
    kinds = {slot.kind for slot in made.slots if slot.pipeline == "ci"}
    assert kinds == {"nightly", "torch", "daily", "pull"}
    torch = [slot for slot in made.slots if slot.kind == "torch"]
    nightly = {int(slot.created) for slot in made.slots if slot.kind == "nightly"}
    assert torch
    assert all(int(slot.created) in nightly for slot in torch)
    titles = {
        message(build, made).partition("\n")[0]
        for slot in made.slots
        if slot.kind != "pull" and (build := made.build(slot.number))
    }
    assert titles == set(TITLES.values())


def test_numbers_of_builds_grow_with_time() -> None:
    made = world(now=NOON)
    for pipeline in made.pipelines:
        numbers = [slot.number for slot in made.slots if slot.pipeline == pipeline]
        assert numbers == sorted(set(numbers))


def test_regression_begins_with_a_commit_and_lasts_until_another() -> None:
    made = World(1, days=20, jobs=60, now=NOON)
    seen: dict[str, list[int]] = {}
    for place, number in enumerate(made.nightlies):
        for planted in made.truth(number):
            if planted.trouble == "regression":
                seen.setdefault(planted.key, []).append(place)
    assert seen
    for key, places in seen.items():
        assert places == list(range(places[0], places[-1] + 1)), key


def test_regression_hits_the_same_tests_on_several_kinds_of_machines() -> None:
    backends: set[int] = set()
    for seed in SEEDS:
        made = world(seed=seed, now=NOON)
        jobs = {job.job_id: job for job in newest(made).jobs}
        for planted in made.truth(made.nightlies[-1]):
            if planted.trouble == "regression":
                hit = {jobs[job_id].step.backend for job_id in planted.job_ids}
                backends.add(len(hit))
    assert max(backends) > 3


def test_known_issue_is_open_and_names_the_test_that_fails() -> None:
    found = 0
    for seed in SEEDS:
        made = world(seed=seed, now=NOON)
        issues = {issue.number: issue for issue in made.issues}
        for planted in made.truth(made.nightlies[-1]):
            assert (planted.trouble == "known_issue") == (planted.issue is not None)
            if planted.issue is not None:
                issue = issues[planted.issue]
                assert issue.closed_at is None
                assert "ci-failure" in issue.labels
                assert not planted.tests or planted.tests[0] in issue.title
                found += 1
    assert found > 3


def test_issues_that_mislead_are_closed_or_unlabelled_or_of_another_test() -> None:
    kinds: Counter[str] = Counter()
    for seed in SEEDS:
        for item in world(seed=seed, now=NOON).filed:
            if item.plot is None:
                closed, labelled = item.issue.closed_at, item.issue.labels
                kind = "closed" if closed else "labelled" if labelled else "plain"
                kinds[kind] += 1
                if kind == "labelled":
                    assert item.issue.title.endswith("_legacy")
    assert set(kinds) == {"closed", "labelled", "plain"}


def test_sick_machine_fails_jobs_of_several_suites_and_others_do_not() -> None:
    for seed in SEEDS:
        made = world(seed=seed, jobs=200, now=NOON)
        for number in made.nightlies:
            jobs = {
                job.job_id: job for job in (made.build(number) or newest(made)).jobs
            }
            for planted in made.truth(number):
                if planted.trouble != "sick_agent":
                    continue
                hit = [jobs[job_id] for job_id in planted.job_ids]
                assert len({job.host for job in hit}) == 1
                assert len({job.step.suite for job in hit}) > 1
                return
    pytest.fail("no machine was sick")


@pytest.mark.parametrize(
    ("trouble", "exit_status"),
    [
        pytest.param("out_of_memory", {137}, id="killed"),
        pytest.param("agent_lost", {-1, None}, id="lost-or-never-there"),
    ],
)
def test_machine_trouble_shows_in_the_exit_status(
    trouble: str, exit_status: set[int | None]
) -> None:
    found = {
        job.exit_status
        for seed in SEEDS
        for job in attempts(world(seed=seed, now=NOON))
        if job.blow and job.blow.trouble == trouble and job.failed
    }
    assert found <= exit_status
    assert found


def test_time_out_is_told_as_canceled_by_a_signal() -> None:
    hung = [
        job
        for seed in SEEDS
        for job in attempts(world(seed=seed, now=NOON))
        if job.state == "timed_out"
    ]
    assert hung
    for job in hung:
        assert (job.exit_status, job.signal_reason) == (-1, "cancel")
        assert job.blow is not None
        assert ways_of(job.step.suite)[job.blow.way].kind == "hang"


def test_flaky_test_mostly_passes_when_it_is_tried_again() -> None:
    ends: Counter[str] = Counter()
    for seed in SEEDS:
        jobs = {job.job_id: job for job in attempts(world(seed=seed, now=NOON))}
        for job in jobs.values():
            if job.blow and job.blow.trouble == "flaky" and job.retried_in:
                ends[jobs[job.retried_in].state] += 1
    assert ends["passed"] > 3 * ends["failed"]


def test_attempts_refer_to_each_other() -> None:
    jobs = {job.job_id: job for seed in SEEDS for job in attempts(world(seed=seed))}
    again = [job for job in jobs.values() if job.retry_of]
    assert again
    for job in again:
        before = jobs[str(job.retry_of)]
        assert before.retried_in == job.job_id
        assert before.failed
        assert (before.step, before.shard) == (job.step, job.shard)
        assert job.retries == before.retries + 1
        assert job.created >= (before.finished or 0)
    assert {job.retry_type for job in again} == {"automatic", "manual"}


def test_nothing_is_later_than_now() -> None:
    made = world(running=True, now=NOON)
    for slot in made.slots:
        build = made.build(slot.number)
        for job in build.jobs if build else ():
            times = (job.created, job.runnable, job.started, job.finished)
            assert max(time for time in times if time) <= NOON.timestamp()


def test_running_nightly_has_jobs_in_all_stages() -> None:
    builds = [newest(world(seed=s, running=True, now=NOON)) for s in SEEDS]
    states = {job.state for build in builds for job in build.jobs}
    assert {"passed", "running", "scheduled", "failed"} <= states
    assert {state(build) for build in builds} == {"running", "failing"}
    ended = {state(newest(world(seed=seed, now=NOON))) for seed in SEEDS}
    assert ended <= {"passed", "failed"}


def test_blocked_broken_and_cancelled_jobs_are_none_that_failed() -> None:
    jobs = [job for seed in SEEDS for job in attempts(world(seed=seed, now=NOON))]
    states = {job.state for job in jobs}
    assert states >= {"blocked", "broken", "canceled", "unblocked", "waiting_failed"}
    assert {job.step.kind for job in jobs} == {"script", "manual", "waiter", "trigger"}
    assert not any(job.blow for job in jobs if not job.failed)


def test_shards_share_a_name_only_with_their_number() -> None:
    shards = [job for job in newest(world(now=NOON)).jobs if job.shard is not None]
    assert shards
    names = Counter((job.name, job.retries) for job in shards)
    assert set(names.values()) == {1}
    assert len({job.step.key for job in shards}) < len(shards)


@pytest.mark.parametrize("jobs", [30, 60, 200, 400])
def test_build_has_about_as_many_jobs_as_asked_for(jobs: int) -> None:
    build = newest(World(0, days=3, jobs=jobs, now=NOON))
    places = {(job.step.key, job.shard) for job in build.jobs if not job.retry_of}
    assert jobs <= len(places) + 1 <= jobs + 5


def test_as_many_jobs_fail_as_wanted() -> None:
    made = World(0, days=12, jobs=200, failed=60, now=NOON)
    failed = [job for job in newest(made).jobs if job.failed and not job.retried]
    hard = [job for job in failed if not job.step.soft]
    assert len(hard) >= 60
    assert len({job.blow.trouble for job in hard if job.blow}) > 1


def test_owner_of_a_regression_is_that_of_its_tests() -> None:
    owners = {owner for suite in SUITES.values() for owner in suite.owners}
    for seed in SEEDS:
        made = world(seed=seed, now=NOON)
        logins = {commit.login for commit in made.commits}
        for planted in made.truth(made.nightlies[-1]):
            if planted.trouble in {"regression", "known_issue"}:
                assert planted.owner in owners | logins
            if planted.category == "INFRA_SUSPECTED":
                assert planted.owner is None


def test_commits_follow_each_other() -> None:
    commits = world(now=NOON).commits
    for before, after in pairwise(commits):
        assert after.parent == before.sha
        assert before.date <= after.date <= NOON
