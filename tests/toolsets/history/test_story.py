from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from tests.toolsets.history.stand import Stand, filled
from tests.toolsets.history.stories import (
    BREAKS,
    EVIL,
    FLAKY,
    HOSTILE,
    MENDED,
    STEADY,
    Story,
    told,
)

if TYPE_CHECKING:
    from pathlib import Path

    from fastmcp import Client

Answer = dict[str, Any]
TOOL = "history_test_history"


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory, store: Path) -> Answer:
    stand = Stand(tmp_path_factory.mktemp("stand"), store)
    return stand.whole(TOOL, "timeline", test_nodeid=BREAKS.test_id)


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        pytest.param(BREAKS, "REGRESSION", id="broken"),
        pytest.param(MENDED, "FIXED", id="mended"),
        pytest.param(FLAKY, "SPORADIC", id="now and then"),
        pytest.param(STEADY[0], "STABLE", id="never failed"),
    ],
)
def test_a_test_is_called_what_it_is(stand: Stand, story: Story, expected: str) -> None:
    found = stand.ask(TOOL, test_nodeid=story.test_id)
    assert found["error"] is None
    assert found["assessment"]["classification"] == expected


def test_what_broke_has_its_transition(broken: Answer) -> None:
    verdict = broken["assessment"]
    assert verdict["transition_build"] == "31"
    assert verdict["last_good"]["build_number"] == "30"
    assert verdict["first_bad"]["build_number"] == "31"
    assert verdict["last_bad"] is None
    assert verdict["rate_before"]["failed"] == 0
    assert verdict["rate_after"]["rate"] == 1
    assert verdict["level"] == "HIGH"
    assert verdict["confidence"] >= 0.9
    assert "Clear transition at build 31" in verdict["notes"][0]


def test_what_was_mended_has_the_builds_around_it(stand: Stand) -> None:
    verdict = stand.ask(TOOL, test_nodeid=MENDED.test_id)["assessment"]
    last_bad = max(MENDED.fails) + 1
    assert verdict["last_bad"]["build_number"] == str(last_bad)
    assert verdict["first_good"]["build_number"] == str(last_bad + 1)
    assert verdict["first_bad"] is None


def test_the_timeline_has_every_build_once_the_newest_first(broken: Answer) -> None:
    numbers = [build["build_number"] for build in broken["timeline"]]
    assert numbers == [str(number) for number in range(40, 0, -1)]
    assert broken["coverage"] == {"examined": 40, "total": 40, "skipped": []}


def test_a_build_says_how_the_test_ended_and_where(broken: Answer) -> None:
    newest = broken["timeline"][0]
    assert newest["build_url"] == "https://ci.example/acme/ci/40"
    assert newest["commit_sha"] == f"{40:040x}"
    assert (newest["test_found"], newest["test_status"]) == (True, "fail")
    (job,) = newest["jobs"]
    assert job["job_name"] == "unit tests"
    assert job["status"] == "fail"
    assert job["fingerprint_normalized"] == "AssertionError: it broke"
    assert job["log_excerpt"] == "E       it broke"
    assert job["log"] == "log:main/40/unit"
    assert broken["timeline"][-1]["jobs"][0]["fingerprint_normalized"] is None


def test_counts_are_of_builds(broken: Answer) -> None:
    assert broken["counts"] == {
        "builds": 40,
        "found": 40,
        "failed": 10,
        "flaky": 0,
        "infra": 0,
        "absent": 0,
    }


def test_without_logs_there_are_no_excerpts(stand: Stand) -> None:
    found = stand.ask(TOOL, test_nodeid=BREAKS.test_id, include_logs=False)
    jobs = [job for build in found["timeline"] for job in build["jobs"]]
    assert {job["log_excerpt"] for job in jobs} == {None}
    assert jobs[0]["fingerprint_normalized"]


@pytest.mark.parametrize(
    "named",
    [f"tests/{BREAKS.test_id}", "test_a.py::test_breaks", "./t/test_a.py::test_breaks"],
)
def test_any_spelling_of_the_id_will_do(stand: Stand, named: str) -> None:
    assert stand.ask(TOOL, test_nodeid=named)["test_id"] == BREAKS.test_id


def test_an_unknown_test_is_told_with_what_comes_near(stand: Stand) -> None:
    error = stand.ask(TOOL, test_nodeid="t/test_a.py::test_brakes")["error"]
    assert error["kind"] == "not_found"
    assert BREAKS.test_id in error["hint"]


def test_a_name_of_several_tests_names_them(tmp_path: Path) -> None:
    stories = [Story("a/test_x.py::test_it"), Story("b/test_x.py::test_it")]
    stand = Stand(tmp_path, filled(tmp_path / "kept", told(stories, builds=3)))
    error = stand.ask(TOOL, test_nodeid="test_x.py::test_it")["error"]
    assert error["kind"] == "bad_request"
    assert all(story.test_id in error["hint"] for story in stories)


@pytest.mark.parametrize("given", ["", "   ", "\x00"])
def test_no_name_is_no_test(stand: Stand, given: str) -> None:
    assert stand.ask(TOOL, test_nodeid=given)["error"]["kind"] in {
        "bad_request",
        "not_found",
    }


