from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.clients.hud.catalogue import checked, named, queries
from sickbay.core.errors import BadRequest, NotFound, SickbayError, Unsupported
from sickbay.simulators.hud.queries import QUERIES

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
TYPE = re.compile(
    r"(?:Array\()?(?:U?Int(?:8|32|64)|Float(?:32|64)|Bool|String|Date|DateTime"
    r"|DateTime64(?:\([39]\))?)\)?"
)
ROCKSET = {
    "correlation_matrix",
    "flaky_tests/across_jobs",
    "runner_utilization",
    "runner_utilization_by_activity",
    "runner_utilization_by_repo",
}
RED = {"granularity": "day", "timezone": "UTC", "usePercentage": False}


def sent(query: str, time_range: str = "", **parameters: object) -> dict[str, Any]:
    return checked(query, parameters, now=NOW, time_range=time_range)


def test_all_queries_are_there_with_a_purpose_and_types() -> None:
    assert len(queries()) == 192
    assert len({query.name for query in queries()}) == 192
    for query in queries():
        assert query.purpose, query.name
        assert query.lines > 0
        kinds = [one.type for one in query.parameters]
        assert all(TYPE.fullmatch(kind) for kind in kinds), (query.name, kinds)


def test_groups_are_as_large_as_a_page_at_most() -> None:
    sizes = Counter(query.group for query in queries())
    assert len(sizes) == 15
    assert max(sizes.values()) < 25


def test_queries_that_never_work_are_told_with_the_reason() -> None:
    broken = {query.name: query.broken or "" for query in queries() if query.broken}
    assert broken.keys() == ROCKSET
    assert all("Rockset" in reason for reason in broken.values())
    for name in ROCKSET:
        with pytest.raises(Unsupported, match="Rockset"):
            sent(name)


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_it_takes_what_the_simulator_takes(name: str) -> None:
    query = named(name)
    declared = QUERIES[name]
    if query.broken:
        return
    assert {one.name for one in query.parameters} == set(declared.params)
    for one in query.parameters:
        kinds = {one.type, one.declared, f"{one.declared}32"}
        assert declared.params[one.name] in kinds, one


@pytest.mark.parametrize("query", queries(), ids=lambda query: query.name)
def test_the_example_of_every_query_is_a_call_that_is_sent(query: Any) -> None:  # noqa: ANN401 - a NamedQuery
    if query.broken:
        return
    example = query.example
    values = checked(
        example["name"],
        example["parameters"],
        now=NOW,
        time_range=example.get("time_range", ""),
        usual=query.of_repo("pytorch/pytorch"),
    )
    assert values.keys() == {one.name for one in query.parameters}


def test_a_time_range_stands_for_both_times() -> None:
    values = sent("master_commit_red", "7d", **RED)
    assert values["startTime"] == "2026-03-01T12:00:00.000"
    assert values["stopTime"] == "2026-03-08T12:00:00.000"
    assert sent("reverts", "2026-03-01:2026-03-02") == {
        "startTime": "2026-03-01T00:00:00.000",
        "stopTime": "2026-03-02T00:00:00.000",
    }


def test_it_stands_for_them_whatever_they_are_called() -> None:
    events = sent(
        "autorevert_events_in_range", "24h", repo="pytorch/pytorch", filterWorkflows=[]
    )
    assert events["startTime"] == "2026-03-07 12:00:00"
    assert events["endTime"] == "2026-03-08 12:00:00"
    report = sent(
        "oss_ci_util/oss_ci_list_utilization_reports",
        "7d",
        group_by="workflow_name",
        repo="pytorch/pytorch",
        granularity="day",
        parent_group="",
    )
    assert (report["start_time"], report["end_time"]) == ("2026-03-01", "2026-03-08")


def test_a_time_that_is_given_wins_over_the_range() -> None:
    values = sent("reverts", "7d", startTime="2026-01-01")
    assert values["startTime"] == "2026-01-01T00:00:00.000"
    assert values["stopTime"] == "2026-03-08T12:00:00.000"


