from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.toolsets.buildkite.cases import BEFORE, BUILD, FAILED, LOGS, NIGHTLY
from tests.toolsets.buildkite.stand import Stand, site_at

if TYPE_CHECKING:
    from pathlib import Path


def test_builds_come_the_newest_first_and_say_which_are_nightlies(stand: Stand) -> None:
    found = stand.whole("buildkite_list_builds", "builds", limit=60)["builds"]
    begun = [row["created_at"][:19] for row in found]
    assert begun == sorted(begun, reverse=True)
    nightlies = {row["build_number"] for row in found if row["nightly"]}
    there = {row["build_number"] for row in found}
    assert nightlies == there & set(stand.site.world.nightlies)
    assert NIGHTLY in nightlies


def test_bug_a_build_that_looks_like_a_nightly_is_none(stand: Stand) -> None:
    found = stand.whole("buildkite_list_builds", "builds", message="torch nightly")
    assert found["builds"]
    assert not [row for row in found["builds"] if row["nightly"]]


def test_a_message_is_looked_for_in_builds_that_buildkite_cannot_search(
    stand: Stand,
) -> None:
    found = stand.ask("buildkite_list_builds", message="FULL CI RUN - NIGHTLY", limit=2)
    assert [row["build_number"] for row in found["builds"]] == [NIGHTLY, BEFORE]
    assert found["outcome"] == "ok"


@pytest.mark.parametrize("length", [7, 12, 40])
def test_a_commit_may_be_given_by_its_beginning(stand: Stand, length: int) -> None:
    sha = BUILD.sha[:length]
    found = stand.ask("buildkite_list_builds", commit=sha.upper())
    assert NIGHTLY in [row["build_number"] for row in found["builds"]]
    assert {row["commit"] for row in found["builds"]} == {BUILD.sha}


def test_builds_that_were_not_looked_through_are_said_to_be_skipped(
    stand: Stand,
) -> None:
    found = stand.ask("buildkite_list_builds", message="no build says this")
    assert found["builds"] == []
    assert found["coverage"]["examined"] > 30


def test_builds_of_another_pipeline_are_found_by_its_name(stand: Stand) -> None:
    one = stand.ask("buildkite_list_builds", pipeline="amd-ci", limit=3)
    other = stand.ask("buildkite_list_builds", pipeline="vllm/amd-ci", limit=3)
    assert one["builds"] == other["builds"]
    assert {row["pipeline"] for row in one["builds"]} == {"amd-ci"}


def test_a_build_is_that_of_its_number_address_handle_or_job(stand: Stand) -> None:
    names = [
        NIGHTLY,
        f"#{NIGHTLY}",
        f"vllm/ci/{NIGHTLY}",
        f"https://buildkite.com/vllm/ci/builds/{NIGHTLY}",
        f"https://buildkite.com/vllm/ci/builds/{NIGHTLY}#{FAILED[0]}",
        f"https://buildkite.com/vllm/ci/builds/{NIGHTLY}/summary?sid=x",
        LOGS[0],
        f"{stand.site.web_url}/vllm/ci/builds/{NIGHTLY}",
    ]
    answers = stand.ask_all(*(("buildkite_build", {"build": name}) for name in names))
    assert [row["error"] for row in answers] == [None] * len(names)
    assert {row["build_info"]["build_number"] for row in answers} == {NIGHTLY}


def test_bug_a_build_has_its_branch_commit_and_times(stand: Stand) -> None:
    told = stand.ask("buildkite_build", build=NIGHTLY)["build_info"]
    assert (told["branch"], told["commit"]) == ("main", BUILD.sha)
    assert told["state"] == "failed"
    assert told["created_at"] < told["started_at"] < told["finished_at"]
    assert told["author"]


def test_bug_the_pipeline_of_an_address_counts(stand: Stand) -> None:
    amd = stand.ask("buildkite_list_builds", pipeline="amd-ci")["builds"][0]
    number = amd["build_number"]
    told = stand.ask("buildkite_build", build=amd["build_url"])
    assert told["build_info"]["pipeline"] == "amd-ci"
    here = stand.ask("buildkite_build", build=number)
    assert here["error"]["kind"] == "not_found"


def test_jobs_of_a_build_are_counted_as_buildkite_has_them(stand: Stand) -> None:
    counts = stand.ask("buildkite_build", build=NIGHTLY)["counts"]
    scripts = [job for job in BUILD.jobs if job.step.kind == "script"]
    assert counts["total"] == len([job for job in scripts if not job.retry_of])
    last = [job for job in scripts if not job.retried_in]
    assert counts["failed"] == len([job for job in last if job.failed])
    parts = ("passed", "failed", "flaky", "broken", "canceled", "skipped", "unfinished")
    steps = [job for job in BUILD.jobs if job.step.kind == "manual"]
    waiting = [job for job in steps if job.state == "blocked"]
    assert sum(counts[name] for name in parts) + counts["blocked"] == counts[
        "total"
    ] + len(waiting)


def test_all_failed_jobs_are_listed_with_logs_that_can_be_read(stand: Stand) -> None:
    found = stand.whole("buildkite_build", "jobs", build=NIGHTLY)["jobs"]
    failed = {
        row["job_id"] for row in found if row["ending"] in {"failed", "soft_failed"}
    }
    last = {job.job_id for job in BUILD.jobs if job.failed and not job.retried_in}
    assert last <= failed
    logs = [row["log"] for row in found if row["ending"] == "failed" and row["log"]]
    assert set(logs) & set(LOGS)


def test_a_build_that_is_not_there_is_not_found(stand: Stand) -> None:
    told = stand.ask("buildkite_build", build=999_999_999)
    assert told["error"]["kind"] == "not_found"
    assert "999999999" in told["error"]["message"]


def test_a_token_that_is_wrong_is_told_with_what_to_do(tmp_path: Path) -> None:
    with site_at(tokens={}) as site:
        told = Stand(tmp_path, site).ask("buildkite_list_builds")
    assert told["error"]["kind"] == "denied"
    assert told["error"]["hint"]


def test_without_a_token_a_public_build_is_read_and_says_what_is_missing(
    tmp_path: Path,
) -> None:
    stand = Stand(tmp_path, buildkite={"token": None})
    told = stand.ask("buildkite_build", build=NIGHTLY)
    assert told["counts"]["total"]
    assert (
        told["counts"]["hard"]
        == stand.ask("buildkite_build", build=NIGHTLY)["counts"]["hard"]
    )
    listed = stand.ask("buildkite_list_builds")
    assert listed["error"]["kind"] == "denied"
    assert "token" in listed["error"]["hint"].lower()
