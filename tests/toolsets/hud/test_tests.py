from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.simulators.hud import hud_at
from tests.toolsets.hud.stand import Stand, shared

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = {160000, 160001, 160002}
ITERDATAPIPE = "test_multiprocessing_iterdatapipe"


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


def test_flaky_tests_have_their_counts_and_the_issue_that_disables_them(
    stand: Stand,
) -> None:
    told = stand.whole("hud_flaky_tests", "flaky", time_range="7d")
    flaky = {item["test"]: item for item in told["flaky"]}
    found = flaky[ITERDATAPIPE]
    assert found["suite"] == "TestDataLoader"
    assert found["red"] > 0
    assert found["red_share"] == pytest.approx(
        found["red"] / (found["red"] + found["green"]), abs=0.001
    )
    assert found["disabled_by"] == 160001
    assert found["jobs_total"] >= len(found["jobs"]) > 0
    assert told["failures"] == []


def test_a_test_named_in_full_has_its_failures_the_newest_first(stand: Stand) -> None:
    told = stand.ask("hud_flaky_tests", name=ITERDATAPIPE, time_range="7d")
    assert [item["test"] for item in told["flaky"]] == [ITERDATAPIPE]
    assert told["failures_total"] >= len(told["failures"]) > 3
    times = [item["time"] for item in told["failures"]]
    assert times == sorted(times, reverse=True)
    assert all(item["log"] == f"hud:{item['job_id']}" for item in told["failures"])


def test_part_of_a_name_gives_no_failures_and_a_suite_narrows(stand: Stand) -> None:
    part, other = stand.ask_all(
        ("hud_flaky_tests", {"name": "iterdatapipe", "time_range": "7d"}),
        ("hud_flaky_tests", {"suite": "Gloo", "time_range": "7d"}),
    )
    assert [item["test"] for item in part["flaky"]] == [ITERDATAPIPE]
    assert part["failures"] == []
    assert {item["suite"] for item in other["flaky"]} == {"ProcessGroupGlooTest"}


def test_the_hours_of_a_time_range_are_asked_for(tmp_path: Path) -> None:
    with hud_at() as hud:
        Stand(tmp_path, hud).ask("hud_flaky_tests", time_range="3d", file="test_x")
        asked = next(item for item in hud.asked if "in_subprocess" in item.path)
    parameters = json.loads(asked.query["parameters"])
    assert parameters == {
        "numHours": 72,
        "name": "%%",
        "suite": "%%",
        "file": "%test_x%",
    }


def test_flaky_tests_of_a_past_time_are_not_made_up(stand: Stand) -> None:
    told = stand.ask("hud_flaky_tests", time_range="14d:7d")
    assert told["error"]["kind"] == "bad_request"


def test_disabled_tests_have_issue_platforms_and_age(stand: Stand) -> None:
    told = stand.whole("hud_disabled_tests", "disabled")
    found = {item["issue"]: item for item in told["disabled"]}[160001]
    assert found["name"] == f"{ITERDATAPIPE} (__main__.TestDataLoader)"
    assert found["platforms"] == ["linux", "asan"]
    assert found["assignee"]
    assert found["quiet_days"] >= 1
    assert told["total"] == len(told["disabled"])
    assert told["days"] == []


@pytest.mark.parametrize(
    ("arguments", "issues"),
    [
        pytest.param({"text": "TESTNN"}, {160002}, id="suite"),
        pytest.param({"text": "#160000"}, {160000}, id="issue"),
        pytest.param({"platform": "rocm"}, {160002}, id="platform"),
        pytest.param({"triaged": True}, {160001}, id="triaged"),
        pytest.param({"triaged": False}, {160000, 160002}, id="not triaged"),
        pytest.param({"text": "nothing"}, set(), id="nothing"),
    ],
)
def test_disabled_tests_are_narrowed(
    stand: Stand, arguments: dict[str, object], issues: set[int]
) -> None:
    told = stand.whole("hud_disabled_tests", "disabled", **arguments)
    found = {item["issue"] for item in told["disabled"]}
    assert found & KNOWN == issues
    assert bool(found) == bool(issues)
    assert told["total"] == len(told["disabled"])


def test_unstable_jobs_are_told_by_their_issues(stand: Stand) -> None:
    told = stand.ask("hud_disabled_tests", label="unstable")
    names = [item["name"] for item in told["disabled"]]
    assert names
    assert all(" / " in name and "UNSTABLE" not in name for name in names)


def test_the_history_of_disabled_tests_is_by_day(stand: Stand) -> None:
    told = stand.ask("hud_disabled_tests", history="14d", label="skipped")
    days = told["days"]
    assert [item["day"] for item in days] == sorted({item["day"] for item in days})
    assert sum(item["new"] for item in days) >= 1


def test_without_the_query_the_lists_of_the_runners_tell(tmp_path: Path) -> None:
    with hud_at(share=1.0, kinds=("html",), only="clickhouse") as hud:
        told = Stand(tmp_path, hud).ask("hud_disabled_tests")
    assert told["outcome"] == "partial"
    assert 160001 in {item["issue"] for item in told["disabled"]}
    assert "assignee" in told["coverage"]["skipped"][0]["what"]


def test_an_outage_is_an_error_and_not_an_empty_list(tmp_path: Path) -> None:
    with hud_at(share=1.0, kinds=("html",)) as hud:
        stand = Stand(tmp_path, hud)
        answers = stand.ask_all(
            ("hud_disabled_tests", {}),
            ("hud_disabled_tests", {"label": "unstable"}),
            ("hud_flaky_tests", {}),
            ("hud_test_status_changes", {"sha1": "a" * 40, "sha2": "b" * 40}),
        )
    assert [told["outcome"] for told in answers] == ["error"] * 4


def test_tests_that_broke_between_two_commits_come_first(stand: Stand) -> None:
    world = shared().world
    story = world.story("ongoing")
    before = world.landed[world.orders[story.first_bad] - 1].sha
    told = stand.whole(
        "hud_test_status_changes", "changes", sha1=before, sha2=story.first_bad
    )
    first = told["changes"][0]
    assert (first["before"], first["after"]) == ("success", "failure")
    assert sum(told["counts"].values()) == len(told["changes"])
    assert told["counts"]["success -> failure"] >= 1


def test_short_shas_are_made_whole(stand: Stand) -> None:
    world = shared().world
    first = world.story("ongoing").first_bad
    before = world.landed[world.orders[first] - 1].sha
    short, whole, unknown = stand.ask_all(
        *(
            ("hud_test_status_changes", {"sha1": one, "sha2": other})
            for one, other in (
                (before[:10], first[:7]),
                (before, first),
                ("a" * 9,) * 2,
            )
        )
    )
    assert short["counts"] == whole["counts"] != {}
    assert "is there a branch or commit aaaaaaaaa" in unknown["error"]["hint"]


def test_what_is_no_commit_is_told(stand: Stand) -> None:
    told = stand.ask("hud_test_status_changes", sha1="main", sha2="viable/strict")
    assert told["error"]["kind"] == "bad_request"


def test_the_history_is_asked_for_with_what_its_query_takes(tmp_path: Path) -> None:
    with hud_at() as hud:
        Stand(tmp_path, hud).ask(
            "hud_disabled_tests", history="7d", platform="rocm", triaged=True
        )
        asked = next(item for item in hud.asked if "historical" in item.path)
    parameters = json.loads(asked.query["parameters"])
    assert set(parameters) == {"label", "platform", "triaged", "startTime", "stopTime"}
    assert (parameters["platform"], parameters["triaged"]) == ("rocm", "yes")
