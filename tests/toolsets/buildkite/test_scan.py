from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.ci.scan.models import CATEGORIES
from sickbay.simulators.buildkite.gate import READ
from tests.toolsets.buildkite.stand import (
    CANARY,
    Stand,
    desk_at,
    shared,
    site_at,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.simulators.buildkite import Site

Answer = dict[str, Any]


def newest(site: Site) -> int:
    """The number of the newest nightly build."""
    return int(site.world.nightlies[-1])


def busiest(site: Site) -> int:
    """The nightly in which most went wrong."""
    return max(site.world.nightlies, key=lambda n: len(site.world.truth(n)))


def facts(site: Site, number: int) -> Mapping[str, Any]:
    """A build as Buildkite tells of it, retried jobs included."""
    found: Mapping[str, Any] = site.get(
        f"{site.builds(number)}?include_retried_jobs=true", token=CANARY
    ).json()
    return found


def hard_failures(build: Mapping[str, Any]) -> set[str]:
    """Ids of the jobs that failed for good."""
    bad = {"failed", "timed_out", "expired"}
    return {
        job["id"]
        for job in build["jobs"]
        if job["type"] == "script" and job["state"] in bad and not job["retried"]
    }


def job_ids(scan: Answer) -> set[str]:
    return {job["job_id"] for cause in scan["causes"] for job in cause["jobs"]}


def whole(stand: Stand, number: int) -> Answer:
    """A scan with all its causes, each with all its jobs and tests."""
    scan = stand.whole("buildkite_scan_build", "causes", build=number)
    assert scan["error"] is None, scan["error"]
    return scan


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    """The busiest nightly of the shared site, scanned."""
    stand = Stand(tmp_path_factory.mktemp("scanned"))
    return whole(stand, busiest(shared()))


def test_every_failed_job_is_in_a_cause_and_not_only_the_first_ten(
    scanned: Answer,
) -> None:
    failed = hard_failures(facts(shared(), busiest(shared())))
    counted = sum(
        len({job["job_id"] for job in cause["jobs"]}) for cause in scanned["causes"]
    )
    assert scanned["jobs"]["failed"] == len(failed)
    assert counted
    assert sum(cause["job_count"] for cause in scanned["causes"]) >= len(failed)


def test_jobs_that_wait_or_never_ran_are_no_failures(scanned: Answer) -> None:
    build = facts(shared(), busiest(shared()))
    quiet = {
        job["id"]
        for job in build["jobs"]
        if job["state"] in {"blocked", "broken", "canceled", "skipped", "waiting"}
        or job["type"] != "script"
    }
    assert not job_ids(scanned) & quiet
    assert scanned["jobs"]["broken"] + scanned["jobs"]["blocked"] > 0


def test_a_job_that_passed_on_a_retry_is_flaky_and_no_failure(stand: Stand) -> None:
    site = shared()
    found = {int(n): made_good(facts(site, n)) for n in site.world.nightlies}
    number = max(found, key=lambda n: len(found[n]))
    scan = whole(stand, number)
    assert scan["jobs"]["flaky"] == len(found[number]) > 0
    alone = [row for row in scan["passed_on_retry"] for row in row["jobs"]]
    assert {row["job_id"] for row in alone} <= found[number]
    assert scan["jobs"]["failed"] == len(hard_failures(facts(site, number)))


def made_good(build: Mapping[str, Any]) -> set[str]:
    """Ids of attempts after which the next one passed."""
    jobs = [job for job in build["jobs"] if job.get("retry_source")]
    return {job["retry_source"]["job_id"] for job in jobs if job["state"] == "passed"}


def test_hard_and_soft_failures_are_told_apart_by_job_and_not_by_name(
    scanned: Answer,
) -> None:
    build = facts(shared(), busiest(shared()))
    soft = {job["id"] for job in build["jobs"] if job.get("soft_failed")}
    jobs = [job for cause in scanned["causes"] for job in cause["jobs"]]
    last = [job for job in jobs if not job["retried"]]
    assert all(job["soft"] == (job["job_id"] in soft) for job in last)
    counts = scanned["jobs"]
    assert counts["hard"] + counts["soft"] == counts["failed"]


def test_a_build_has_its_branch_commit_state_and_times(scanned: Answer) -> None:
    build = facts(shared(), busiest(shared()))
    info = scanned["build_info"]
    assert info["build_number"] == build["number"]
    assert info["build_url"] == build["web_url"]
    assert (info["branch"], info["commit"]) == (build["branch"], build["commit"])
    assert info["state"] == build["state"]
    assert info["created_at"][:19] == build["created_at"][:19]
    assert info["nightly"]


def test_every_test_has_its_message_signature_and_line(scanned: Answer) -> None:
    tests = [test for cause in scanned["causes"] for test in cause["tests"]]
    assert tests
    assert all(test["message"] and test["signature"] and test["line"] for test in tests)


def test_a_failure_is_one_cause_however_many_tests_and_jobs_it_hit(
    scanned: Answer,
) -> None:
    assert scanned["unique_failures"] == len(scanned["causes"])
    assert sum(scanned["categories"].values()) == scanned["unique_failures"]
    reach = [cause["test_count"] * cause["job_count"] for cause in scanned["causes"]]
    assert max(reach) > 1


def test_what_is_new_comes_first(scanned: Answer) -> None:
    order = [CATEGORIES.index(cause["category"]) for cause in scanned["causes"]]
    assert order == sorted(order)


def test_a_verdict_has_its_evidence(scanned: Answer) -> None:
    for cause in scanned["causes"]:
        assert cause["evidence"]
        assert 0 < cause["confidence"] <= 1
        assert cause["level"] in {"high", "medium", "low"}


def test_an_answer_is_small_and_all_pages_are_the_whole(stand: Stand) -> None:
    number = busiest(shared())
    first = stand.ask("buildkite_scan_build", build=number)
    assert len(json.dumps(first, ensure_ascii=False).encode()) <= 8_500
    every = whole(stand, number)
    assert len(every["causes"]) == every["unique_failures"]
    ids = [cause["cause_id"] for cause in every["causes"]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("form", ["{}", "#{}", "vllm/ci/{}", "url", "job"])
def test_a_build_is_found_by_every_name_of_it(stand: Stand, form: str) -> None:
    build = facts(shared(), newest(shared()))
    job = next(job for job in build["jobs"] if job["type"] == "script")
    by_form = {"url": build["web_url"], "job": f"{build['web_url']}#{job['id']}"}
    name = by_form.get(form, form.format(build["number"]))
    answer = stand.ask("buildkite_scan_build", build=name)
    assert answer["build_info"]["build_number"] == build["number"]
    assert answer["build"] == name


def test_a_url_says_by_itself_which_pipeline_is_meant(stand: Stand) -> None:
    site = shared()
    other = site.get(site.builds(pipeline="release"), token=CANARY).json()[0]
    answer = stand.ask("buildkite_scan_build", build=other["web_url"])
    assert answer["error"] is None
    assert answer["build_info"]["pipeline"] == "release"


def test_the_nightly_is_none_of_its_look_alikes(stand: Stand) -> None:
    site = shared()
    found = stand.ask("buildkite_scan_latest_nightly")
    assert found["build_info"]["build_number"] == newest(site)
    titles = {
        build["message"] for build in site.get(site.builds(), token=CANARY).json()
    }
    alike = [t for t in titles if "nightly" in t and t != found["build_info"]["title"]]
    assert alike
    assert found["build_info"]["title"] == "Full CI run - nightly"


def test_a_nightly_that_still_runs_is_said_to_with_the_last_finished_one(
    tmp_path: Path,
) -> None:
    with site_at(running=True, days=4) as site:
        stand = Stand(tmp_path, site)
        found, over = stand.ask_all(
            ("buildkite_scan_latest_nightly", {}),
            ("buildkite_scan_latest_nightly", {"finished": True}),
        )
    finished = site.world.nightlies[-2]
    assert not found["build_info"]["finished"]
    assert found["build_info"]["finished_at"] is None
    assert found["jobs"]["unfinished"] > 0
    assert any("not in this scan" in note for note in found["notes"])
    left = f"the last finished nightly, build {finished} "
    assert any(note.startswith(left) for note in found["notes"])
    assert over["build_info"]["build_number"] == finished
    assert over["build_info"]["finished"]


def test_no_nightly_is_an_error_that_says_where_to_look(tmp_path: Path) -> None:
    stand = Stand(tmp_path, buildkite={"nightly": "^no such title$"})
    answer = stand.ask("buildkite_scan_latest_nightly")
    assert answer["error"]["kind"] == "not_found"
    assert "buildkite.nightly" in answer["error"]["hint"]


def test_a_branch_without_builds_is_not_taken_for_one_without_nightlies(
    stand: Stand,
) -> None:
    answer = stand.ask("buildkite_scan_latest_nightly", branch="nosuch")
    assert answer["error"]["message"] == "vllm/ci has no builds of nosuch"
    assert "branch" in answer["error"]["hint"]


def test_a_second_scan_of_a_finished_build_asks_nothing(tmp_path: Path) -> None:
    given = {"build": busiest(shared())}
    with site_at() as site:
        stand = Stand(tmp_path, site)
        asked: list[int] = []

        async def twice(client: Any) -> None:  # noqa: ANN401 - of fastmcp
            for _ in range(2):
                await client.call_tool("buildkite_scan_build", given)
                asked.append(len(site.asked))

        stand.with_client(twice)
    assert asked[0] == asked[1] > 0


def test_another_process_reads_no_log_again(tmp_path: Path) -> None:
    number = busiest(shared())
    with site_at() as site:
        stand = Stand(tmp_path, site)  # each call has a server of its own
        first = whole(stand, number)
        before = len(site.paths())
        again = whole(stand, number)
        later = site.paths()[before:]
    assert not [path for path in later if path.endswith("/log")]
    assert [c["cause_id"] for c in again["causes"]] == [
        c["cause_id"] for c in first["causes"]
    ]


def test_issues_are_searched_once_and_not_for_every_failure(tmp_path: Path) -> None:
    with site_at() as site:
        whole(Stand(tmp_path, site), busiest(shared()))
        paths = site.paths()
    assert len([path for path in paths if "/search/issues" in path]) <= 1
    assert len([path for path in paths if path.startswith("/github")]) <= 10
    builds = [path for path in paths if path.partition("?")[0].endswith("/builds")]
    assert len(builds) == 1


def test_github_that_does_not_answer_leaves_a_scan_that_says_so(
    tmp_path: Path,
) -> None:
    stand = Stand(tmp_path, buildkite={"github_url": "http://127.0.0.1:9"})
    scan = whole(stand, busiest(shared()))
    assert scan["outcome"] == "partial"
    assert scan["causes"]
    missing = [item["what"] for item in scan["coverage"]["skipped"]]
    assert any("issues" in what for what in missing)
    assert any("CODEOWNERS" in what for what in missing)


def test_issues_are_not_asked_for_where_nobody_wants_them(tmp_path: Path) -> None:
    with site_at() as site:
        stand = Stand(tmp_path, site)
        scan = stand.ask(
            "buildkite_scan_build", build=busiest(shared()), search_issues=False
        )
        paths = site.paths()
    assert scan["error"] is None
    assert not [path for path in paths if "issues" in path]


def test_logs_that_are_not_to_be_had_are_named_and_the_rest_still_counts(
    tmp_path: Path,
) -> None:
    number = busiest(shared())
    with site_at(tokens={CANARY: READ - {"read_build_logs"}}) as site:
        scan = whole(Stand(tmp_path, site), number)
    assert scan["outcome"] == "partial"
    assert scan["coverage"]["examined"] == 0
    named = [item for item in _skipped(scan) if item["what"].startswith("log of ")]
    assert len(named) == 1  # one reason, said once
    assert "read_build_logs" in named[0]["why"]
    assert scan["jobs"]["failed"] == len(hard_failures(facts(shared(), number)))
    assert scan["causes"]


def _skipped(scan: Answer) -> list[Mapping[str, str]]:
    found: list[Mapping[str, str]] = scan["coverage"]["skipped"]
    return found


def test_a_log_that_is_too_large_is_read_from_its_end(tmp_path: Path) -> None:
    stand = Stand(tmp_path, buildkite={"max_log_bytes": 2_000})
    scan = whole(stand, busiest(shared()))
    assert scan["coverage"]["examined"] == scan["coverage"]["total"]
    assert any(cause["test_count"] for cause in scan["causes"])


def test_without_a_checkout_a_note_says_how_to_get_more(scanned: Answer) -> None:
    assert any("VLLM_REPO_PATH" in note for note in scanned["notes"])


def test_a_checkout_without_the_commit_is_said_so(tmp_path: Path) -> None:
    import subprocess  # noqa: PLC0415 - here alone

    checkout = tmp_path / "checkout"
    subprocess.run(["git", "init", "-q", checkout], check=True)
    stand = Stand(tmp_path, buildkite={"repo_path": checkout})
    scan = whole(stand, busiest(shared()))
    assert any(item["what"] == "checkout" for item in _skipped(scan))


def test_nothing_is_printed_where_the_protocol_is_spoken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stand = Stand(tmp_path, buildkite={"repo_path": tmp_path})
    stand.ask("buildkite_scan_build", build=newest(shared()))
    assert capsys.readouterr().out == ""


def test_a_build_that_is_not_there_is_not_found(stand: Stand) -> None:
    answer = stand.ask("buildkite_scan_build", build=1)
    assert answer["error"]["kind"] == "not_found"
    assert "check number and pipeline" in answer["error"]["hint"]
    assert answer["causes"] == []


def test_of_an_attempt_that_failed_again_the_end_is_read_and_no_line_made_up(
    tmp_path: Path,
) -> None:
    with site_at(log_bytes=600_000) as site:
        found = {n: again(site, n) for n in site.world.nightlies}
        number, wanted = min(
            (pair for pair in found.items() if pair[1]), key=lambda pair: len(pair[1])
        )
        scan = whole(Stand(tmp_path, site), number)
        ends = {
            asked.path.split("/")[-2]
            for asked in site.asked
            if asked.path.endswith("/log") and "range" in asked.headers
        }
    assert ends == wanted
    rows = [job for cause in scan["causes"] for job in cause["jobs"]]
    assert all(row["line"] is None for row in rows if row["job_id"] in ends)
    assert scan["coverage"]["examined"] == scan["coverage"]["total"]


def again(site: Site, number: int) -> set[str]:
    """Attempts after which another one failed, too."""
    jobs = {job["id"]: job for job in facts(site, number)["jobs"]}
    return {
        job["id"]
        for job in jobs.values()
        if job.get("retried") and jobs[job["retried_in_job_id"]]["state"] == "failed"
    }


def test_saved_builds_are_scanned_without_a_network(
    tmp_path: Path, scanned: Answer
) -> None:
    number, saved = busiest(shared()), tmp_path / "saved"
    desk = desk_at(tmp_path, shared())
    done = desk.main("buildkite", "save", number, saved)
    assert done.returncode == 0, done.stderr
    nowhere = "http://127.0.0.1:9"
    given = {"folder": saved, "url": nowhere, "github_url": nowhere}
    offline = whole(Stand(tmp_path, buildkite=given), number)
    found = {test["test_id"] for cause in offline["causes"] for test in cause["tests"]}
    expected = {
        test["test_id"] for cause in scanned["causes"] for test in cause["tests"]
    }
    assert found & expected
    assert offline["jobs"] == scanned["jobs"]
    assert offline["build_info"]["commit"] == scanned["build_info"]["commit"]


def test_without_a_token_a_public_build_is_scanned_as_far_as_that_goes(
    tmp_path: Path, scanned: Answer
) -> None:
    stand = Stand(tmp_path, buildkite={"token": None})
    scan = whole(stand, busiest(shared()))
    assert scan["outcome"] == "partial"
    assert scan["jobs"]["hard"] == scanned["jobs"]["hard"]
    assert scan["coverage"]["examined"] > 0
    assert any("earlier builds" in item["what"] for item in _skipped(scan))


def test_ids_without_their_first_folder_have_owners_all_the_same(
    stand: Stand,
) -> None:
    owned = [
        cause["owner"]
        for number in shared().world.nightlies[-4:]
        for cause in whole(stand, int(number))["causes"]
        if cause["tests"] and not cause["tests"][0]["test_id"].startswith("tests/")
    ]
    by_rule = [owner for owner in owned if owner and owner["source"] == "codeowners"]
    assert by_rule
    assert all("fits tests/" in owner["why"] for owner in by_rule)
    assert all(owner["names"][0].startswith("@") for owner in by_rule)


def test_a_failure_of_the_machines_has_no_owner(stand: Stand) -> None:
    infra = [
        cause
        for number in shared().world.nightlies[-4:]
        for cause in whole(stand, int(number))["causes"]
        if cause["category"] == "INFRA_SUSPECTED"
    ]
    assert infra
    assert all(cause["owner"] is None for cause in infra)
