from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.simulators.hud import Hud, hud_at

if TYPE_CHECKING:
    from collections.abc import Iterator

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture(name="hud", scope="module")
def running() -> Iterator[Hud]:
    with hud_at(now=NOON) as hud:
        yield hud


def page(hud: Hud, ref: str, number: int = 1, **query: object) -> dict[str, Any]:
    path = f"/api/hud/pytorch/pytorch/{quote(ref, safe='')}/{number}"
    answer: dict[str, Any] = hud.get(path, **query).json()
    return answer


def test_jobs_have_their_names_by_position(hud: Hud) -> None:
    grid = page(hud, "main", per_page=20)
    row = grid["shaGrid"][15]
    named = hud.get(f"/api/pytorch/pytorch/commit/{row['sha']}").json()
    names = {job["id"]: job["name"] for job in named["jobs"]}
    cells = zip(grid["jobNames"], row["jobs"], strict=True)
    found = {job["id"]: name for name, job in cells if job}
    assert names == found
    assert len(names) > 250


def test_names_differ_from_page_to_page(hud: Hud) -> None:
    first, second = (page(hud, "main", at, per_page=20)["jobNames"] for at in (1, 3))
    assert first == sorted(first)
    assert set(first) - set(second)
    assert set(second) - set(first)


def test_job_that_did_not_run_is_an_empty_object(hud: Hud) -> None:
    grid = page(hud, "main", per_page=20)
    at = grid["jobNames"].index("periodic / get-label-type / runner-determinator")
    cells = [row["jobs"][at] for row in grid["shaGrid"]]
    assert {bool(cell) for cell in cells} == {True, False}
    assert {} in cells


def test_page_zero_is_page_one(hud: Hud) -> None:
    assert page(hud, "main", 0, per_page=5) == page(hud, "main", 1, per_page=5)


def test_pages_continue_and_end(hud: Hud) -> None:
    shas = [
        row["sha"]
        for at in (1, 2, 3)
        for row in page(hud, "main", at, per_page=25)["shaGrid"]
    ]
    assert shas == [landed.sha for landed in reversed(hud.world.landed)]
    assert page(hud, "main", 4, per_page=25) == {"shaGrid": [], "jobNames": []}


def test_no_page_holds_more_than_a_hundred_commits() -> None:
    with hud_at(now=NOON, commits=120) as large:
        assert len(page(large, "main", per_page=500)["shaGrid"]) == 100


def test_commit_begins_a_page_and_branches_are_encoded(hud: Hud) -> None:
    sha = hud.world.landed[30].sha
    assert page(hud, sha, per_page=2)["shaGrid"][0]["sha"] == sha
    strict = page(hud, "viable/strict", per_page=1)["shaGrid"][0]["sha"]
    assert hud.world.orders[strict] < hud.world.count - 1


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/api/hud/pytorch/pytorch/viable/strict/1", id="not-encoded"),
        pytest.param("/api/hud/pytorch/pytorch/nothing/1", id="no-such-branch"),
        pytest.param("/api/flaky-tests/failures?limit=many", id="handler-throws"),
        pytest.param("/api/hud/pytorch/nothing/main/1", id="no-such-repository"),
        pytest.param("/api/hud/pytorch/pytorch/main/one", id="no-number"),
        pytest.param("/api/pytorch/pytorch/commit/main", id="commit-by-branch"),
        pytest.param("/api/pytorch/pytorch/pull/1", id="no-such-pull-request"),
    ],
)
def test_what_is_not_there_is_a_page_in_html(hud: Hud, path: str) -> None:
    answer = hud.get(path)
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/html")


def test_handler_that_throws_leaves_the_connection_alone(hud: Hud) -> None:
    for _ in range(3):
        assert hud.get("/api/flaky-tests/failures?limit=many").status_code == 500


