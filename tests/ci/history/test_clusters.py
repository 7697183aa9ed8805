from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.history.clusters import Cluster, clustered
from sickbay.ci.history.models import BuildPoint, Sighting

if TYPE_CHECKING:
    from random import Random

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OOM = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20 GiB"


def build(days_ago: float) -> BuildPoint:
    when = NOW - timedelta(days=days_ago)
    return BuildPoint(build_id=f"b{days_ago}", created_at=when, ordered_at=when)


def seen(  # noqa: PLR0913 - one for each thing that joins
    days_ago: float,
    *,
    cause: str = "c1",
    text: str = OOM,
    signature: str = "",
    test: str | None = None,
    excerpt: str | None = None,
    category: str = "NEW_REGRESSION",
) -> Sighting:
    return Sighting(
        build=build(days_ago),
        cause_id=cause,
        job_id=f"j{days_ago}",
        job_name=f"Job {test}",
        text=text,
        signature=signature,
        test_id=test,
        excerpt=excerpt,
        category=category,
        trouble="out_of_memory",
        confidence=0.7,
    )


def only(*sightings: Sighting, looked_at: int = 30) -> Cluster:
    """The one cluster of these, of one build a day looked at."""
    builds = [build(day + 0.5) for day in range(looked_at)]
    (found,) = clustered(sightings, now=NOW, builds=builds)
    return found


def test_a_cluster_tells_when_where_and_what() -> None:
    found = only(
        seen(5, test="b", excerpt="lines"), seen(9, test="a"), seen(1, test="b")
    )
    assert (found.first.build_id, found.last.build_id) == ("b9", "b1")
    assert (found.count, found.builds) == (3, 3)
    assert found.tests == ("b", "a")
    assert found.jobs == ("Job b", "Job a")
    assert (found.category, found.trouble) == ("NEW_REGRESSION", "out_of_memory")
    assert found.text == OOM
    assert found.example.excerpt == "lines"


def test_the_example_shows_what_the_cluster_says() -> None:
    own = seen(8, excerpt=f"E   {OOM}")
    older, other = seen(9, excerpt=f"E   {OOM}"), seen(2, excerpt="E   assert 1 == 2")
    assert only(older, own, other, seen(1)).example == own
    assert only(other, seen(1)).example == other


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        pytest.param(
            seen(1, cause="c1", text="x"),
            seen(2, cause="c1", text="y"),
            True,
            id="cause",
        ),
        pytest.param(
            seen(1, cause="c1", text="x", signature="s"),
            seen(2, cause="c2", text="y", signature="s"),
            True,
            id="signature",
        ),
        pytest.param(
            seen(1, cause="c1"),
            seen(2, cause="c2", text=OOM.replace("20", "31")),
            True,
            id="words but for a number",
        ),
        pytest.param(
            seen(1, cause="c1", text="the engine core failed to start on this worker"),
            seen(2, cause="c2", text="the engine core failed to start on the worker"),
            True,
            id="near words",
        ),
        pytest.param(
            seen(1, cause="c1", text="No module named 'torchvision'"),
            seen(2, cause="c2", text="No module named 'torchaudios'"),
            False,
            id="near words with other names",
        ),
        pytest.param(
            seen(1, cause="c1", text="AssertionError"),
            seen(2, cause="c2", text="AssertionError"),
            False,
            id="words that say too little",
        ),
    ],
)
def test_what_has_one_cause_is_together(
    one: Sighting, other: Sighting, *, together: bool
) -> None:
    builds = [one.build, other.build]
    found = clustered([one, other], now=NOW, builds=builds)
    assert (len(found) == 1) == together


