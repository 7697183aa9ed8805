from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from tests.simulators.hud import hud_at
from tests.toolsets.hud.stand import Stand, shared

if TYPE_CHECKING:
    from pathlib import Path

    from sickbay.simulators.faults import Kind
    from sickbay.simulators.hud.runs import Run


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


def failures(key: str) -> list[Run]:
    """Every run of the trunk that failed of one thing, the oldest first."""
    return [
        run
        for run in shared().world.runs()
        if run.failure == key and run.status == "completed"
    ]


def test_what_shares_a_word_only_is_counted_apart(stand: Stand) -> None:
    story = shared().world.story("dependency")
    told = stand.whole("hud_similar_failures", "groups", failure=story.cause)
    alike = [group for group in told["groups"] if group["alike"]]
    assert {group["line"] for group in alike} == {story.cause}
    assert sum(group["count"] for group in alike) == told["found"]
    others = told["groups"][len(alike) :]
    assert not any(group["alike"] for group in others)
    assert sum(group["count"] for group in others) == told["unlike"] > 0


def test_similar_failures_are_grouped_by_job_over_their_commits(stand: Stand) -> None:
    line = shared().world.story("ongoing").cause
    told = stand.ask("hud_similar_failures", failure=line)
    assert told["outcome"] == "ok"
    alike = [group for group in told["groups"] if group["alike"]]
    assert told["found"] == sum(group["count"] for group in alike)
    for group in told["groups"]:
        assert group["commits"] <= group["count"]
        assert group["log"] == f"hud:{group['job_id']}"
        assert "1, 5" not in group["job"]
        assert group["first_seen"] <= group["last_seen"]
    assert told["first_seen"] == min(group["first_seen"] for group in alike)


def test_a_full_search_goes_on_in_each_half_of_the_time(stand: Stand) -> None:
    line = shared().world.story("ongoing").cause
    with hud_at() as hud:
        told = Stand(stand.settings["cache"].parent / "more", hud).ask(
            "hud_similar_failures", failure=line
        )
        searches = hud.paths().count("/api/search")
    assert 3 <= searches <= 7
    assert told["found"] > 20
    assert told["capped"] is True
    assert told["coverage"]["total"] is None


def test_what_was_seen_a_few_times_is_not_capped(stand: Stand) -> None:
    told = stand.ask(
        "hud_similar_failures", failure="no such words anywhere", time_range="1h"
    )
    assert (told["outcome"], told["capped"], told["found"]) == ("empty", False, 0)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"failure": " "}, id="no failure"),
        pytest.param({"failure": "x", "time_range": "soon"}, id="no time range"),
        pytest.param({"failure": "x", "repo": "pytorch"}, id="no repository"),
    ],
)
def test_a_wrong_search_is_told_what_to_write(
    stand: Stand, arguments: dict[str, str]
) -> None:
    told = stand.ask("hud_similar_failures", **arguments)
    assert told["error"]["kind"] == "bad_request"
    assert told["error"]["hint"]


def test_times_asked_for_are_in_utc_and_carry_it(tmp_path: Path) -> None:
    with hud_at() as hud:
        Stand(tmp_path, hud).ask(
            "hud_similar_failures", failure="x", time_range="2026-01-01T02:00+02:00:now"
        )
        asked = next(item for item in hud.asked if item.path == "/api/search")
    begin = datetime.fromisoformat(asked.query["startDate"])
    assert begin.isoformat() == "2026-01-01T00:00:00+00:00"


def test_a_part_of_a_search_that_fails_is_named_not_hidden(tmp_path: Path) -> None:
    line = shared().world.story("ongoing").cause
    with hud_at() as hud:
        lost: list[Kind | None] = ["html"] * 12
        hud.faults.planned["/api/search"] = [None, *lost]
        told = Stand(tmp_path, hud).ask("hud_similar_failures", failure=line)
    assert told["outcome"] == "partial"
    assert told["found"] >= 20
    assert "failures from" in told["coverage"]["skipped"][0]["what"]


def test_the_history_of_a_job_counts_all_that_failed_so(stand: Stand) -> None:
    runs = failures("ops")
    told = stand.whole("hud_failure_history", "jobs", job_id=runs[-1].job_id)
    assert told["looked_for"]["job"] == runs[-1].kind.full_name
    assert told["looked_for"]["captures"]
    assert told["total"] >= len({run.job_id for run in runs})
    assert told["total"] == sum(item["count"] for item in told["jobs"])
    assert told["total"] == sum(day["count"] for day in told["days"])
    times = [item["time"] for item in told["latest"]]
    assert times == sorted(times, reverse=True)


def test_a_history_is_had_by_name_and_captures_too(stand: Stand) -> None:
    story = shared().world.story("ongoing")
    by_name, empty = stand.ask_all(
        (
            "hud_failure_history",
            {"name": story.jobs[0], "captures": list(story.captures)},
        ),
        (
            "hud_failure_history",
            {"name": story.jobs[0], "captures": ["never captured"]},
        ),
    )
    assert by_name["total"] > 0
    assert (empty["outcome"], empty["total"], empty["days"]) == ("empty", 0, [])


def test_a_history_needs_something_to_look_for(stand: Stand) -> None:
    passed = max(
        run.job_id
        for run in shared().world.runs()
        if run.conclusion == "success" and run.attempt == 1
    )
    nothing, fine, unknown = stand.ask_all(
        ("hud_failure_history", {"name": "pull / x"}),
        ("hud_failure_history", {"job_id": passed}),
        ("hud_failure_history", {"job_id": 7}),
    )
    assert nothing["error"]["kind"] == "bad_request"
    assert fine["error"]["kind"] == "not_found"
    assert unknown["error"]["kind"] == "not_found"
    assert "hud_explain_job" in fine["error"]["hint"]
