from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sickbay.toolsets.history.manifest import TOOLSET
from tests.toolsets.history.stand import Stand
from tests.toolsets.history.stories import BREAKS, FLAKY, PIPELINE

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("ciwatch.test_history", "ciwatch_test_history")
OLD: dict[str, Any] = {
    "test_nodeid": BREAKS.test_id,
    "branch": "main",
    "pipeline": PIPELINE,
    "build_query": None,
    "lookback_builds": 50,
    "job_filter": None,
    "include_logs": True,
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, store: Path) -> dict[str, Any]:
    stand = Stand(tmp_path_factory.mktemp("stand"), store)
    found: dict[str, Any] = stand.ask(NAMES[0], **OLD)
    return found


def test_the_old_arguments_give_the_old_keys(told: dict[str, Any]) -> None:
    assert told["error"] is None
    assert {"test_nodeid", "timeline", "assessment", "summary"} <= set(told)
    assert told["test_nodeid"] == BREAKS.test_id
    verdict = told["assessment"]
    assert {"classification", "confidence", "notes", "transition_build"} <= set(verdict)
    build = told["timeline"][0]
    assert {
        *("build_number", "build_url", "created_at", "commit_sha"),
        *("test_found", "test_status", "jobs"),
    } <= set(build)
    assert {
        *("job_name", "job_url", "status"),
        *("fingerprint_normalized", "log_excerpt"),
    } <= set(build["jobs"][0])


def test_confidence_is_a_word_there(told: dict[str, Any]) -> None:
    verdict = told["assessment"]
    assert verdict["confidence"] == verdict["level"] == "HIGH"
    assert verdict["classification"] == "REGRESSION"
    assert verdict["transition_build"] == "31"


def test_the_old_answer_comes_in_one_piece(told: dict[str, Any]) -> None:
    assert len(told["timeline"]) == 40
    assert told["next_cursor"] is None


@pytest.mark.parametrize("name", NAMES)
def test_both_spellings_work_and_only_the_test_is_needed(
    stand: Stand, name: str
) -> None:
    found = stand.ask(name, test_nodeid=FLAKY.test_id)
    assert found["assessment"]["confidence"] in {"HIGH", "MED", "LOW"}
    assert found["assessment"]["transition_build"] is None


def test_a_failure_has_the_same_keys(stand: Stand, told: dict[str, Any]) -> None:
    failed = stand.ask(NAMES[0], **{**OLD, "test_nodeid": "nobody"})
    assert failed["error"]["kind"] == "not_found"
    assert set(failed) == set(told)


def test_prompts_name_tools_that_there_are(stand: Stand) -> None:
    async def work(client: Any) -> tuple[set[str], list[str]]:  # noqa: ANN401 - a client
        names = {tool.name for tool in await client.list_tools()}
        given = {"test": BREAKS.test_id}
        texts = []
        for prompt in TOOLSET.prompts:
            asked = {key: given[key] for key in prompt.arguments.keys() & given.keys()}
            found = await client.get_prompt(prompt.name, asked)
            texts.append(found.messages[0].content.text)
        return names, texts

    names, texts = stand.with_client(work)
    assert len(texts) == 3
    for text in texts:
        named = {word.strip(".,:;") for word in text.split() if "history_" in word}
        assert named
        assert named <= names
        assert "{" not in text
