from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.history.culprit import RARELY, Culprit, Flakes, Trial, culprit

HISTORY = Flakes(passes=38, failures=2)


def named(
    *trials: Trial, size: int = 10, flakes: Flakes = HISTORY, false_pass: float = 0
) -> Culprit:
    return culprit(
        [f"c{at}" for at in range(size)], trials, flakes=flakes, false_pass=false_pass
    )


def passes(place: int, runs: int = 1) -> Trial:
    return Trial(place=place, passes=runs)


def fails(place: int, runs: int = 1) -> Trial:
    return Trial(place=place, failures=runs)


def test_between_the_last_pass_and_lasting_failures_is_the_culprit() -> None:
    found = named(passes(4), fails(7, 2), fails(8), fails(9))
    assert sorted(found.credible) == [5, 6, 7]
    assert found.claimed > 0.9
    assert not found.maybe_flake
    assert found.best is not None
    assert found.best.why == "0 of 1 runs before it failed, 4 of 4 since"


def test_a_commit_that_passes_clears_all_older_ones() -> None:
    found = named(passes(4), fails(6))
    assert [one.probability for one in found.suspects[:5]] == [0.0] * 5


def test_one_failure_of_a_flaky_test_may_be_a_flake() -> None:
    calm = named(passes(6), fails(9), flakes=Flakes(passes=200))
    flaky = named(passes(6), fails(9), flakes=Flakes(passes=4, failures=36))
    assert calm.no_culprit < 0.05
    assert flaky.no_culprit > 0.2
    assert flaky.maybe_flake
    assert not calm.maybe_flake


def test_a_flake_before_the_culprit_does_not_hide_it() -> None:
    found = named(passes(2), fails(3), *map(fails, (6, 7, 8, 9)), passes(5))
    assert found.credible[0] == 6
    assert found.claimed > 0.9


def test_failures_in_a_row_of_a_flaky_test_leave_later_commits_under_suspicion() -> (
    None
):
    runs = [passes(1), *map(fails, range(3, 10))]
    calm, flaky = (
        named(*runs, flakes=Flakes(passes=passed, failures=failed))
        for passed, failed in ((400, 0), (20, 20))
    )
    assert calm.suspects[5].probability < 0.01 < flaky.suspects[5].probability
    assert len(flaky.credible) > len(calm.credible)


def test_without_runs_only_the_prior_speaks_and_it_is_said() -> None:
    found = culprit(["a", "b"], [], weights=[3, 1], flake_prior=0.2)
    assert [one.probability for one in found.suspects] == pytest.approx([0.6, 0.2])
    assert found.no_culprit == pytest.approx(0.2)
    assert found.notes == (
        "No run before the range says how often the test fails by chance.",
        "No commit of the range was tested.",
    )


@pytest.mark.parametrize(
    ("trials", "note"),
    [
        pytest.param([passes(3)], "No run of the range failed.", id="nothing failed"),
        pytest.param(
            [fails(3), passes(9), passes(7)],
            "The newest tested commit passes: it is mended, or was never broken.",
            id="mended",
        ),
        pytest.param([passes(3), fails(7)], None, id="nothing to say"),
    ],
)
def test_what_is_odd_about_the_runs_is_said(
    trials: list[Trial], note: str | None
) -> None:
    assert named(*trials).notes == ((note,) if note else ())


def test_where_the_newest_commit_passes_no_commit_is_the_culprit() -> None:
    found = named(fails(5), passes(9))
    assert found.no_culprit == 1.0
    assert (found.credible, found.claimed, found.best) == ((), 0.0, None)
    assert found.maybe_flake


def test_a_broken_test_that_passes_once_is_found_all_the_same() -> None:
    runs = [*map(passes, range(5)), *map(fails, (5, 6, 7, 9)), passes(8)]
    assert named(*runs).credible == (9,)
    assert named(*runs, false_pass=RARELY).credible[0] == 5


