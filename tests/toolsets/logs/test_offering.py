from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from mcp.types import (
    PromptReference,
    ResourceTemplateReference,
    TextResourceContents,
)

from sickbay.render.tokens import cost
from sickbay.toolsets.logs.manifest import TOOLSET

if TYPE_CHECKING:
    from fastmcp import Client

    from tests.toolsets.logs.desk import Desk

EXPLAIN = PromptReference(type="ref/prompt", name="explain_failure")
PACK = ResourceTemplateReference(type="ref/resource", uri="sickbay://rules/{pack}")


def test_the_tools_cost_no_more_than_their_budget(desk: Desk) -> None:
    async def listed(client: Client[Any]) -> Any:  # noqa: ANN401 - JSON
        return [
            tool.model_dump(mode="json", by_alias=True, exclude_none=True)
            for tool in await client.list_tools()
        ]

    tools = desk.with_client(listed)
    assert len(tools) == 9
    assert cost(tools) <= 2000


def test_every_rule_can_be_read(desk: Desk) -> None:
    async def read_json(client: Client[Any], uri: str) -> Any:  # noqa: ANN401 - JSON
        (content,) = await client.read_resource(uri)
        assert isinstance(content, TextResourceContents)
        return json.loads(content.text)

    async def read(client: Client[Any]) -> Any:  # noqa: ANN401 - JSON
        return {
            row["pack"]: (
                row["rules"],
                await read_json(client, f"sickbay://rules/{row['pack']}"),
            )
            for row in await read_json(client, "sickbay://rules")
        }

    rules = desk.with_client(read)
    assert "pytorch" in rules
    assert all(len(listed) == count for count, listed in rules.values())
    assert set(rules["git"][1][0]) == {"name", "pattern", "category"}


def test_an_unknown_pack_is_told_where_the_others_are(desk: Desk) -> None:
    async def read(client: Client[Any]) -> None:
        with pytest.raises(Exception, match=r"no pack none.*sickbay://rules"):
            await client.read_resource("sickbay://rules/none")

    desk.with_client(read)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("", ["passed.log", "pytest.log", "steps.log", "sub/"], id="all"),
        pytest.param("p", ["passed.log", "pytest.log"], id="begun"),
        pytest.param("sub/", ["sub/deep.log"], id="in a folder"),
        pytest.param("../", [], id="not above"),
        pytest.param("/etc/", [], id="not outside"),
        pytest.param("none/", [], id="no such folder"),
        pytest.param("log:", [], id="no handles yet"),
    ],
)
def test_names_of_logs_are_completed(
    desk: Desk, value: str, expected: list[str]
) -> None:
    (desk.folder / "sub").mkdir()
    (desk.folder / "sub" / "deep.log").write_text("x\n")

    async def completed(client: Client[Any]) -> list[str]:
        found = await client.complete(EXPLAIN, {"name": "log", "value": value})
        return list(found.values)

    assert desk.with_client(completed) == expected


def test_packs_are_completed(desk: Desk) -> None:
    async def completed(client: Client[Any]) -> list[str]:
        found = await client.complete(PACK, {"name": "pack", "value": "py"})
        return list(found.values)

    assert desk.with_client(completed) == ["python", "pytorch"]


def test_prompts_hold_the_logs_that_were_named(desk: Desk) -> None:
    async def prompted(client: Client[Any]) -> str:
        found = await client.get_prompt(
            "compare_with_passing", {"failed": "bad.log", "passed": "good.log"}
        )
        return str(found.messages[0].content)

    text = desk.with_client(prompted)
    assert "Failed: bad.log" in text
    assert "Passed: good.log" in text


def test_the_guide_names_every_tool(desk: Desk) -> None:
    async def names(client: Client[Any]) -> list[str]:
        return [tool.name for tool in await client.list_tools()]

    unnamed = {"logs_download", "logs_extract_test_results"}
    said = {name for name in desk.with_client(names) if name in TOOLSET.guide}
    assert set(desk.with_client(names)) - said <= unnamed
