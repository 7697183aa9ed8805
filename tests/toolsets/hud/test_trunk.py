from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.ci.names import blocks_strict
from tests.simulators.hud import hud_at
from tests.toolsets.hud.stand import Stand, shared

if TYPE_CHECKING:
    from pathlib import Path

    from sickbay.simulators.hud.stories import Story, StoryKind

GOOD = {"ok", "flaky"}


def cause_of(status: dict[str, Any], story: Story) -> dict[str, Any]:
    (found,) = [
        row for row in status["causes"] if row["line"] and row["line"] in story.cause
    ]
    return dict(found)


@pytest.fixture(scope="module")
def status(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The state of the trunk over several pages of the HUD."""
    stand = Stand(tmp_path_factory.mktemp("status"))
    return stand.whole("hud_trunk_status", "causes", commits=60)


def test_the_trunk_is_red_since_the_commit_that_broke_it(
    status: dict[str, Any],
) -> None:
    story = shared().world.story("ongoing")
    assert (status["outcome"], status["health"]) == ("ok", "red")
    assert status["since"]["sha"] == story.first_bad
    assert status["coverage"] == {"examined": 60, "total": 60, "skipped": []}
    assert status["lasts_s"] > 3_600
    assert status["hud_url"] == f"{shared().url}/hud/pytorch/pytorch/main"


def test_the_ongoing_breakage_has_its_cause_and_its_culprit(
    status: dict[str, Any],
) -> None:
    story = shared().world.story("ongoing")
    cause = cause_of(status, story)
    assert cause == status["causes"][0]
    assert (cause["verdict"], cause["category"]) == ("ongoing", story.category)
    assert cause["first_bad"]["sha"] == cause["culprit"]["sha"] == story.culprit
    assert cause["culprit"]["author"]
    assert cause["blocking"] is True
    assert cause["log"] == f"hud:{cause['job_id']}"
    assert cause["tests"][0] in story.cause
    assert cause["job_count"] >= 4


@pytest.mark.parametrize("kind", ["reverted", "autoreverted", "dependency"])
def test_what_was_mended_is_called_fixed_and_by_whom(
    status: dict[str, Any], kind: StoryKind
) -> None:
    story = shared().world.story(kind)
    cause = cause_of(status, story)
    assert cause["verdict"] == "fixed"
    assert cause["last_bad_sha"] == story.last_bad
    assert cause["fix"]["sha"] == story.fixed_by


def test_an_outage_is_infrastructure_and_nobodys_commit(
    status: dict[str, Any],
) -> None:
    cause = cause_of(status, shared().world.story("infrastructure"))
    assert (cause["verdict"], cause["category"]) == ("fixed", "infrastructure")
    assert (cause["culprit"], cause["suspects"], cause["fix"]) == (None, [], None)


def test_what_comes_and_goes_is_called_flaky_with_the_numbers(
    status: dict[str, Any],
) -> None:
    cause = cause_of(status, shared().world.story("flaky"))
    assert cause["verdict"] == "flaky"
    assert re.search(r"on \d+ of \d+ commits", cause["why"])
    assert status["verdicts"]["flaky"] >= 1


def test_causes_that_go_on_come_before_those_that_are_over(
    status: dict[str, Any],
) -> None:
    order = ["ongoing", "new", "fixed", "flaky"]
    given = [order.index(row["verdict"]) for row in status["causes"]]
    assert given == sorted(given)
    assert status["verdicts"] == {
        verdict: given.count(at) for at, verdict in enumerate(order)
    }


def test_too_few_commits_to_see_the_beginning_are_declared(stand: Stand) -> None:
    told = stand.ask("hud_trunk_status", commits=20)
    assert told["clipped"] is True
    cause = cause_of(told, shared().world.story("ongoing"))
    assert cause["clipped"] is True
    assert (cause["culprit"], cause["suspects"], cause["suspect_count"]) == (
        None,
        [],
        0,
    )


def test_commits_that_have_not_finished_are_counted(status: dict[str, Any]) -> None:
    assert status["unfinished"] > 0
    assert status["complete"]["sha"] != status["newest"]["sha"]


def test_a_page_that_does_not_come_is_named_and_the_rest_is_told(
    tmp_path: Path,
) -> None:
    with hud_at() as hud:
        hud.faults.planned["/api/hud/pytorch/pytorch/main/2"] = ["500"] * 9
        told = Stand(tmp_path, hud).ask("hud_trunk_status", commits=60)
    assert told["outcome"] == "partial"
    assert told["health"] == "red"
    assert told["coverage"]["examined"] < 60
    (skipped,) = told["coverage"]["skipped"]
    assert skipped["what"] == "commits 51 to 60"
    assert "500" in skipped["why"]


def test_commits_are_given_with_all_outcomes_and_the_newest_first(
    stand: Stand,
) -> None:
    found = stand.whole("hud_recent_commits", "commits", per_page=60)["commits"]
    world = shared().world
    assert [row["sha"] for row in found] == [one.sha for one in reversed(world.landed)]
    states: Counter[str] = Counter()
    for row in found:
        counts = dict(row["counts"])
        assert counts.pop("total") == sum(counts.values())
        states.update(counts)
    assert {"ok", "flaky", "fail", "cancelled", "skipped", "pending"} <= set(states)


def test_status_is_pending_green_or_red_and_flaky_jobs_block_nothing(
    stand: Stand,
) -> None:
    found = stand.whole("hud_recent_commits", "commits", per_page=60)["commits"]
    assert found[0]["status"] == "pending"
    assert {row["status"] for row in found} >= {"red", "pending"}
    (row,) = stand.ask(
        "hud_recent_commits",
        branch=next(row["sha"] for row in found if row["counts"].get("flaky")),
        per_page=1,
        job_filter="test",
    )["commits"]
    assert row["counts"].get("flaky")


def test_failing_jobs_have_their_names_and_a_line(stand: Stand) -> None:
    story = shared().world.story("ongoing")
    (row,) = stand.ask("hud_recent_commits", branch=story.first_bad, per_page=1)[
        "commits"
    ]
    assert row["sha"] == story.first_bad
    assert row["failing"][0]["job"] in story.jobs
    assert row["failing"][0]["line"] == story.cause
    assert row["failing"][0]["job_id"]
    assert row["hud_url"].endswith(f"/pytorch/pytorch/commit/{story.first_bad}")
    assert datetime.fromisoformat(row["time"]).tzinfo


def test_a_name_filter_looks_at_names_and_not_at_numbers(stand: Stand) -> None:
    asked: dict[str, Any] = {"per_page": 5, "page": 2, "detail": "jobs"}
    names = {
        row["job"]
        for row in stand.whole(
            "hud_recent_commits", "jobs", job_filter="^inductor / .*test", **asked
        )["jobs"]
    }
    assert names
    assert all(name.startswith("inductor / ") for name in names)
    assert stand.ask("hud_recent_commits", job_filter=r"^\d+$", **asked)["jobs"] == []


def test_a_line_filter_never_takes_a_job_without_lines(stand: Stand) -> None:
    found = stand.whole(
        "hud_recent_commits",
        "jobs",
        per_page=60,
        detail="jobs",
        failure_filter=".",
    )["jobs"]
    assert {row["state"] for row in found} <= {"fail", "timed_out", "cancelled"}
    assert all(row["state"] not in GOOD for row in found)


def test_a_line_filter_leaves_the_commits_that_failed_like_that(stand: Stand) -> None:
    story = shared().world.story("dependency")
    found = stand.whole(
        "hud_recent_commits",
        "commits",
        per_page=60,
        failure_filter=re.escape(story.cause).replace("\\'", "'"),
    )["commits"]
    shas = [one.sha for one in reversed(shared().world.landed)]
    assert story.last_bad is not None
    inside = shas[shas.index(story.last_bad) : shas.index(story.first_bad) + 1]
    assert {row["sha"] for row in found} <= set(inside)
    assert story.first_bad in {row["sha"] for row in found}


def test_only_jobs_that_gate_viable_strict_are_counted_where_that_is_asked(
    stand: Stand,
) -> None:
    found = stand.whole(
        "hud_recent_commits",
        "jobs",
        per_page=2,
        page=5,
        detail="jobs",
        viable_strict=True,
    )["jobs"]
    assert found
    assert all(blocks_strict(row["job"]) for row in found)


@pytest.mark.parametrize(
    ("kind", "states"),
    [
        pytest.param("failed", {"fail", "timed_out", "startup_failure"}, id="failed"),
        pytest.param("unfinished", {"pending", "queued"}, id="unfinished"),
        pytest.param("passed", GOOD, id="passed"),
        pytest.param("idle", {"cancelled", "skipped", "neutral"}, id="idle"),
    ],
)
def test_jobs_are_narrowed_by_how_they_ended(
    stand: Stand, kind: str, states: set[str]
) -> None:
    found = stand.whole(
        "hud_recent_commits", "jobs", per_page=4, detail="jobs", only=[kind]
    )["jobs"]
    assert found
    assert {row["state"] for row in found} <= states


def test_pages_of_commits_follow_each_other(stand: Stand) -> None:
    one, two = stand.ask_all(
        ("hud_recent_commits", {"per_page": 3, "page": 1}),
        ("hud_recent_commits", {"per_page": 3, "page": 2}),
    )
    shas = [row["sha"] for row in one["commits"] + two["commits"]]
    assert shas == [one.sha for one in reversed(shared().world.landed)][:6]


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"page": 0}, id="page 0 is page 1"),
        pytest.param({"per_page": 101}, id="more than the HUD gives"),
        pytest.param({"per_page": 0}, id="nothing"),
        pytest.param({"repo": "../x"}, id="no repository"),
        pytest.param({"branch": "a..b"}, id="no branch"),
    ],
)
def test_what_there_cannot_be_is_refused_before_anybody_is_asked(
    stand: Stand, asked: dict[str, Any]
) -> None:
    before = len(shared().asked)
    told = stand.ask("hud_recent_commits", **asked)
    assert told["error"]["kind"] == "bad_request"
    assert len(shared().asked) == before


def test_a_default_answer_is_small_and_whole_json(stand: Stand) -> None:
    for tool in ("hud_trunk_status", "hud_recent_commits", "hud_streaks"):
        told = stand.ask(tool)
        assert told["whole"] is None, tool


def test_a_streak_goes_over_page_borders_pending_and_missing_runs(
    stand: Stand,
) -> None:
    story = shared().world.story("ongoing")
    found = stand.whole("hud_streaks", "streaks", commits=60)["streaks"]
    longest = found[0]
    assert any(job.startswith(longest["job"].rstrip(")")) for job in story.jobs)
    assert longest["first_bad"]["sha"] == story.first_bad
    assert longest["line"] == story.cause
    assert longest["length"] > 40
    assert longest["suspect_count"] == 1
    assert [row["length"] for row in found] == sorted(
        (row["length"] for row in found), reverse=True
    )


def test_a_streak_that_may_be_older_is_clipped(stand: Stand) -> None:
    story = shared().world.story("ongoing")
    found = stand.ask("hud_streaks", commits=20, min_length=5)["streaks"]
    assert found
    assert all(row["line"] == story.cause for row in found if row["clipped"])
    older = [row for row in found if row["clipped"]]
    assert older
    assert all((row["last_good"], row["suspects"]) == (None, []) for row in older)


def test_a_test_that_moves_to_another_shard_breaks_the_streak_of_shards_only(
    stand: Stand,
) -> None:
    asked = {"commits": 60, "job_filter": "jammy-py3.10-gcc11 / test .default"}
    folded = stand.ask("hud_streaks", **asked)["streaks"]
    by_shard = stand.ask("hud_streaks", by_shard=True, **asked)["streaks"]
    assert folded[0]["length"] > by_shard[0]["length"]
    assert "(default, " in by_shard[0]["job"]