@pytest.mark.parametrize(
    ("days", "word"),
    [
        pytest.param([1.5, 0.5], "new", id="new"),
        pytest.param([0.5, 1.5, 2.5, 20.5], "rising", id="rising"),
        pytest.param([2.5, 8.5, 14.5, 20.5], "steady", id="steady"),
        pytest.param([*[day + 0.5 for day in range(3, 30)]], "gone", id="gone"),
        pytest.param([9.5, 22.5], "steady", id="too rare to be gone"),
        pytest.param([18.5, 17.5, 16.5], "gone", id="broken for three days, long ago"),
        pytest.param([18.5], "gone", id="once, long ago"),
        pytest.param([3.5], "steady", id="once, lately"),
    ],
)
def test_the_trend_is_told_by_builds_that_met_it(days: list[float], word: str) -> None:
    found = only(*map(seen, days))
    assert found.trend.word == word
    assert found.trend.low is not None
    assert found.trend.high is not None
    if found.trend.ratio:
        assert found.trend.low <= found.trend.ratio <= found.trend.high


def test_a_trend_says_what_it_is_made_of() -> None:
    trend = only(*map(seen, [0.5, 1.5, 2.5, 20.5])).trend
    assert trend.recent == pytest.approx(1.0)
    assert trend.before == pytest.approx(1 / 26.5)
    assert trend.ratio == pytest.approx(27.0)
    assert trend.why == "3 of 3 builds of late, 1 of 27 before"


def test_what_is_met_in_fewer_builds_than_before_is_falling() -> None:
    builds = [build(day + 0.5) for day in range(30)]
    sightings = [seen(day + 0.5) for day in (2, *range(10, 30))]
    (found,) = clustered(sightings, now=NOW, builds=builds, recent_days=10)
    assert found.trend.word == "falling"


def test_silence_is_counted_in_builds() -> None:
    trend = only(seen(18.5), seen(17.5), seen(16.5)).trend
    assert trend.why == "0 of 3 builds of late, 3 of 27 before, none of the last 16"


def test_days_without_builds_are_no_decline() -> None:
    sightings = [seen(day + 0.5) for day in range(5, 15)]
    builds = [one.build for one in sightings]
    (found,) = clustered(sightings, now=NOW, builds=builds)
    assert found.trend.word == "unknown"
    assert found.trend.why == "no builds of late to compare with"
    assert only(*sightings).trend.word == "gone"


def test_what_only_began_of_late_has_no_before() -> None:
    found = only(seen(1), seen(2), looked_at=2)
    assert (found.trend.word, found.trend.before) == ("unknown", None)


def test_many_failures_of_one_build_are_one_meeting() -> None:
    found = only(*(seen(1.5, test=f"t{number}") for number in range(40)))
    assert (found.count, found.builds) == (40, 1)
    assert found.trend.why == "1 of 3 builds of late, 0 of 27 before"


def test_the_largest_stands_first() -> None:
    some = [seen(1, cause="small", text="a"), *(seen(day) for day in (1, 2))]
    found = clustered(some, now=NOW, builds=[one.build for one in some])
    assert [one.cluster_id for one in found] == ["c1", "small"]


sightings = st.builds(
    Sighting,
    build=st.sampled_from([build(day) for day in (0.5, 2, 7, 30)])
    | st.just(BuildPoint(build_id="undated")),
    cause_id=st.sampled_from("abcd"),
    job_id=st.just("j"),
    text=st.sampled_from([OOM, "", "AssertionError"]) | st.text(max_size=20),
    signature=st.sampled_from(["", "s", "t"]),
    category=st.sampled_from(["", "INFRA_SUSPECTED"]),
)


@given(st.lists(sightings, max_size=12), st.randoms())
def test_every_failure_is_in_one_cluster_whatever_the_order(
    some: list[Sighting], chance: Random
) -> None:
    builds = [one.build for one in some]
    found = clustered(some, now=NOW, builds=builds)
    assert sum(one.count for one in found) == len(some)
    names = [name for one in found for name in one.cause_ids]
    assert sorted(names) == sorted({one.cause_id for one in some})
    shuffled = chance.sample(some, len(some))
    again = clustered(shuffled, now=NOW, builds=builds)
    assert [one.cause_ids for one in again] == [one.cause_ids for one in found]
