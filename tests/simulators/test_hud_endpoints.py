from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from sickbay.simulators.hud.commits import seconds
from tests.simulators.hud import Hud, hud_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.simulators.hud.runs import Run

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
WEEK = {"startDate": "2026-11-11T12:00:00.000Z", "endDate": "2026-11-18T12:00:00.000Z"}
TIMES = {"startTime": "2026-11-11T12:00:00.000", "stopTime": "2026-11-18T12:00:00.000"}


@pytest.fixture(name="hud", scope="module")
def running() -> Iterator[Hud]:
    with hud_at(now=NOON) as hud:
        yield hud


def told(hud: Hud, path: str, **query: object) -> Any:  # noqa: ANN401 - any JSON
    answer = hud.get(path, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def measured(hud: Hud) -> Run:
    return next(run for run in hud.world.failed if run.kind.config and run.completed)


def test_search_gives_the_oldest_of_equally_like_jobs_first(hud: Hud) -> None:
    story = hud.world.story("ongoing")
    jobs = told(hud, "/api/search", failure=story.cause, **WEEK)["jobs"]
    assert len(jobs) == 20
    assert jobs[0]["sha"] == story.first_bad
    assert {job["failureLines"][0] for job in jobs} == {story.cause}
    ends = [seconds(job["time"]) + job["durationS"] for job in jobs]
    assert all(later > earlier - 2 for earlier, later in pairwise(ends))


def test_search_heeds_time_workflow_branch_and_likeness(hud: Hud) -> None:
    cause = hud.world.story("ongoing").cause
    pull = told(hud, "/api/search", failure=cause, workflowName="pull", **WEEK)["jobs"]
    assert {job["workflowName"] for job in pull} == {"pull"}
    ended = {**WEEK, "endDate": WEEK["startDate"]}
    for other in (
        {"failure": cause, **ended},
        {"failure": "frobnicated quux", **WEEK},
        {"failure": cause, "branchName": "no-such-branch", **WEEK},
        {"failure": cause, "minScore": 1000, **WEEK},
    ):
        assert told(hud, "/api/search", **other)["jobs"] == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        pytest.param({}, 400, id="nothing-to-search"),
        pytest.param({"failure": "x"}, 500, id="no-dates"),
        pytest.param({"failure": "x", **WEEK, "minScore": "much"}, 500, id="no-score"),
    ],
)
def test_search_fails_as_the_real_one(
    hud: Hud, query: dict[str, str], status: int
) -> None:
    assert hud.get("/api/search", **query).status_code == status


