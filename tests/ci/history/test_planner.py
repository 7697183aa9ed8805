from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.history.culprit import Culprit, Flakes, Trial, culprit
from sickbay.ci.history.planner import next_probe, planned

CALM, FLAKY = Flakes(passes=400), Flakes(passes=28, failures=12)


def found(
    *trials: Trial, size: int = 16, flakes: Flakes = CALM, flake_prior: float = 0.01
) -> Culprit:
    names = [f"c{place}" for place in range(size)]
    return culprit(names, trials, flakes=flakes, flake_prior=flake_prior)


def passes(place: int, runs: int = 1) -> Trial:
    return Trial(place=place, passes=runs)


def fails(place: int, runs: int = 1) -> Trial:
    return Trial(place=place, failures=runs)


def test_the_first_probe_of_a_steady_test_halves_the_range() -> None:
    probe = next_probe(found())
    assert probe is not None
    assert probe.place == 7
    assert probe.information == pytest.approx(1, abs=0.05)
    assert probe.fails == pytest.approx(0.5, abs=0.03)
    assert probe.repeats == 1


def test_a_flaky_test_is_to_be_repeated_and_tells_less() -> None:
    calm, flaky = next_probe(found()), next_probe(found(flakes=FLAKY))
    assert calm is not None
    assert flaky is not None
    assert flaky.information < calm.information
    assert flaky.repeats > 1


def test_the_probe_is_among_what_can_be_tested() -> None:
    probe = next_probe(found(), testable={2, 13})
    assert probe is not None
    assert probe.place in {2, 13}
    assert next_probe(found(), testable=()) is None


def test_a_probe_is_the_one_that_lowers_the_doubt_most() -> None:
    before = found(passes(3), fails(9), flakes=FLAKY, flake_prior=0.1)
    probe = next_probe(before)
    assert probe is not None

    def doubt(one: Culprit) -> float:
        chances = [*(each.probability for each in one.suspects), one.no_culprit]
        return -sum(p * math.log2(p) for p in chances if p)

    def left(place: int) -> float:
        """The doubt to expect after one run there, by asking the other module."""
        again = passes(3), fails(9)
        more = [
            found(*again, one(place), flakes=FLAKY, flake_prior=0.1)
            for one in (passes, fails)
        ]
        chance = _failing(before, place)
        return (1 - chance) * doubt(more[0]) + chance * doubt(more[1])

    expected = {place: doubt(before) - left(place) for place in range(16)}
    assert probe.information == pytest.approx(max(expected.values()))
    assert expected[probe.place] == pytest.approx(probe.information)


def _failing(one: Culprit, place: int) -> float:
    """Probability that a run fails there, by hand."""
    chance = 0.0
    for each in one.suspects:
        a, b = 12.5 + each.failures_before, 28.5 + each.passes_before
        c, d = 14.95 + each.failures_since, 0.05 + each.passes_since
        rate = c / (c + d) if each.place <= place else a / (a + b)
        chance += each.probability * rate
    return chance + one.no_culprit * (12.5 + 1) / (12.5 + 1 + 28.5 + 1)


def test_when_it_is_certain_the_predecessor_is_still_to_be_tested() -> None:
    runs = [passes(place) for place in (1, 2, 3)]
    plan = planned(found(*runs, fails(5, 9), fails(4, 9)))
    assert plan.done
    assert (plan.probe, plan.left) == (None, 0.0)
    assert plan.confirm == ()
    told = culprit(["a", "b", "c"], [fails(2, 4)], weights=[1e-9, 1, 1e-9])
    again = planned(told, stop=0.9)
    assert again.done
    assert again.confirm == (0, 1)
    assert "test a and b" in " ".join(again.advice)
    assert "predecessor" in " ".join(again.advice)


def test_a_flake_is_called_one() -> None:
    plan = planned(found(fails(4), passes(15, 9), passes(4, 3)))
    assert plan.done
    assert plan.confirm == ()
    assert "flake" in plan.advice[0]


def test_a_plan_says_what_to_test_and_how_many_probes_are_left() -> None:
    plan = planned(found())
    assert plan.probe is not None
    assert plan.left == pytest.approx(4, abs=0.5)
    assert plan.advice == ("Test c7 next, once, or until it passes.",)
    assert not plan.done


def test_where_a_broken_test_passes_now_and_then_one_pass_proves_nothing() -> None:
    runs = [Trial(place=place, passes=3, failures=6) for place in range(8, 16)]
    plan = planned(found(passes(2, 9), *runs))
    assert plan.probe is not None
    assert "until" not in plan.advice[0]


def test_what_cannot_be_tested_leaves_the_culprit_unknown() -> None:
    plan = planned(found(), testable=())
    assert (plan.probe, plan.left, plan.done) == (None, None, False)
    assert plan.advice == ("No run on a commit of the range would tell more.",)


@pytest.mark.parametrize(
    ("flakes", "rate", "most"),
    [
        pytest.param(CALM, 0.0, 5.5, id="steady"),
        pytest.param(FLAKY, 0.3, 13, id="flaky"),
    ],
)
def test_a_search_finds_the_culprit_in_few_runs(
    flakes: Flakes, rate: float, most: float
) -> None:
    chance = Random(5)  # noqa: S311 - the same every time
    taken, right = 0, 0
    for _ in range(40):
        broken, trials = chance.randrange(16), list[Trial]()
        while probe := next_probe(found(*trials, flakes=flakes)):
            bad = probe.place >= broken or chance.random() < rate
            trials.append(fails(probe.place) if bad else passes(probe.place))
        best = found(*trials, flakes=flakes).best
        right += best is not None and best.place == broken
        taken += len(trials)
    assert right >= 38
    assert taken / 40 <= most


trials = st.lists(
    st.builds(
        Trial,
        place=st.integers(0, 7),
        passes=st.integers(0, 2),
        failures=st.integers(0, 2),
    ),
    max_size=6,
)


@given(trials, st.sampled_from([CALM, FLAKY, Flakes()]), st.sampled_from([0.0, 0.2]))
def test_no_run_tells_more_than_a_bit_or_than_is_unknown(
    some: list[Trial], flakes: Flakes, false_pass: float
) -> None:
    one = culprit(list("abcdefgh"), some, flakes=flakes, false_pass=false_pass)
    plan = planned(one)
    if plan.probe is not None:
        assert 0 < plan.probe.information <= 1 + 1e-9
        assert 0 <= plan.probe.fails <= 1 + 1e-9
        assert 1 <= plan.probe.repeats <= 10
        assert plan.left is not None
        assert plan.left >= 1
    assert plan.done == (
        max(one.no_culprit, *(each.probability for each in one.suspects)) >= 0.99
    )
