"""What the server offers besides tools."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from fastmcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import PromptReference, ResourceTemplateReference

from sickbay.clients.logcache import LogCache
from sickbay.core.manifest import Prompt, Toolset
from sickbay.server.build import build_server
from tests.server import ward

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

VISIT = Prompt(
    name="visit",
    title="Visit",
    description="Visit a bed.",
    text="Look at bed {bed_id}{mood}.",
    arguments={"bed_id": "which", "mood": "how"},
    optional=("mood",),
)
WARD = replace(ward.TOOLSET, prompts=(VISIT,))
CLOSED = Toolset(
    name="closed", summary="a wing", tools="", source="", named_only=True, guide="Wait."
)


@pytest.fixture
def ask(tmp_path: Path) -> Callable[[Callable[[Client[Any]], Awaitable[Any]]], Any]:
    ward.fresh()
    given = {"cache": tmp_path / "cache", "state": tmp_path / "state"}
    server = build_server({**given, "toolsets": "ward"}, more=(WARD, CLOSED))

    def asked(work: Callable[[Client[Any]], Awaitable[Any]]) -> Any:  # noqa: ANN401 - an answer
        async def run() -> Any:  # noqa: ANN401 - an answer
            async with Client(server.mcp) as client:
                return await work(client)

        return asyncio.run(run())

    return asked


def text(contents: list[Any]) -> str:
    return "".join(content.text for content in contents)


def test_settings_are_shown_without_secrets(ask: Any) -> None:  # noqa: ANN401 - a fixture
    said = text(ask(lambda client: client.read_resource("sickbay://settings")))
    assert json.loads(said)["ward"] == {"token": "**********"}
    assert ward.CANARY not in said


def test_every_toolset_says_why_it_is_not_on(ask: Any) -> None:  # noqa: ANN401 - a fixture
    said = text(ask(lambda client: client.read_resource("sickbay://toolsets")))
    found = {one["toolset"]: one for one in json.loads(said)}
    assert found["closed"]["why_not"] == "not named in --toolsets"
    assert found["ward"]["enabled"]
    assert "ward_look" in found["ward"]["tools"]
    assert "ward_move" not in found["ward"]["tools"]


def test_a_guide_says_what_a_toolset_is_for(ask: Any) -> None:  # noqa: ANN401 - a fixture
    said = text(ask(lambda client: client.read_resource("sickbay://guide/ward")))
    assert said.startswith("# ward\n\nwho lies in which bed\n\nLook before")
    assert "- ward_beds" in said


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        pytest.param("sickbay://guide/wrd", "no toolset wrd", id="no-toolset"),
        pytest.param("sickbay://logs/ffffffffffff", "log", id="no-log"),
        pytest.param("sickbay://logs/..%2f..%2fetc", "", id="no-handle"),
        pytest.param("sickbay://nowhere", "", id="no-resource"),
        pytest.param("file:///etc/passwd", "", id="a-file"),
    ],
)
def test_attack_what_is_not_offered_cannot_be_read(
    ask: Any,  # noqa: ANN401 - a fixture
    uri: str,
    says: str,
) -> None:
    with pytest.raises(MCPError) as caught:
        ask(lambda client: client.read_resource(uri))
    assert says in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert "root:" not in str(caught.value)


def test_attack_what_callers_get_wrong_does_not_fill_the_log(
    ask: Any,  # noqa: ANN401 - a fixture
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(MCPError):
        ask(lambda client: client.read_resource("sickbay://logs/../x"))
    with pytest.raises(MCPError):
        ask(lambda client: client.read_resource("sickbay://logs/0?offset=-1"))
    with pytest.raises(MCPError):
        ask(lambda client: client.get_prompt("start_investigation", {}))
    loud = [said for said in caplog.records if said.levelno >= logging.WARNING]
    assert not loud


def test_attack_a_resource_holds_no_secrets_and_nothing_unseen(ask: Any) -> None:  # noqa: ANN401 - a fixture
    said = text(ask(lambda client: client.read_resource("sickbay://ward/board")))
    assert said == "600 beds, [redacted]"


def test_a_kept_log_is_read_back_part_by_part(ask: Any, tmp_path: Path) -> None:  # noqa: ANN401 - a fixture
    lines = "".join(f"line {number} \x1b[31m\n" for number in range(20_000))
    entry = LogCache(tmp_path / "cache" / "logs").put([lines.encode()], origin="test")
    uri = f"sickbay://logs/{entry.handle.removeprefix('log:')}"
    found, part = "", uri

    def read(client: Client[Any]) -> Awaitable[Any]:
        return client.read_resource(part)

    while part:
        body, note = (content.text for content in ask(read))
        found += body
        part = f"{uri}{note[len('[go on with ') : -1]}" if "?" in note else ""
    assert found == lines.replace("\x1b[31m", "")


def test_a_prompt_is_filled_with_what_was_given(ask: Any) -> None:  # noqa: ANN401 - a fixture
    def got(**given: str) -> str:
        said = ask(lambda client: client.get_prompt("visit", given))
        found: str = said.messages[0].content.text
        return found

    assert got(bed_id="3") == "Look at bed 3."
    assert got(bed_id="{mood}", mood=" gladly") == "Look at bed {mood} gladly."
    assert got(bed_id="{0.__class__}") == "Look at bed {0.__class__}."


def test_every_prompt_says_what_it_takes(ask: Any) -> None:  # noqa: ANN401 - a fixture
    prompts = {prompt.name: prompt for prompt in ask(lambda c: c.list_prompts())}
    assert {"start_investigation", "morning_report", "visit"} <= prompts.keys()
    taken = {arg.name: arg.required for arg in prompts["visit"].arguments or ()}
    assert taken == {"bed_id": True, "mood": False}
    assert all(prompt.description for prompt in prompts.values())


def test_what_can_be_completed_is(ask: Any) -> None:  # noqa: ANN401 - a fixture
    visit = PromptReference(name="visit")
    guide = ResourceTemplateReference(uri="sickbay://guide/{toolset}")

    async def work(client: Client[Any]) -> list[list[str]]:
        asked: list[tuple[Any, dict[str, str]]] = [
            (visit, {"name": "bed_id", "value": "59"}),
            (visit, {"name": "nothing", "value": ""}),
            (guide, {"name": "toolset", "value": "w"}),
        ]
        found = [await client.complete(ref, argument) for ref, argument in asked]
        return [one.values for one in found]

    beds, nothing, toolsets = ask(work)
    assert beds[:2] == ["59", "590"]
    assert nothing == []
    assert toolsets == ["ward"]
