"""How flaky a test is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.history.flakiness import flake_score, tallied
from sickbay.ci.history.models import Run, Tally
from tests.ci.history.told import told


def tally(line: str) -> Tally:
    """The counts of a past."""
    seen = told(line)
    counted = tallied("t", seen)
    failures = sum(one.outcome != "pass" for one in seen if one.observed)
    passes = sum(one.outcome != "fail" for one in seen if one.observed)
    return replace(counted, failures=failures, passes=passes)


def test_broken_since_a_build_is_no_flake() -> None:
    broken = flake_score(tally("." * 25 + "F" * 25))
    flaky = flake_score(tally(".F.F..FF.F...F.F." * 3))
    assert broken.score < 0.05
    assert broken.high < flaky.low


def test_broken_for_a_while_is_less_flaky_than_one_lone_failure() -> None:
    lone, while_ = (
        flake_score(tally(line))
        for line in ("." * 20 + "F" + "." * 29, "." * 20 + "F" * 10 + "." * 20)
    )
    assert lone.isolation == 1
    assert while_.score < lone.score


def test_pairs_of_one_commit_alone_give_the_closed_form() -> None:
    score = flake_score(
        Tally(
            test_id="t",
            builds=1,
            failed_builds=1,
            passes=3,
            failures=3,
            pairs=3,
            split_pairs=2,
        )
    )
    assert score.score == pytest.approx((2 + 0.5) / (3 + 1))
    assert (score.split.happened, score.split.times) == (2, 3)


def test_rescued_by_a_retry_is_flaky_though_no_build_fails() -> None:
    rescued = Tally(
        test_id="t",
        builds=20,
        failed_builds=8,
        passes=20,
        failures=8,
        pairs=8,
        split_pairs=8,
    )
    assert flake_score(rescued).isolation == 1
    assert flake_score(rescued).score > 0.25


def test_more_of_the_same_makes_it_surer() -> None:
    few, many = (flake_score(tally("..F." * times)) for times in (4, 40))
    assert many.high - many.low < few.high - few.low


def test_no_failure_says_so() -> None:
    score = flake_score(tally("." * 30))
    assert score.isolation is None
    assert score.why == "It never failed in 30 builds"


def test_machines_are_left_out() -> None:
    assert tally("..F.ii-.F.") == replace(tally("..F..F."), variants=())


def test_second_build_of_a_commit_is_a_pair() -> None:
    one, other = told(".F")
    same = replace(other, build=replace(other.build, sha=one.build.sha))
    seen = [replace(each, variants=(("gpu", each.outcome),)) for each in (one, same)]
    assert (tallied("t", seen).pairs, tallied("t", seen).split_pairs) == (1, 1)


def test_failing_again_on_a_retry_is_a_pair_that_agrees() -> None:
    (one,) = told("F")
    runs = tuple(
        Run(
            build_id=one.build.build_id, job_id=str(at), outcome="failed", variant="gpu"
        )
        for at in range(2)
    )
    seen = replace(one, runs=runs, variants=(("gpu", "fail"),))
    assert (tallied("t", [seen]).pairs, tallied("t", [seen]).split_pairs) == (1, 0)


count = st.integers(0, 2000)
tallies = st.builds(
    Tally,
    test_id=st.just("t"),
    builds=count,
    failed_builds=count,
    passes=count,
    failures=count,
    pairs=count,
    split_pairs=count,
    transitions=count,
)


@given(tallies)
def test_score_lies_in_its_interval_whatever_was_counted(counted: Tally) -> None:
    score = flake_score(counted)
    assert 0 <= score.low <= score.high <= 1
    assert 0 < score.score < 1
    assert score.isolation is None or 0 <= score.isolation <= 1