def test_more_like_this_wants_the_same_captures(hud: Hud) -> None:
    captures = list(hud.world.story("ongoing").captures)
    exact = told(hud, "/api/failure", failureCaptures=json.dumps(captures))
    assert (
        exact["totalCount"] == sum(exact["jobCount"].values()) == len(exact["samples"])
    )
    assert exact["totalCount"] > 100
    ends = [seconds(job["time"]) + job.get("durationS", 0) for job in exact["samples"]]
    assert ends[0] > ends[len(ends) // 2] > ends[-1]
    part = json.dumps(["TestCommonCPU"])
    assert told(hud, "/api/failure", failureCaptures=part)["totalCount"] == 0
    fuzzy = told(hud, "/api/failure", failureCaptures=part, useFuzzySearch="true")
    assert fuzzy["totalCount"] == exact["totalCount"]


def test_tests_are_found_by_parts_and_come_in_pages(hud: Hud) -> None:
    everything = told(hud, "/api/flaky-tests/search", name="", per_page=1000)
    assert everything["count"] == len(everything["tests"]) > 100
    some = told(
        hud, "/api/flaky-tests/search", name="dtypes", suite="Common", file="ops"
    )
    assert [test["name"] for test in some["tests"]] == ["test_dtypes_special_erf_cpu"]
    second = told(hud, "/api/flaky-tests/search", per_page=5, page=2)
    assert second["tests"] == everything["tests"][5:10]


def test_failures_of_a_test_are_those_of_its_jobs(hud: Hud) -> None:
    wanted = {
        "name": "test_multiprocessing_iterdatapipe",
        "suite": "TestDataLoader",
        "file": "test_dataloader.py",
    }
    jobs = told(hud, "/api/flaky-tests/failures", limit=7, **wanted)
    assert len(jobs) == 7
    assert all("TestDataLoader" in job["failureCaptures"][0] for job in jobs)
    assert told(hud, "/api/flaky-tests/failures", **{**wanted, "suite": "Test"}) == []
    assert told(hud, "/api/flaky-tests/3dStats", **wanted) == []


def test_status_of_a_test_changes_where_it_was_broken(hud: Hud) -> None:
    bad = hud.world.story("ongoing").first_bad
    before = hud.world.landed[hud.world.orders[bad] - 1].sha
    rows = told(hud, "/api/flaky-tests/statusChanges", sha1=before, sha2=bad)
    broken = {row["job_name"] for row in rows if row["invoking_file"] == "test_ops"}
    assert "linux-jammy-py3.10-gcc11 / test (default)" in broken
    changed = {(row["prev_status"], row["new_status"]) for row in rows}
    assert ("success", "failure") in changed
    files = json.dumps(["test_ops"])
    only = told(
        hud, "/api/flaky-tests/statusChanges", sha1=before, sha2=bad, files=files
    )
    assert {row["invoking_file"] for row in only} == {"test_ops"}
    same = told(hud, "/api/flaky-tests/statusChanges", sha1=bad, sha2=bad)
    assert same == []


def test_status_changes_can_be_posted_and_need_two_commits(hud: Hud) -> None:
    bad = hud.world.story("ongoing").first_bad
    before = hud.world.landed[hud.world.orders[bad] - 1].sha
    path = "/api/flaky-tests/statusChanges"
    posted = hud.client.post(path, json={"sha1": before, "sha2": bad}).json()
    assert posted == told(hud, path, sha1=before, sha2=bad)
    assert hud.get(path, sha1=bad).status_code == 400


def test_periodic_job_is_taken_from_an_earlier_commit_when_asked(hud: Hud) -> None:
    world = hud.world
    bad = world.orders[world.story("ongoing").first_bad]
    ran = next(order for order in range(bad + 1, world.count) if order % 8 == 0)
    shas = {"sha1": world.landed[bad - 1].sha, "sha2": world.landed[ran + 1].sha}

    def changed(**more: object) -> set[str]:
        rows = told(hud, "/api/flaky-tests/statusChanges", **shas, **more)
        return {row["new_status"] for row in rows if row["workflow_name"] == "periodic"}

    assert "failure" not in changed()
    assert "failure" in changed(fuzzy="true")


def test_issues_are_found_by_label(hud: Hud) -> None:
    disabled = told(hud, "/api/issue/skipped")
    assert all(issue["title"].startswith("DISABLED test_") for issue in disabled)
    alarms = told(hud, f"/api/issue/{quote('ci: sev')}")
    assert [issue["labels"] for issue in alarms] == [["ci: sev"]]
    assert told(hud, "/api/issue/nothing") == []


def test_files_of_statistics_tell_what_the_issues_do(hud: Hud) -> None:
    tests = told(hud, "/stats/disabled-tests-condensed.json")
    opened = [i for i in told(hud, "/api/issue/skipped") if i["state"] == "open"]
    assert {int(value[0]) for value in tests.values()} == {i["number"] for i in opened}
    unstable = told(hud, "/stats/unstable-jobs.json")
    assert all(name.split(" / ")[0] == value[3] for name, value in unstable.items())
    rules = told(hud, "/stats/flaky-rules.json")
    assert all(set(rule) == {"name", "captures"} for rule in rules)
    assert hud.get("/stats/nothing.json").status_code == 404


def test_artifacts_belong_to_runs_and_not_to_jobs(hud: Hud) -> None:
    run = measured(hud)
    found = told(hud, f"/api/artifacts/s3/{run.run_id}")
    assert any(str(run.job_id) in artifact["name"] for artifact in found)
    assert [a["name"] for a in found] == sorted(a["name"] for a in found)
    assert told(hud, f"/api/artifacts/s3/{run.job_id}") == []


def test_utilization_is_public_for_runs_and_not_for_jobs(hud: Hud) -> None:
    run = measured(hud)
    path = f"/api/list_utilization_metadata_info/{run.run_id}"
    assert all("stats" not in job for job in told(hud, path)["metadata_list"])
    full = told(hud, path, includes_stats="true")["metadata_list"]
    for job in full:
        stats = job["stats"]
        assert stats["cpu_avg"] <= stats["cpu_p90"] <= stats["cpu_max"] <= 100
        assert bool(stats["gpu_avg"]) == stats["has_gpu"]
    denied = hud.get(f"/api/job_utilization/{run.run_id}/{run.job_id}/1")
    assert denied.status_code == 401


@pytest.mark.parametrize("group", ["workflow_name", "job_name"])
def test_reports_of_utilization_are_grouped(hud: Hud, group: str) -> None:
    times = {"start_time": TIMES["startTime"], "end_time": TIMES["stopTime"]}
    report = told(hud, f"/api/list_util_reports/{group}", **times)
    assert report["group_key"] == group
    assert all(row[group] for row in report["metadata_list"])
    assert hud.get("/api/list_util_reports/nothing", **times).status_code == 400


def test_machines_are_counted_by_label(hud: Hud) -> None:
    answer = told(hud, "/api/runners/pytorch")
    for group in answer["groups"]:
        counts = [group[f"{state}Count"] for state in ("idle", "busy", "offline")]
        assert sum(counts) == group["totalCount"] == len(group["runners"])
    assert sum(group["busyCount"] for group in answer["groups"]) > 0
    assert hud.get("/api/runners/nobody").status_code == 400


def test_same_workflow_is_found_on_another_commit(hud: Hud) -> None:
    run, other = measured(hud), hud.world.landed[40]
    path = "/api/corresponding_workflow_id"
    (found,) = told(hud, path, sha=other.sha, workflowId=run.run_id)
    (same,) = told(
        hud, path, sha=hud.world.commit(run.order).sha, workflowId=found["id"]
    )
    assert same["id"] == run.run_id


def test_bot_tells_which_commit_it_reverted_and_why(hud: Hud) -> None:
    story = hud.world.story("autoreverted")
    base = "/api/autorevert"
    why = told(hud, f"{base}/pytorch/pytorch/{story.culprit}")
    assert "trunk" in why["workflows"]
    assert hud.get(f"{base}/pytorch/pytorch/{story.fixed_by}").status_code == 404
    told_of = told(hud, f"{base}/metrics", **TIMES)
    assert told_of["summary"]["total_autoreverts"] == 1
    assert told_of["significantReverts"][0]["commit_sha"] == story.culprit
    right = told(hud, f"{base}/false-positives", **TIMES)
    assert right["confirmed_false_positives"] == []
    assert hud.get(f"{base}/metrics").status_code == 400


def test_bot_saw_the_breakage_before_it_reverted(hud: Hud) -> None:
    story = hud.world.story("autoreverted")
    fixed = hud.world.orders[story.fixed_by or ""]
    then = NOON.fromtimestamp(hud.world.landed[fixed].time - 1, UTC)
    state = told(
        hud, "/api/autorevert/state", ts=then.isoformat().replace("+00:00", "Z")
    )
    assert story.fixed_by not in state["commits"]
    column = next(item for item in state["columns"] if item["workflow"] == "trunk")
    assert column["outcome"] == "failure"
    assert len(column["cells"][story.culprit]) == 2  # the bot ran it once more


def test_people_said_something_of_some_failures(hud: Hud) -> None:
    asked = {"branch": "main", "repo": "pytorch/pytorch", **TIMES}
    base = "/api/job_annotation/pytorch/pytorch"
    answer = told(hud, f"{base}/failures/{quote(json.dumps(asked), safe='')}")
    said = answer["annotationsMap"]
    ids = {str(job["id"]) for job in answer["failedJobs"]}
    assert set(said) < ids
    some = json.dumps([int(key) for key in list(said)[:3]])
    assert told(hud, f"{base}/annotations/{quote(some)}").keys() == set(list(said)[:3])


def test_benchmarks_answer_those_who_know_their_name(hud: Hud) -> None:
    base = "/api/benchmark"
    asked = json.dumps({"name": "compiler_inductor", "query_params": {}})
    commits = told(hud, f"{base}/list_commits", parameters=asked)["data"]["branch"][
        "main"
    ]
    assert {commit["commit"] for commit in commits} <= hud.world.orders.keys()
    nothing = json.dumps({"name": "nothing"})
    assert hud.get(f"{base}/list_commits", parameters=nothing).status_code == 400
    series = f"{base}/get_time_series"
    assert hud.get(series, parameters=asked).status_code == 401
    secret = {"x-hud-internal-bot": hud.faults.bot_token}
    values = hud.client.get(series, params={"parameters": asked}, headers=secret).json()
    assert len(values["data"]["time_series"][0]["data"]) == len(commits)
    assert hud.get(f"{base}/nothing", parameters=asked).status_code == 404
    grouped = told(hud, f"{base}/group_data")
    assert len(grouped[0]["rows"]) == len(commits)


def test_files_of_benchmarks_are_found_by_model(hud: Hud) -> None:
    everything = told(hud, "/api/artifacts")["files"]
    one = told(hud, "/api/artifacts", modelName="resnet50")["files"]
    assert {file["modelName"] for file in one} == {"resnet50"}
    assert len(one) < len(everything)


def test_reports_of_benchmarks_continue_where_the_page_ended(hud: Hud) -> None:
    path = "/api/benchmark/list_regression_summary_reports"
    first = told(hud, path, limit=2)
    rest = told(hud, path, limit=200, last_ts_token=first["next_cursor"])
    ids = [report["id"] for report in first["reports"] + rest["reports"]]
    assert ids == [report["id"] for report in told(hud, path, limit=200)["reports"]]
    assert rest["next_cursor"] is None
    one = told(hud, "/api/benchmark/get_regression_summary_report", id=ids[0])
    assert one["id"] == ids[0]


def test_projects_further_down_are_asked_for_a_few_at_a_time(hud: Hud) -> None:
    sha = hud.world.landed[5].sha
    found = told(hud, "/api/crcr/commit-info", repo="pytorch/vision", shas=sha)
    assert set(found) == {sha}
    many = ",".join(str(number) for number in range(51))
    assert hud.get("/api/crcr/pr-info", repo="x", prs=many).status_code == 400
    assert told(hud, "/api/crcr/allowlist")["L1"]


def test_adviser_speaks_of_failing_jobs_alone(hud: Hud) -> None:
    path = "/api/pytorch/pytorch/pull/advisor-runs"
    said = told(hud, path, prNumber=177_000)
    assert {item["signal_key"] for item in said} == set(hud.world.pulls[177_000].truth)
    assert told(hud, path, prNumber=177_004) == []
    assert hud.get(path).status_code == 400


def test_files_of_tests_have_costs(hud: Hud) -> None:
    end = NOON.timestamp()
    week = {"startDate": end - timedelta(days=7).total_seconds(), "endDate": end}
    report = told(hud, "/api/flaky-tests/fileReport", **week)
    shas = {commit["sha"] for commit in report["commits"]}
    assert shas == hud.world.orders.keys()
    assert set(report["results"]) <= shas
    assert hud.get("/api/flaky-tests/fileReport").status_code == 400