def test_only_builds_with_the_title_count(stand: Stand) -> None:
    found = stand.whole(
        TOOL, "timeline", test_nodeid=BREAKS.test_id, build_query=r"change 3\d "
    )
    numbers = {build["build_number"] for build in found["timeline"]}
    assert numbers == {str(number) for number in range(30, 40)}


def test_the_newest_builds_are_looked_at(stand: Stand) -> None:
    found = stand.ask(TOOL, test_nodeid=BREAKS.test_id, lookback_builds=4)
    assert [b["build_number"] for b in found["timeline"]] == ["40", "39", "38", "37"]


def test_a_branch_has_its_own_story(stand: Stand) -> None:
    found = stand.ask(TOOL, test_nodeid=BREAKS.test_id, branch="topic")
    assert found["counts"]["builds"] == 6
    assert found["counts"]["failed"] == 0
    every = stand.ask(TOOL, test_nodeid=BREAKS.test_id, branch="*")
    assert every["counts"]["builds"] == 46


def test_a_branch_without_builds_is_told(stand: Stand) -> None:
    error = stand.ask(TOOL, test_nodeid=BREAKS.test_id, branch="nobodys")["error"]
    assert error["kind"] == "not_found"
    assert "nobodys of acme/ci" in error["message"]
    assert "the newest is 105 of acme/ci, branch topic" in error["hint"]


def test_jobs_that_are_left_out_make_it_absent(stand: Stand) -> None:
    found = stand.ask(TOOL, test_nodeid=BREAKS.test_id, job_filter="^gpu")
    assert found["counts"]["found"] == 0
    assert found["assessment"]["classification"] == "INSUFFICIENT_DATA"


@pytest.mark.parametrize("name", ["build_query", "job_filter"])
def test_a_pattern_that_is_none_is_told(stand: Stand, name: str) -> None:
    error = stand.ask(TOOL, test_nodeid=BREAKS.test_id, **{name: "("})["error"]
    assert error["kind"] == "bad_request"


def test_an_empty_history_says_how_to_fill_it(tmp_path: Path) -> None:
    error = Stand(tmp_path, tmp_path / "none").ask(TOOL, test_nodeid="a::b")["error"]
    assert error["kind"] == "not_found"
    assert "sickbay ingest" in error["hint"]


def test_where_nobody_saw_it_pass_that_is_said(tmp_path: Path, thin: Path) -> None:
    found = Stand(tmp_path, thin).ask(TOOL, test_nodeid=BREAKS.test_id)
    old = Stand(tmp_path, thin).whole(TOOL, "timeline", test_nodeid=BREAKS.test_id)
    assert found["assessment"]["classification"] == "REGRESSION"
    assert old["timeline"][-1]["test_status"] == "pass"
    assert old["timeline"][-1]["why"]


def test_a_picture_comes_when_it_is_asked_for(stand: Stand) -> None:
    pytest.importorskip("matplotlib")

    async def work(client: Client[Any]) -> list[Any]:
        given = {"test_nodeid": BREAKS.test_id}
        plain = await client.call_tool(TOOL, given)
        drawn = await client.call_tool(TOOL, {**given, "picture": True})
        return [plain, drawn]

    plain, drawn = stand.with_client(work)
    assert not [block for block in plain.content if block.type == "image"]
    (image,) = [block for block in drawn.content if block.type == "image"]
    assert base64.b64decode(image.data).startswith(b"\x89PNG")
    (said,) = drawn.structured_content["images"]
    assert said == {"title": f"{BREAKS.test_id}: REGRESSION", "mime_type": "image/png"}


def test_the_summary_begins_with_the_test_and_links_the_builds(broken: Answer) -> None:
    lines = broken["summary"].splitlines()
    assert lines[0] == f"# {BREAKS.test_id}"
    assert lines[2].startswith("**REGRESSION** (confidence HIGH, ")
    assert "[31](https://ci.example/acme/ci/31)" in broken["summary"]
    assert "[30](https://ci.example/acme/ci/30)" in broken["summary"]


def test_the_summary_links_commits_where_the_repository_is_known(
    tmp_path: Path, store: Path
) -> None:
    stand = Stand(tmp_path, store, repo="acme/engine", log_in=False)
    found = stand.ask(TOOL, test_nodeid=BREAKS.test_id)
    sha = f"{31:040x}"
    assert f"(https://github.com/acme/engine/commit/{sha})" in found["summary"]


def test_attack_what_strangers_wrote_is_no_markup(stand: Stand) -> None:
    found = stand.ask(TOOL, test_nodeid=EVIL)
    assert found["error"] is None
    assert {"summary", "timeline", "assessment"} <= set(found["untrusted"])
    for sign in ("<!channel>", "**x**", "@everyone`", "\u202e", "\x1b"):
        assert sign not in found["summary"]
    assert "\x1b" not in str(found["timeline"])
    assert HOSTILE.message[:9] in found["timeline"][0]["jobs"][0]["log_excerpt"]
