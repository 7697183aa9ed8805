"""What became of a test in each build."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.history.models import JobRun, Past, Run
from sickbay.ci.history.outcomes import observed
from sickbay.core.errors import BadRequest
from tests.ci.history.told import build

if TYPE_CHECKING:
    import random

    from sickbay.ci.history.models import Observation
    from sickbay.ci.states import State
    from sickbay.logs.report import Outcome


def job(state: State = "ok", **more: Any) -> JobRun:  # noqa: ANN401 - any field
    """An attempt of a job in the first build."""
    given_: dict[str, Any] = {
        "build_id": build(0).build_id,
        "job_id": "1",
        "name": "kernels",
        "variant": "kernels",
        "state": state,
    }
    return JobRun(**given_ | more)


def run(outcome: Outcome, **more: Any) -> Run:  # noqa: ANN401 - any field
    """The test in the first job."""
    given_: dict[str, Any] = {
        "build_id": build(0).build_id,
        "job_id": "1",
        "outcome": outcome,
        "variant": "kernels",
    }
    return Run(**given_ | more)


def one(*parts: JobRun | Run, at: int = 0, job: str | None = None) -> Observation:
    """What became of the test in one of the builds that these are of."""
    ids = {part.build_id for part in parts} | {build(at).build_id}
    past = Past(
        test_id="t",
        builds=tuple(
            build(number) for number in range(9) if build(number).build_id in ids
        ),
        runs=tuple(part for part in parts if isinstance(part, Run)),
        jobs=tuple(part for part in parts if isinstance(part, JobRun)),
    )
    found = {seen.build: seen for seen in observed(past, job=job)}
    return found[build(at)]


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        pytest.param("passed", "pass", id="passed"),
        pytest.param("xpassed", "pass", id="passed, expected to fail"),
        pytest.param("failed", "fail", id="failed"),
        pytest.param("error", "fail", id="error"),
        pytest.param("crashed", "fail", id="crashed"),
        pytest.param("timed_out", "fail", id="timed out"),
        pytest.param("rerun", "flaky", id="repeated until it passed"),
        pytest.param("skipped", "absent", id="skipped"),
        pytest.param("xfailed", "absent", id="failed as expected"),
    ],
)
def test_frameworks_word_is_the_outcome(word: Outcome, outcome: str) -> None:
    seen = one(job(listing="all"), run(word))
    assert seen.outcome == outcome
    assert not seen.inferred
    assert (seen.why is None) is (outcome != "absent")


def test_fail_then_pass_of_one_job_is_flaky() -> None:
    again = job(job_id="2", attempt=2)
    seen = one(
        job("fail", last=False),
        again,
        run("failed", signature="s"),
        run("passed", job_id="2"),
    )
    assert (seen.outcome, seen.trials, seen.failures) == ("flaky", 2, 1)
    assert seen.signature == "s"


def test_retry_that_passed_without_listing_the_test_makes_it_flaky() -> None:
    seen = one(
        job("fail", listing="failed", complete=True, last=False),
        job(job_id="2", attempt=2),
        run("failed"),
    )
    assert (seen.outcome, seen.inferred, seen.why) == ("flaky", True, "its job passed")


def test_failing_on_every_attempt_counts_once() -> None:
    attempts = [job("fail", job_id=str(at), attempt=at) for at in (1, 2, 3)]
    runs = [run("failed", job_id=str(at)) for at in (1, 2, 3)]
    seen = one(*attempts, *runs)
    assert (seen.outcome, seen.trials, seen.failures) == ("fail", 1, 1)


def test_one_variant_that_fails_makes_the_build_fail() -> None:
    rocm = {"job_id": "2", "variant": "rocm"}
    seen = one(job(), job("fail", **rocm), run("passed"), run("failed", **rocm))
    assert seen.outcome == "fail"
    assert seen.variants == (("kernels", "pass"), ("rocm", "fail"))
    assert (seen.trials, seen.failures) == (2, 1)


def test_machine_that_died_is_no_failure_of_the_test() -> None:
    seen = one(job("fail", infra="the agent was lost"), run("failed"))
    assert (seen.outcome, seen.why) == ("infra", "the agent was lost")
    assert seen.trials == 0


@pytest.mark.parametrize(
    ("tests", "failed", "outcome"),
    [
        pytest.param(10, 9, "infra", id="nearly all"),
        pytest.param(10, 8, "fail", id="many"),
        pytest.param(4, 4, "fail", id="too few to tell"),
    ],
)
def test_session_that_fails_as_a_whole_is_no_failure_of_the_test(
    tests: int, failed: int, outcome: str
) -> None:
    seen = one(job("fail", tests_run=tests, tests_failed=failed), run("failed"))
    assert seen.outcome == outcome
    if outcome == "infra":
        assert seen.why == "9 of the 10 tests of its session failed"


def test_pass_on_a_machine_that_died_later_is_a_pass() -> None:
    seen = one(job("fail", infra="the agent was lost"), run("passed"))
    assert (seen.outcome, seen.inferred) == ("pass", False)


@pytest.mark.parametrize(
    ("state", "more", "outcome", "why"),
    [
        pytest.param("ok", {}, "pass", "its job passed", id="passed"),
        pytest.param("flaky", {}, "pass", "its job passed", id="passed on a retry"),
        pytest.param(
            "ok", {"listing": "all"}, "absent", "did not run", id="listed, without it"
        ),
        pytest.param(
            "fail",
            {"listing": "failed", "complete": True},
            "pass",
            "of other tests only",
            id="all failures known",
        ),
        pytest.param(
            "fail", {"listing": "failed"}, "absent", "nobody knows", id="some known"
        ),
        pytest.param("fail", {}, "absent", "nobody knows", id="nothing read"),
        pytest.param("cancelled", {}, "absent", "was cancelled", id="cancelled"),
        pytest.param("timed_out", {}, "absent", "ran out of time", id="timed out"),
        pytest.param("startup_failure", {}, "infra", "never got going", id="no start"),
        pytest.param("skipped", {}, "absent", "was skipped", id="skipped"),
        pytest.param("pending", {}, "absent", "has not ended", id="still runs"),
        pytest.param("ok", {"infra": "lost"}, "infra", "lost", id="machine"),
    ],
)
def test_job_that_does_not_name_the_test(
    state: State, more: dict[str, Any], outcome: str, why: str
) -> None:
    seen = one(job(state, **more))
    assert seen.outcome == outcome
    assert why in (seen.why or "")
    assert seen.inferred is (outcome == "pass")


def test_no_job_is_absent_and_says_so() -> None:
    seen = one()
    assert (seen.outcome, seen.why) == ("absent", "no job ran that has it")


def shards(*states: State, at: int) -> list[JobRun]:
    """All shards of the job in a build."""
    return [
        job(state, build_id=build(at).build_id, job_id=f"{at}/{shard}", shard=shard)
        for shard, state in enumerate(states)
    ]


def seen_in(shard: int, *, at: int) -> Run:
    """The test failed in a shard of a build."""
    return run(
        "failed", build_id=build(at).build_id, job_id=f"{at}/{shard}", shard=shard
    )


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        pytest.param(("fail", "ok"), "pass", id="its shard passed"),
        pytest.param(("ok", "fail"), "absent", id="its shard failed"),
    ],
)
def test_only_the_shard_that_has_the_test_speaks_for_it(
    states: tuple[State, State], outcome: str
) -> None:
    parts: list[JobRun | Run] = [
        *shards("ok", "fail", at=0),
        seen_in(1, at=0),
        *shards(*states, at=1),
    ]
    assert one(*parts, at=1).outcome == outcome


def test_neighbouring_build_knows_the_shard_best() -> None:
    parts: list[JobRun | Run] = [
        *shards("fail", "ok", at=0),
        seen_in(0, at=0),
        *shards("ok", "fail", at=3),
        seen_in(1, at=3),
        *shards("ok", "fail", at=1),
        *shards("fail", "ok", at=2),
    ]
    assert one(*parts, at=1).outcome == "pass"
    assert one(*parts, at=2).outcome == "pass"


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        pytest.param(("ok", "ok"), "pass", id="all passed"),
        pytest.param(("ok", "fail"), "absent", id="one failed"),
    ],
)
def test_unknown_shard_passes_only_where_all_do(
    states: tuple[State, State], outcome: str
) -> None:
    assert one(*shards(*states, at=0)).outcome == outcome


def test_other_shards_do_not_make_a_failure_flaky() -> None:
    parts: list[JobRun | Run] = [*shards("ok", "fail", at=0), seen_in(1, at=0)]
    assert one(*parts).outcome == "fail"


def test_job_pattern_chooses_jobs_by_name() -> None:
    rocm = {"job_id": "2", "variant": "rocm", "name": "AMD: kernels"}
    parts: list[JobRun | Run] = [
        job(),
        job("fail", **rocm),
        run("passed"),
        run("failed", job_id="2", variant="rocm"),
    ]
    assert one(*parts, job="^kernels$").outcome == "pass"
    assert one(*parts, job="amd").outcome == "fail"
    assert one(*parts, job="nothing like it").outcome == "absent"


def test_wrong_pattern_is_the_callers_error() -> None:
    with pytest.raises(BadRequest):
        one(job(), job="(")


states: st.SearchStrategy[State] = st.sampled_from(
    ["ok", "fail", "timed_out", "cancelled", "pending", "skipped"]
)
words: st.SearchStrategy[Outcome] = st.sampled_from(
    ["passed", "failed", "rerun", "skipped", "crashed"]
)


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    """Jobs in variants, shards and attempts, with what they say of the test."""
    jobs, runs = [], []
    for number in range(draw(st.integers(1, 12))):
        where: dict[str, Any] = {
            "build_id": build(draw(st.integers(0, 3))).build_id,
            "job_id": str(number),
            "variant": draw(st.sampled_from(["a", "b"])),
            "shard": draw(st.sampled_from([None, 0, 1])),
        }
        jobs.append(
            job(
                draw(states),
                **where,
                infra=draw(st.sampled_from([None, None, "lost"])),
                listing=draw(st.sampled_from(["all", "failed", "none"])),
                complete=draw(st.booleans()),
            )
        )
        if draw(st.booleans()):
            runs.append(run(draw(words), **where))
    return Past(
        test_id="t",
        builds=tuple(build(number) for number in range(4)),
        jobs=tuple(jobs),
        runs=tuple(runs),
    )


@given(pasts())
def test_every_outcome_is_explained_and_counted(past: Past) -> None:
    for seen in observed(past):
        if seen.observed:
            assert seen.trials >= 1
            assert (seen.failures > 0) is (seen.outcome != "pass")
        else:
            assert seen.why
            assert (seen.trials, seen.failures, seen.signature) == (0, 0, "")
        assert seen.failures <= seen.trials <= 2 * len(seen.variants)
        if seen.inferred:
            assert seen.why


@given(pasts(), st.randoms(use_true_random=False))
def test_order_of_runs_and_jobs_does_not_matter(
    past: Past, chance: random.Random
) -> None:
    def told(seen: Observation) -> tuple[object, ...]:
        return seen.outcome, seen.trials, seen.failures, seen.inferred, seen.variants

    runs, jobs = list(past.runs), list(past.jobs)
    chance.shuffle(runs)
    chance.shuffle(jobs)
    other = Past(test_id="t", builds=past.builds, runs=tuple(runs), jobs=tuple(jobs))
    assert [told(x) for x in observed(past)] == [told(x) for x in observed(other)]
