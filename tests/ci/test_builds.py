from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.builds import Attempt, Build, BuildJob, joined
from sickbay.ci.states import FAILED, PASSED, UNFINISHED, buildkite_state

if TYPE_CHECKING:
    from collections.abc import Mapping

FINISHED = ("passed", "failed", "canceled", "expired", "timed_out", "skipped", "broken")
WAITING = ("pending", "waiting", "blocked", "unblocked", "limiting", "limited")
QUEUED = ("scheduled", "reserved", "platform_limiting", "platform_limited")
RUNNING = ("assigned", "accepted", "running", "finished", "canceling", "timing_out")
LEFT = ("waiting_failed", "blocked_failed", "unblocked_failed")
WORDS = (*FINISHED, *WAITING, *QUEUED, *RUNNING, *LEFT)


def attempt(job_id: str, word: str = "passed", **more: Any) -> Attempt:  # noqa: ANN401 - its fields
    state = buildkite_state(word)
    named = {"name": "Kernels", "sha": "a" * 40, "state": state, "conclusion": word}
    return Attempt(job_id=job_id, **{**named, **more})


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_buildkite_for_a_job_is_known(word: str) -> None:
    assert buildkite_state(word) != "unknown"


def test_a_word_that_nobody_knows_is_unknown() -> None:
    assert buildkite_state("vaporized") == buildkite_state(None) == "unknown"


def test_a_job_that_waits_or_never_ran_did_not_fail() -> None:
    for word in ("blocked", "broken", "waiting_failed", "skipped", "canceled"):
        assert buildkite_state(word) not in FAILED | PASSED
    assert buildkite_state("expired") in FAILED
    assert buildkite_state("running") in UNFINISHED


@pytest.mark.parametrize(
    ("words", "ending"),
    [
        pytest.param(["passed"], "passed", id="passed"),
        pytest.param(["failed", "passed"], "flaky", id="passed-on-retry"),
        pytest.param(["canceled", "passed"], "passed", id="canceled-is-no-flake"),
        pytest.param(["failed", "failed"], "failed", id="failed-twice"),
        pytest.param(["passed", "failed"], "failed", id="the-last-counts"),
        pytest.param(["failed", "running"], "unfinished", id="retry-runs"),
        pytest.param(["timed_out"], "failed", id="timed-out"),
        pytest.param(["canceled"], "canceled", id="canceled"),
        pytest.param(["broken"], "broken", id="broken"),
        pytest.param(["blocked"], "blocked", id="blocked"),
        pytest.param(["skipped"], "skipped", id="skipped"),
    ],
)
def test_attempts_come_to_one_ending(words: list[str], ending: str) -> None:
    job = BuildJob(tuple(attempt(str(n), word) for n, word in enumerate(words)))
    assert job.ending == ending


def test_a_soft_failure_is_apart_from_a_hard_one() -> None:
    assert BuildJob((attempt("1", "failed", soft_failed=True),)).ending == "soft_failed"


def test_shards_of_one_name_are_jobs_of_their_own() -> None:
    shards = [attempt(str(n), "failed", shard=n, shards=3) for n in range(3)]
    assert [job.last.shard for job in joined(shards)] == [0, 1, 2]


@pytest.mark.parametrize(
    "links",
    [
        pytest.param(({"retried_in": "2"}, {}), id="forward"),
        pytest.param(({}, {"retry_of": "1"}), id="backward"),
        pytest.param(({"retried_in": "2"}, {"retry_of": "1"}), id="both"),
    ],
)
def test_attempts_are_joined_by_what_they_say(
    links: tuple[Mapping[str, Any], Mapping[str, Any]],
) -> None:
    found = joined([attempt("1", "failed", **links[0]), attempt("2", **links[1])])
    assert [[item.job_id for item in job.attempts] for job in found] == [["1", "2"]]
    assert found[0].ending == "flaky"


def test_a_retry_of_an_attempt_that_is_not_here_is_a_job() -> None:
    [job] = joined([attempt("2", retry_of="1")])
    assert job.last.job_id == "2"


LINKS = st.dictionaries(
    st.integers(0, 7), st.tuples(*[st.none() | st.integers(0, 7)] * 2), max_size=8
)


@given(LINKS)
def test_no_attempt_is_lost_or_doubled_whatever_the_links_say(
    links: Mapping[int, tuple[int | None, int | None]],
) -> None:
    made = [
        attempt(
            str(name),
            retried_in=None if to is None else str(to),
            retry_of=None if of is None else str(of),
        )
        for name, (to, of) in links.items()
    ]
    found = [str(item.job_id) for job in joined(made) for item in job.attempts]
    assert sorted(found) == sorted(str(item.job_id) for item in made)


def test_only_what_runs_something_is_a_job_of_a_build() -> None:
    build = Build(
        organization="o",
        pipeline="p",
        number=1,
        url="https://ci.test/1",
        message="Full CI run - nightly\n\nscheduled",
        attempts=(attempt("1"), attempt("2", "blocked", kind="manual")),
    )
    assert [job.last.job_id for job in build.jobs] == ["1"]
    assert (build.title, build.finished) == ("Full CI run - nightly", False)


def test_a_place_is_the_same_in_another_build() -> None:
    one = attempt("1", step_key="kernels", shard=1, sha="b" * 40)
    other = attempt("2", step_key="kernels", shard=1, name="Kernels (again)")
    assert one.place == other.place == ("kernels", 1)
    assert attempt("3", started_at=datetime.now(UTC)).place == ("Kernels", None)


def test_jobs_without_an_id_are_jobs_of_their_own() -> None:
    some = [Attempt(name=name, sha="a", state="fail") for name in ("One", "Two")]
    assert [job.name for job in joined(some)] == ["One", "Two"]
