from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.simulators.hud.queries import QUERIES
from sickbay.simulators.hud.queries.declared import Declared, Refused
from tests.simulators.hud import Hud, hud_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture(name="hud", scope="module")
def running() -> Iterator[Hud]:
    with hud_at(now=NOON) as hud:
        yield hud


def ask(hud: Hud, query: str, /, **parameters: object) -> httpx2.Response:
    given = {"parameters": json.dumps(parameters)}
    path = f"/api/clickhouse/{quote(query, safe='')}"
    return hud.client.get(path, params=given)


def rows(hud: Hud, query: str, /, **parameters: object) -> list[dict[str, Any]]:
    answer = ask(hud, query, **{**usual(hud), **parameters})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000")


def usual(hud: Hud) -> dict[str, Any]:
    """A value for every parameter that any query declares."""
    run = next(run for run in hud.world.failed if run.kind.config and run.completed)
    sha = hud.world.commit(run.order).sha
    return {
        "startTime": stamp(NOON - timedelta(days=7)),
        "stopTime": stamp(NOON),
        "endTime": stamp(NOON),
        "timezone": "America/Los_Angeles",
        "granularity": "day",
        "usePercentage": False,
        "workflowNames": ["pull", "trunk"],
        "repo": "pytorch/pytorch",
        "owner": "pytorch",
        "head": "main",
        "branch": "main",
        "sha": sha,
        "shas": [sha],
        "filterWorkflows": ["trunk"],
        "workflowId": run.run_id,
        "jobId": run.job_id,
        "runAttempt": run.attempt,
        "job_ids": [run.job_id],
        "minRuns": 20,
        "numHours": 200,
        "name": "%",
        "suite": "%",
        "file": "%",
        "limit": 3,
        "per_page": 10,
        "offset": 0,
        "jobNames": [run.kind.full_name],
        "prNumber": 177_000,
        "label": "skipped",
        "platform": "",
        "triaged": "",
        "state": "open",
    }


OF_THE_NEWEST = {"queued_jobs", "queued_jobs_by_label", "queued_jobs_aggregate"}
BROKEN = {name for name in QUERIES if "runner_utilization" in name} | {
    "correlation_matrix",
    "flaky_tests/across_jobs",
}


@pytest.mark.parametrize("name", sorted(QUERIES.keys() - BROKEN - OF_THE_NEWEST))
def test_query_has_rows_of_one_shape(hud: Hud, name: str) -> None:
    more: dict[str, Any] = {}
    if name == "merge_bases":
        more = {"shas": [hud.world.commit(hud.world.pulls[177_000].heads[0]).sha]}
    if name == "commit_failed_jobs":  # it calls a list of commits a text
        more = {"shas": usual(hud)["sha"]}
    if name.startswith("autorevert_"):
        sha = hud.world.story("autoreverted").culprit
        more = {"sha": sha, "shas": [sha]}
    found = rows(hud, name, **more)
    assert found
    assert {tuple(row) for row in found} == {tuple(found[0])}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_leftovers_of_another_database_do_not_parse(hud: Hud, name: str) -> None:
    answer = ask(hud, name)
    assert answer.status_code == 500
    assert "SYNTAX_ERROR" in answer.json()["error"]


def test_red_commits_are_those_of_the_grid(hud: Hud) -> None:
    days = rows(hud, "master_commit_red")
    assert sum(day["total"] for day in days) == hud.world.count
    for day in days:
        known = sum(day[state] for state in ("red", "flaky", "pending", "green"))
        assert known == day["total"]
    jobs = {row["sha"]: row for row in rows(hud, "master_commit_red_jobs")}
    story = hud.world.story("ongoing")
    assert jobs[story.first_bad]["failures"]
    folded = "pull / linux-jammy-py3.10-gcc11 / test (default)"
    assert folded in jobs[story.first_bad]["failures"]
    before = hud.world.landed[hud.world.orders[story.first_bad] - 1].sha
    assert folded in jobs[before]["successes"]


def test_shares_are_between_nought_and_one(hud: Hud) -> None:
    for day in rows(hud, "master_commit_red", usePercentage=True):
        shares = [day[state] for state in ("red", "flaky", "pending", "green")]
        assert sum(shares) == pytest.approx(1)


def test_hours_become_days(hud: Hud) -> None:
    by_hour = rows(hud, "master_commit_red", granularity="hour")
    assert by_hour == rows(hud, "master_commit_red", granularity="day")


def test_reverts_are_those_of_the_history(hud: Hud) -> None:
    known = sum(c.title.startswith("Revert ") for c in hud.world.landed)
    assert rows(hud, "reverts", startTime="2026-01-01") == [{"num": known}]
    by_class = rows(hud, "num_reverts", startTime="2026-01-01")
    assert sum(row["num"] for row in by_class) == known
    assert {row["code"] for row in by_class} == {"nosignal", "autorevert"}


def test_average_queue_time_is_really_the_longest() -> None:
    with hud_at(now=NOON, commits=300) as large:
        queued = rows(large, "queued_jobs")
        labels = rows(large, "queued_jobs_by_label")
    assert queued
    assert [row["queue_s"] for row in queued] == sorted(
        (row["queue_s"] for row in queued), reverse=True
    )
    for row in labels:
        waits = [
            q["queue_s"] for q in queued if q["machine_type"] == row["machine_type"]
        ]
        assert (row["count"], row["avg_queue_s"]) == (len(waits), max(waits))


