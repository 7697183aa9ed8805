from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.toolsets.buildkite.analysis.oldform import scan_of
from sickbay.toolsets.buildkite.manifest import TOOLSET
from sickbay.toolsets.buildkite.models.scan import ScanReport
from tests.toolsets.buildkite.stand import CANARY, Stand, shared

if TYPE_CHECKING:
    from collections.abc import Mapping

OLD = {"pipeline": "vllm/ci", "branch": "main", "repo": "vllm-project/vllm"}
NAMES = ("scan_latest_nightly", "scan_build", "render")
KEYS = {
    "build_info": {
        *("build_number", "build_url", "pipeline", "branch", "commit", "state"),
        *("created_at", "finished_at"),
    },
    "failures": {
        *("failure_key", "test_failure", "category", "github_issue", "confidence"),
        *("reason", "owner", "owner_confidence"),
    },
    "test_failure": {
        *("test_name", "job_name", "error_message", "stack_trace", "log_snippet"),
    },
}

WORDS = (
    *("build_info", "failures", "test_failure", "test_name", "job_name", "category"),
    *("confidence", "owner", "owner_confidence", "scan_timestamp", "build_number"),
    *("total_jobs", "failed_jobs", "pipeline", "finished_at", "reason"),
)


def newest() -> int:
    return int(shared().world.nightlies[-1])


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What the old name of the nightly's scan answers to its old arguments."""
    stand = Stand(tmp_path_factory.mktemp("old"))
    return stand.ask("ciwatch.scan_latest_nightly", **OLD, search_github=True)


def test_the_table_has_every_old_name_in_both_spellings() -> None:
    expected = {f"ciwatch{sign}{name}" for sign in "._" for name in NAMES}
    assert {alias.name for alias in TOOLSET.aliases} == expected


def test_the_old_nightly_has_its_old_keys_and_ours(old: Mapping[str, Any]) -> None:
    assert old["error"] is None
    assert KEYS["build_info"] <= old["build_info"].keys()
    assert old["build_info"]["build_number"] == str(newest())
    assert old["build_info"]["pipeline"] == "vllm/ci"
    assert old["total_jobs"] == old["jobs"]["total"]
    assert old["failed_jobs"] == old["jobs"]["failed"]
    assert old["scan_timestamp"] == old["scanned_at"]
    assert len(old["failures"]) == old["unique_failures"] >= len(old["causes"]) > 0
    for failure in old["failures"]:
        assert KEYS["failures"] <= failure.keys()
        assert KEYS["test_failure"] <= failure["test_failure"].keys()


def test_the_old_texts_are_whole(old: Mapping[str, Any]) -> None:
    assert old["daily_findings_text"].startswith("# Daily Findings - ")
    assert "more characters]" not in old["daily_findings_text"]
    assert old["standup_summary_text"].startswith(f"Nightly build [{newest()}](")


def test_a_named_test_has_its_error_message(old: Mapping[str, Any]) -> None:
    tests = [failure["test_failure"] for failure in old["failures"]]
    assert tests
    assert all(test["error_message"] for test in tests)


@pytest.mark.parametrize("sign", [".", "_"])
def test_an_old_build_is_a_number_or_an_address(stand: Stand, sign: str) -> None:
    build = shared().get(shared().builds(newest()), token=CANARY).json()
    for named in (build["number"], str(build["number"]), build["web_url"]):
        given = {**OLD, "build_id_or_url": named, "search_github": False}
        found = stand.ask(f"ciwatch{sign}scan_build", **given)
        assert found["error"] is None, found["error"]
        assert found["build_info"]["commit"] == build["commit"]
        assert found["search_issues"] is False


def test_the_pipeline_of_an_address_is_not_ignored(stand: Stand) -> None:
    other = shared().get(shared().builds(pipeline="release"), token=CANARY).json()[0]
    found = stand.ask("ciwatch.scan_build", **OLD, build_id_or_url=other["web_url"])
    assert found["build_info"]["pipeline"] == "vllm/release"


@pytest.mark.parametrize("form", ["daily_findings", "standup"])
def test_an_old_render_takes_the_old_result(
    stand: Stand, old: Mapping[str, Any], form: str
) -> None:
    mine = {key: value for key, value in old.items() if key != "scan_id"}
    shown = stand.ask("ciwatch.render", scan_result=mine, format=form)
    assert shown["error"] is None
    text = old[f"{form}_text"] if form == "daily_findings" else shown["text"]
    assert shown["text"].splitlines()[0] == text.splitlines()[0]


def test_a_result_with_nothing_but_old_keys_is_rendered(
    stand: Stand, old: Mapping[str, Any]
) -> None:
    names = ("build_info", "total_jobs", "failed_jobs", "failures", "scan_timestamp")
    result = {name: old[name] for name in names}
    told, line = stand.ask_all(
        ("ciwatch.render", {"scan_result": result}),
        ("ciwatch.render", {"scan_result": result, "format": "standup"}),
    )
    for failure in old["failures"]:
        assert failure["category"] in told["text"]
        assert f"Confidence: {failure['confidence']:.0%}" in told["text"]
    assert f"- **Total Jobs**: {old['total_jobs']}" in told["text"]
    assert line["text"].startswith(f"Nightly build [{newest()}](")


@pytest.mark.parametrize(
    "result",
    [{}, {"failures": []}, {"failures": [1], "build_info": 3}, {"error": "no"}, 7, []],
)
def test_what_is_no_result_is_refused_in_a_line(stand: Stand, result: object) -> None:
    shown = stand.ask("ciwatch.render", scan_result=result)
    assert shown["error"]["kind"] == "bad_request"
    assert shown["text"] == ""


def test_an_error_keeps_the_old_keys(stand: Stand) -> None:
    found = stand.ask("ciwatch.scan_build", **OLD, build_id_or_url="1")
    assert found["error"]["kind"] == "not_found"
    assert found["failures"] == []
    assert found["daily_findings_text"] == ""


def test_the_daily_prompt_is_there_as_a_prompt_and_as_a_resource(stand: Stand) -> None:
    async def work(client: Any) -> tuple[Any, Any]:  # noqa: ANN401 - of fastmcp
        prompt = await client.get_prompt("ci-watch-daily", {})
        resource = await client.read_resource("prompt://ci-watch-daily")
        return prompt, resource

    prompt, resource = stand.with_client(work)
    text = prompt.messages[0].content.text
    assert "buildkite_scan_latest_nightly" in text
    assert resource[0].text == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(WORDS), JSON))
def test_any_old_result_becomes_one_of_ours_or_is_refused(
    result: dict[str, Any],
) -> None:
    try:
        made = msgspec.convert(scan_of(result), ScanReport, strict=False)
    except msgspec.ValidationError:
        return
    assert made.unique_failures == len(made.causes)
