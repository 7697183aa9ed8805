from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sickbay.ci.models import Job
from sickbay.toolsets.hud.analysis.likeness import (
    by_day,
    groups,
    is_like,
    is_of,
    newest,
    seen,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
PLACE = "https://github.com/{}/actions/runs/1/job/2"

NAMES = (
    "pull / a / test (default, 1, 3, x)",
    "pull / a / test (default, 2, 3, x)",
    "b",
)
jobs = st.lists(
    st.tuples(
        st.sampled_from(NAMES), st.sampled_from("ab"), st.none() | st.integers(0, 99)
    ).map(
        lambda of: Job(
            name=of[0],
            sha=of[1] * 40,
            state="fail",
            started_at=None if of[2] is None else NOON + timedelta(hours=of[2]),
        )
    )
)


def failed(shard: int = 1, hours: float | None = 0, url: str | None = None) -> Job:
    return Job(
        name=f"pull / linux / test (default, {shard}, 5, linux.2xlarge)",
        sha=f"{shard:040x}",
        state="fail",
        job_id=shard,
        url=url,
        started_at=None if hours is None else NOON + timedelta(hours=hours),
        lines=(f"error {shard}",),
    )


def test_shards_of_a_job_are_one_group_and_the_newest_is_its_example() -> None:
    (group,) = groups([failed(1, 0), failed(2, 5), failed(3, None)])
    assert (group.count, group.commits) == (3, 3)
    assert (group.job_id, group.line) == (2, "error 2")
    assert group.first_seen == NOON
    assert group.last_seen == NOON + timedelta(hours=5)


@pytest.mark.parametrize(
    ("failure", "alike"),
    [
        pytest.param("ImportError: No module named 'bed'", True, id="the line"),
        pytest.param("importerror: no module named bed (12)", True, id="nearly"),
        pytest.param("module named bed", True, id="words"),
        pytest.param("tar: No space left on device", False, id="one word"),
        pytest.param("SyntaxError: '(' was never closed", False, id="none"),
        pytest.param("12 34", True, id="nothing to go by"),
    ],
)
def test_a_line_is_alike_if_most_words_are(failure: str, *, alike: bool) -> None:
    job = replace(failed(), lines=("ImportError: No module named 'bed'",))
    assert is_like(job, failure) is alike
    assert is_like(replace(job, lines=()), failure)


def test_a_line_about_another_test_is_another_failure() -> None:
    line = "FAILED CONSISTENTLY: test/test_ops.py::TestOps::test_{}"
    job = replace(failed(), lines=(line.format("add"),))
    assert is_like(job, line.format("add"))
    assert not is_like(job, line.format("sub"))


def test_days_are_those_of_utc() -> None:
    east = timezone(timedelta(hours=9))
    late = Job(
        name="a", sha="b", state="fail", started_at=datetime(2026, 5, 2, 3, tzinfo=east)
    )
    assert [(day.day.isoformat(), day.count) for day in by_day([late, failed()])] == [
        ("2026-05-01", 2)
    ]


@pytest.mark.parametrize(
    ("url", "mine"),
    [
        pytest.param(PLACE.format("pytorch/pytorch"), True, id="the repository"),
        pytest.param(PLACE.format("pytorch/vision"), False, id="another"),
        pytest.param(PLACE.format("fork/pytorch"), False, id="a fork"),
        pytest.param(None, True, id="nobody says"),
    ],
)
def test_failures_of_other_repositories_are_left_out(
    url: str | None,
    mine: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert is_of(failed(url=url), "pytorch/pytorch") is mine


@given(jobs)
def test_every_failure_is_in_one_group(found: list[Job]) -> None:
    made = groups(found)
    assert sum(group.count for group in made) == len(found)
    first, last = seen(found)
    assert first == min((g.first_seen for g in made if g.first_seen), default=None)
    assert last == max((g.last_seen for g in made if g.last_seen), default=None)
    assert len(newest(found)) == len(found)