def test_where_nothing_is_a_page_says_so(hud: Hud) -> None:
    answer = hud.get("/api/nothing/here")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_any_word_switches_a_filter_on(hud: Hud) -> None:
    everything = page(hud, "main", per_page=2)["jobNames"]
    filtered = page(hud, "main", per_page=2, filter_unstable="false")["jobNames"]
    assert [name for name in everything if "unstable" not in name] == filtered
    assert filtered != everything
    assert page(hud, "main", per_page=2, filter_unstable="")["jobNames"] == everything


def test_other_fleet_has_names_of_its_own_unless_merged() -> None:
    with hud_at(now=NOON, lf_share=0.4) as hud:
        apart = page(hud, "main", per_page=30)["jobNames"]
        merged = page(hud, "main", per_page=30, mergeEphemeralLF="true")["jobNames"]
    assert {name.replace(", lf.", ", ") for name in apart} == set(merged)
    assert len(apart) > len(merged) + 100


def test_flaky_job_says_that_an_attempt_failed_before(hud: Hud) -> None:
    rows = page(hud, "main", per_page=60)["shaGrid"]
    again = [job for row in rows for job in row["jobs"] if job.get("failedPreviousRun")]
    assert again
    assert {job["conclusion"] for job in again} == {"success"}
    assert {job["runAttempt"] for job in again} == {2}


def test_reverted_commit_says_so(hud: Hud) -> None:
    rows = page(hud, "main", per_page=60)["shaGrid"]
    reverted = [row for row in rows if row["isAutoreverted"]]
    assert [row["sha"] for row in reverted] == [hud.world.story("autoreverted").culprit]
    assert reverted[0]["autorevertWorkflows"]


def test_workflow_that_never_began_is_only_with_its_commit(hud: Hud) -> None:
    landed = hud.world.landed[hud.world.startup_failure]
    jobs = hud.get(f"/api/pytorch/pytorch/commit/{landed.sha}").json()["jobs"]
    assert jobs[-1]["workflowName"] == "Workflow Startup Failure"
    names = page(hud, landed.sha, per_page=1)["jobNames"]
    assert not any("Startup" in name for name in names)


def test_failed_restarts_of_the_bot_are_on_the_grid_alone(hud: Hud) -> None:
    culprit = hud.world.story("autoreverted").culprit or ""
    whole = hud.get(f"/api/pytorch/pytorch/commit/{culprit}").json()
    origins = {run["runOrigin"] for run in whole["workflowIdsByName"]["trunk"]}
    assert origins == {"push", "autorevert"}
    assert all(job.get("runOrigin") != "autorevert" for job in whole["jobs"])
    grid = page(hud, culprit, per_page=1)["shaGrid"][0]
    assert any(job.get("runOrigin") == "autorevert" for job in grid["jobs"])


def test_one_run_of_a_commit_can_be_asked_for(hud: Hud) -> None:
    sha = hud.world.landed[30].sha
    path = f"/api/pytorch/pytorch/commit/{sha}"
    run = hud.get(path).json()["workflowIdsByName"]["Lint"][0]["id"]
    jobs = hud.get(path, workflowId=run).json()["jobs"]
    assert {job["workflowName"] for job in jobs} == {"Lint"}


def test_pull_request_names_its_commits_the_newest_last(hud: Hud) -> None:
    pull = hud.world.pulls[177_004]
    told = hud.get("/api/pytorch/pytorch/pull/177004").json()
    shas = [hud.world.commit(order).sha for order in pull.heads]
    assert [commit["sha"] for commit in told["shas"]] == shas
    assert len(shas) == 3
    assert "jobs" not in told
    jobs = hud.get(f"/api/pytorch/pytorch/commit/{shas[-1]}").json()["jobs"]
    assert {job["branch"] for job in jobs} == {pull.branch}


def test_commit_of_the_branch_has_its_pull_request(hud: Hud) -> None:
    landed = hud.world.landed[30]
    told = hud.get(f"/api/pytorch/pytorch/pull/{landed.pr}").json()
    assert landed.title.startswith(told["title"])
    assert len(told["shas"]) == 1
