from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.attempts import representative
from sickbay.ci.models import Job
from sickbay.ci.states import FAILED, LETTERS, PASSED, UNFINISHED, State, github_state

if TYPE_CHECKING:
    from collections.abc import Sequence

STATES: tuple[State, ...] = get_args(State)


def runs(*states: State) -> list[Job]:
    return [
        Job(name="pull / a", sha="1", state=state, job_id=number)
        for number, state in enumerate(states, 1)
    ]


@pytest.mark.parametrize(
    ("states", "chosen", "state"),
    [
        pytest.param(("fail", "ok"), 2, "flaky", id="passed on retry"),
        pytest.param(("ok", "fail"), 1, "flaky", id="passed, then failed"),
        pytest.param(("cancelled", "ok"), 2, "ok", id="a cancelled one proves nothing"),
        pytest.param(("fail", "timed_out"), 2, "timed_out", id="the newest of a class"),
        pytest.param(("fail", "pending"), 1, "fail", id="failed while retried"),
        pytest.param(("skipped", "neutral"), 2, "neutral", id="neutral over skipped"),
        pytest.param(("cancelled", "skipped"), 2, "skipped", id="any over cancelled"),
        pytest.param(("cancelled", "cancelled"), 2, "cancelled", id="nothing else"),
    ],
)
def test_the_run_that_stands_for_all(
    states: Sequence[State], chosen: int, state: State
) -> None:
    found = representative(runs(*states))
    assert (found.job_id, found.state) == (chosen, state)


@given(st.lists(st.sampled_from(STATES), min_size=1, max_size=6), st.randoms())
def test_their_order_does_not_matter(states: list[State], chance: object) -> None:
    given_runs = runs(*states)
    mixed = list(given_runs)
    chance.shuffle(mixed)  # type: ignore[attr-defined] # a random.Random
    assert representative(mixed) == representative(given_runs)


@pytest.mark.parametrize(
    ("conclusion", "status", "state"),
    [
        pytest.param("success", "completed", "ok", id="success"),
        pytest.param("", "in_progress", "pending", id="runs"),
        pytest.param(None, "waiting", "queued", id="waits"),
        pytest.param("startup_failure", None, "startup_failure", id="never began"),
        pytest.param("Failure", "completed", "fail", id="any case"),
        pytest.param("exploded", "completed", "unknown", id="a new word"),
        pytest.param(None, None, "unknown", id="no word"),
    ],
)
def test_github_s_words_have_a_state(
    conclusion: str | None, status: str | None, state: State
) -> None:
    assert github_state(conclusion, status) == state


def test_only_what_passed_can_be_flaky() -> None:
    assert github_state("success", None, failed_before=True) == "flaky"
    assert github_state("failure", None, failed_before=True) == "fail"


def test_every_state_has_a_letter_and_at_most_one_meaning() -> None:
    assert LETTERS.keys() == set(STATES)
    assert not FAILED & PASSED
    assert not UNFINISHED & (FAILED | PASSED)