def test_a_query_without_an_end_takes_no_range_that_has_one() -> None:
    assert sent("time_to_signal", "7d") == {"startTime": "2026-03-01T12:00:00.000"}
    with pytest.raises(BadRequest, match="goes up to now"):
        sent("time_to_signal", "14d:7d")
    with pytest.raises(BadRequest, match="takes no time range"):
        sent("queued_jobs", "7d")


def test_predecessor_bug_9_what_is_missing_is_told_before_it_is_sent() -> None:
    with pytest.raises(BadRequest, match="needs granularity, usePercentage") as caught:
        sent("master_commit_red", "7d", timezone="UTC")
    assert "usePercentage (Bool)" in caught.value.hint
    with pytest.raises(BadRequest, match="needs startTime, stopTime"):
        sent("reverts")


def test_predecessor_bug_10_local_times_are_sent_in_utc(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    there = datetime(2026, 3, 1, 4, tzinfo=timezone(timedelta(hours=-8)))
    values = sent("reverts", startTime=there, stopTime="2026-03-01T13:00:00Z")
    assert values["startTime"] == "2026-03-01T12:00:00.000"
    assert values["stopTime"] == "2026-03-01T13:00:00.000"


def test_predecessor_bug_16_what_a_query_does_not_take_is_refused() -> None:
    with pytest.raises(BadRequest, match="takes no granularity, repo, state"):
        sent(
            "disabled_test_historical",
            "7d",
            label="skipped",
            platform="",
            triaged="",
            repo="pytorch/pytorch",
            state="open",
            granularity="day",
        )
    with pytest.raises(BadRequest, match="did you mean branch"):
        sent("tts_avg", "7d", brach="main")


def test_values_become_those_of_their_types() -> None:
    values = sent("master_commit_red", "7d", **{**RED, "usePercentage": "true"})
    assert values["usePercentage"] is True
    one = sent("commit_failed_jobs", shas="abc")
    assert one == {"shas": ["abc"]}
    with pytest.raises(BadRequest, match="numHours: 'many' is no Int64"):
        sent("flaky_tests/in_subprocess", numHours="many", name="", suite="", file="")
    with pytest.raises(BadRequest, match="minRedCommits: 256 is no UInt8"):
        sent(
            "autorevert_weekly_metrics",
            "7d",
            workflowNames=[],
            minRedCommits=256,
            minGreenCommits=2,
        )


def test_defaults_are_filled_in() -> None:
    values = sent("queued_jobs_aggregate", queuedThresholdMinutes=5)
    assert values["queuedThresholdMinutes"] == 5
    assert values["maxAgeDays"] == 3
    assert values["runnerLabels"] == []


def test_the_repository_has_the_form_that_a_query_takes() -> None:
    assert named("tts_avg").of_repo("a/b")["repo"] == "a/b"
    usual = named("strict_lag_sec").of_repo("a/b")
    values = checked("strict_lag_sec", {"head": "main"}, now=NOW, usual=usual)
    assert values == {"repo": "b", "head": "main", "owner": "a"}


def test_a_name_that_is_not_known_gets_the_nearest() -> None:
    with pytest.raises(NotFound, match="master_comit_red") as caught:
        named("master_comit_red")
    assert "master_commit_red" in caught.value.hint
    with pytest.raises(NotFound, match="hud_queries"):
        named("ζ")


@given(
    name=st.sampled_from([query.name for query in queries()]),
    parameters=st.dictionaries(
        st.sampled_from(["startTime", "repo", "shas", "numHours", "x"]),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()),
    ),
    time_range=st.text(max_size=8),
)
def test_any_call_is_sent_whole_or_refused(
    name: str, parameters: dict[str, object], time_range: str
) -> None:
    with suppress(SickbayError):
        values = checked(name, parameters, now=NOW, time_range=time_range)
        assert values.keys() == {one.name for one in named(name).parameters}
