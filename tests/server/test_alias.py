from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from fastmcp import Client

from sickbay.core.errors import BadRequest
from sickbay.core.manifest import Alias, Toolset
from sickbay.server.build import build_server
from tests.server import ward
from tests.server.stand import served

if TYPE_CHECKING:
    from pathlib import Path

    from sickbay.server.build import Server

TWIN = replace(ward.TOOLSET, name="clinic", prompts=(), resources=(), settings=None)


def built(folder: Path, *more: Toolset) -> Server:
    ward.fresh()
    names = ",".join(toolset.name for toolset in more)
    given = {"cache": folder / "cache", "state": folder / "state", "toolsets": names}
    return build_server(given, more=more)


def claiming(name: str, **how: Any) -> Toolset:  # noqa: ANN401 - fields of Alias
    """A second toolset that claims an old name."""
    return replace(TWIN, aliases=(Alias(name=name, **how),))


def called(server: Server, name: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    async def answer() -> dict[str, Any]:
        async with Client(server.mcp) as client:
            said = await client.call_tool_mcp(name, given)
            return dict(said.structured_content or {})

    return asyncio.run(answer())


def test_an_old_name_takes_old_arguments_and_gives_old_keys(tmp_path: Path) -> None:
    server = built(tmp_path, ward.TOOLSET)
    said = called(server, "get_bed", number=3, verbose=True, color="red", pin=None)
    assert (said["outcome"], said["bed_id"], said["mode"]) == ("ok", "3", "long")
    assert said["name"].startswith("patient 3")


def test_an_old_name_says_what_is_wrong_in_the_same_shape(tmp_path: Path) -> None:
    server = built(tmp_path, ward.TOOLSET)
    wrong = called(server, "get_bed", number="none")
    right = called(server, "get_bed", number=3)
    assert wrong["error"]["kind"] == "not_found"
    assert wrong.keys() == right.keys()


def test_old_names_are_not_listed(tmp_path: Path) -> None:
    async def names() -> set[str]:
        async with Client(built(tmp_path, ward.TOOLSET).mcp) as client:
            return {tool.name for tool in await client.list_tools()}

    assert not asyncio.run(names()) & {"get_bed", "find"}


def test_an_old_name_is_recorded_beside_the_new_one(tmp_path: Path) -> None:
    called(built(tmp_path, ward.TOOLSET), "get_bed", number=3)
    recorded = (tmp_path / "state" / "audit.jsonl").read_text()
    assert '"tool": "ward_look", "called_as": "get_bed"' in recorded


def test_arguments_that_fit_no_meaning_are_refused(tmp_path: Path) -> None:
    said = called(built(tmp_path, ward.TOOLSET), "find", limit=3)
    assert "fit none of its meanings" in said["error"]["message"]
    assert said["error"]["hint"] == "call ward_beds"


def test_an_old_argument_of_another_kind_is_refused(tmp_path: Path) -> None:
    meaning = {"where": lambda place: {"bed_id": place["bed"]}}
    other = claiming("old", tool="look", arguments=meaning)
    said = called(built(tmp_path, other), "old", where=["bed"])
    assert said["error"]["message"] == "argument where: list means nothing here"


def test_several_old_arguments_may_mean_something_together(tmp_path: Path) -> None:
    joined = {
        ("wing", "number"): lambda wing, number: {"bed_id": f"{wing or ''}{number}"}
    }
    server = built(tmp_path, claiming("old", tool="look", joined=joined))
    assert called(server, "old", wing="1", number=2)["bed_id"] == "12"
    assert called(server, "old", number=2)["bed_id"] == "2"
    missing = called(server, "old")
    assert "bed_id" in missing["error"]["message"]


def test_two_claims_that_nothing_tells_apart_stop_the_start(tmp_path: Path) -> None:
    other = claiming("get_bed", tool="look")
    with pytest.raises(BadRequest, match="claimed by clinic_look and ward_look"):
        built(tmp_path, ward.TOOLSET, other)


def test_arguments_decide_whose_a_shared_name_is(tmp_path: Path) -> None:
    other = claiming("find", tool="look", when=lambda given: "bed_id" in given)
    server = built(tmp_path, ward.TOOLSET, other)
    assert "beds" in called(server, "find", prefix="3")
    assert called(server, "find", bed_id=3)["patient"] == "patient 3"


def test_attack_an_old_name_opens_no_toolset_that_was_not_chosen(
    tmp_path: Path,
) -> None:
    server = built(tmp_path, ward.TOOLSET, replace(TWIN, aliases=()))

    async def said(url: str) -> dict[str, Any]:
        async with Client(f"{url}/mcp/clinic") as client:
            answer = await client.call_tool_mcp("get_bed", {"number": 3})
            return dict(answer.structured_content or {})

    with served(server.mcp, toolsets=frozenset({"ward", "clinic"})) as url:
        assert asyncio.run(said(url))["error"]["kind"] == "not_found"


def test_an_old_name_of_a_tool_that_writes_needs_a_server_that_writes(
    tmp_path: Path,
) -> None:
    other = claiming("send_home", tool="discharge")
    said = called(built(tmp_path, other), "send_home", bed_id=3, confirm=True)
    assert said["error"]["kind"] == "not_found"
    assert ward.now().done == []


def test_an_old_name_may_have_larger_answers_than_the_tool(tmp_path: Path) -> None:
    notes = {"result": lambda _: {"notes": "a long one. " * 1_500}}
    small = claiming("small", tool="look", **notes)
    large = claiming("large", tool="look", budget_bytes=40_000, **notes)
    sizes = {}
    for toolset in (small, large):
        name = toolset.aliases[0].name
        said = called(built(tmp_path / name, toolset), name, bed_id="3")
        sizes[name] = len(said["notes"])
    assert sizes["small"] < 8_000
    assert sizes["large"] == 18_000