def test_a_change_to_failing_half_of_the_time_is_found_if_it_is_expected() -> None:
    calm = [passes(place, 4) for place in range(5)]
    torn = [Trial(place=place, passes=2, failures=2) for place in range(5, 10)]
    found = named(*calm, *torn, flakes=Flakes(passes=60), false_pass=0.5)
    assert found.credible == (5,)
    assert not found.maybe_flake


def test_no_commits_leave_a_flake() -> None:
    found = culprit([], [])
    assert (found.no_culprit, found.suspects, found.best) == (1.0, (), None)


def test_the_flake_rate_is_learned_from_the_range_too() -> None:
    before = named()
    after = named(*(passes(place, 20) for place in range(9)))
    assert after.flake_rate < before.flake_rate
    assert after.flake_low < after.flake_rate < after.flake_high


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.3])
def test_the_credible_set_holds_the_culprit_as_often_as_it_claims(rate: float) -> None:
    chance = Random(int(rate * 100))  # noqa: S311 - the same every time
    covered, claimed, cases = 0, 0.0, 800
    for _ in range(cases):
        broken = chance.randrange(20)
        trials = []
        for place in range(20):
            if chance.random() < 0.5:
                bad = place >= broken or chance.random() < rate
                trials.append(fails(place) if bad else passes(place))
        failures = sum(chance.random() < rate for _ in range(30))
        history = Flakes(passes=30 - failures, failures=failures)
        found = named(*trials, size=20, flakes=history)
        covered += broken in found.credible
        claimed += found.claimed
    assert covered >= 0.9 * cases
    assert covered == pytest.approx(claimed, abs=0.04 * cases)


trials = st.lists(
    st.builds(
        Trial,
        place=st.integers(0, 9),
        passes=st.integers(0, 3),
        failures=st.integers(0, 3),
    ),
    max_size=12,
)
weights = st.lists(st.floats(0.01, 100), min_size=10, max_size=10)


@given(trials, weights, st.sampled_from([0.0, 0.1]))
def test_the_probabilities_add_up_and_the_set_is_the_smallest(
    some: list[Trial], prior: list[float], false_pass: float
) -> None:
    found = culprit(
        list("abcdefghij"), some, weights=prior, false_pass=false_pass, flakes=HISTORY
    )
    chances = [one.probability for one in found.suspects]
    assert sum(chances) + found.no_culprit == pytest.approx(1)
    assert all(0 <= chance <= 1 for chance in chances)
    inside = [chances[place] for place in found.credible]
    assert inside == sorted(inside, reverse=True)
    assert found.claimed == 0 or found.claimed >= found.mass * (1 - 1e-9)
    without_last = sum(inside[:-1])
    assert without_last <= found.mass * sum(chances) * (1 + 1e-9)


@given(trials, st.randoms())
def test_neither_the_order_of_the_runs_matters_nor_how_they_are_grouped(
    some: list[Trial], chance: Random
) -> None:
    single = [
        one
        for trial in some
        for one in (
            *[passes(trial.place)] * trial.passes,
            *[fails(trial.place)] * trial.failures,
        )
    ]
    chance.shuffle(single)
    assert named(*single) == named(*some)


@given(trials)
def test_one_more_failure_never_clears_older_commits(some: list[Trial]) -> None:
    before, after = named(*some), named(*some, fails(9, 3))
    for one, other in pairwise(before.suspects):
        if not one.probability and other.probability:
            assert not after.suspects[one.place].probability
    assert after.no_culprit <= before.no_culprit + 1e-12


def test_ranges_of_thousands_of_commits_do_not_underflow() -> None:
    runs = [passes(place, 5) for place in range(0, 2500, 3)]
    found = named(*runs, *(fails(place) for place in range(2600, 4000)), size=4000)
    assert found.suspects[2550].probability > 0.005
    assert set(found.credible) <= set(range(2499, 2601))