def test_missing_times_are_the_epoch_and_missing_words_are_empty(hud: Hud) -> None:
    newest = rows(hud, "commit_jobs_batch_query", shas=[hud.world.landed[-1].sha])
    waiting = [row for row in newest if row["status"] != "completed"]
    assert waiting
    assert {row["completed_at"] for row in waiting} == {
        "1970-01-01T00:00:00.000000000Z"
    }
    assert "" in {row["conclusion"] for row in waiting}
    assert all(isinstance(row["id"], int) for row in newest)


def test_merge_base_of_a_pull_request_is_on_the_branch(hud: Hud) -> None:
    pull = hud.world.pulls[177_000]
    head = hud.world.commit(pull.heads[-1]).sha
    (row,) = rows(hud, "merge_bases", shas=[head, "0" * 40])
    assert row["head_sha"] == head
    assert row["merge_base"] == hud.world.landed[pull.base].sha


def test_flaky_jobs_are_ranked_and_their_reds_explained(hud: Hud) -> None:
    found = rows(hud, "flaky_trunk_jobs")
    ranks = [row["flake_rate_wilson_lb"] for row in found]
    assert ranks == sorted(ranks, reverse=True)
    kinds = ("infra_flake", "test_flake", "unclassified", "real_regression")
    assert all(row["red"] == sum(row[kind] for kind in kinds) for row in found)
    shaky = next(row for row in found if "clang18-asan / test (d" in row["job_name"])
    assert shaky["test_flake"] > 0
    assert shaky["pct_reds_flake"] == 1


def test_rerun_tests_carry_a_traceback(hud: Hud) -> None:
    found = rows(hud, "flaky_tests/in_subprocess")
    assert {row["suite"] for row in found} >= {"TestDataLoader"}
    assert all("Error" in row["sampleTraceback"] for row in found)
    only = rows(hud, "flaky_tests/in_subprocess", suite="%Data%")
    assert {row["suite"] for row in only} == {"TestDataLoader"}


def test_disabled_tests_follow_their_filters(hud: Hud) -> None:
    opened = {row["number"] for row in rows(hud, "disabled_tests")}
    assert len(opened) > 80
    (closed,) = rows(hud, "disabled_tests", state="closed")
    assert closed["number"] not in opened
    rocm = {row["name"] for row in rows(hud, "disabled_tests", platform="rocm")}
    assert rocm < {row["name"] for row in rows(hud, "disabled_tests")}
    triaged = rows(hud, "disabled_tests", triaged="yes")
    assert triaged
    assert all("triaged" in row["labels"] for row in triaged)
    either = rows(hud, "disabled_tests", triaged="no")
    assert len(either) + len(triaged) == len(opened)


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        pytest.param(
            "reverts", {}, "Substitution `startTime` is not set", id="missing"
        ),
        pytest.param(
            "reverts",
            {"startTime": "2026-11-01T00:00:00.000Z", "stopTime": "2026-11-02"},
            "cannot be parsed as DateTime64(3)",
            id="time-with-zone",
        ),
        pytest.param(
            "reverts",
            {"startTime": "7d", "stopTime": "2026-11-02"},
            "cannot be parsed as DateTime64(3)",
            id="no-time",
        ),
        pytest.param(
            "merge_bases",
            {"shas": "abc", "repo": "pytorch/pytorch"},
            "cannot be parsed as Array(String)",
            id="text-for-a-list",
        ),
        pytest.param(
            "oss_ci_util/oss_ci_list_util_stats",
            {"workflowId": "many", "repo": ""},
            "cannot be parsed as UInt64",
            id="text-for-a-number",
        ),
    ],
)
def test_wrong_parameters_are_told_as_clickhouse_does(
    hud: Hud, name: str, parameters: dict[str, Any], said: str
) -> None:
    answer = ask(hud, name, **parameters)
    assert answer.status_code == 500
    assert said in answer.json()["error"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner),
)
TYPES = ["String", "Bool", "Int32", "UInt64", "Float64", "DateTime64(3)"]


@given(
    kind=st.sampled_from([*TYPES, *(f"Array({kind})" for kind in TYPES)]), value=JSON
)
def test_any_value_is_taken_or_refused_with_its_name(kind: str, value: object) -> None:
    declared = Declared(rows=lambda *_: [], params={"here": kind})
    taken: dict[str, Any] = {}
    told = "'here'. (BAD_QUERY_PARAMETER)"
    with suppress(Refused):
        taken = declared.values({"here": value, "there": value})
    if not taken:
        with pytest.raises(Refused, match=re.escape(told)):
            declared.values({"here": value})
    else:
        assert taken.keys() == {"here"}


def test_parameters_nobody_declared_are_dropped(hud: Hud) -> None:
    assert ask(hud, "queued_jobs", nothing="at all").status_code == 200


def test_query_without_parameters_is_no_json(hud: Hud) -> None:
    answer = hud.get("/api/clickhouse/queued_jobs")
    assert answer.status_code == 500
    assert "is not valid JSON" in answer.json()["error"]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("nothing", id="unknown"),
        pytest.param("flaky_tests/in_subprocess", id="slash-not-encoded"),
    ],
)
def test_unknown_query_is_not_found(hud: Hud, path: str) -> None:
    url = f"/api/clickhouse/{path}?parameters=%7B%7D"
    assert hud.client.get(url).status_code == 404
