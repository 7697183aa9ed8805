from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from anyio import CapacityLimiter
from fastmcp import Client
from mcp_types import Implementation

from sickbay.core.errors import Denied
from sickbay.core.results import Effect, Listing, Result
from sickbay.core.tool import Call, Tool, tool
from sickbay.server.build import build_server
from sickbay.server.call import GivenUpError, RunningCall
from sickbay.server.client import NAME
from tests.server import ward

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from sickbay.server.build import Server

ERAS = ("legacy", "auto")


@pytest.fixture
def server(tmp_path: Path) -> Server:
    ward.fresh()
    return built(tmp_path)


def built(folder: Path, **given: Any) -> Server:  # noqa: ANN401 - settings
    places = {"cache": folder / "cache", "state": folder / "state"}
    return build_server({"toolsets": "ward", **places, **given}, more=(ward.TOOLSET,))


def within(
    server: Server,
    work: Callable[[Client[Any]], Awaitable[Any]],
    era: str = "auto",
    **how: Any,  # noqa: ANN401 - those of Client
) -> Any:  # noqa: ANN401 - whatever the work gives
    async def run() -> Any:  # noqa: ANN401 - see above
        async with Client(server.mcp, mode=era, **how) as client:
            return await work(client)

    return asyncio.run(run())


def called(server: Server, name: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    async def work(client: Client[Any]) -> dict[str, Any]:
        answer = await client.call_tool_mcp(name, given)
        return dict(answer.structured_content or {})

    found: dict[str, Any] = within(server, work)
    return found


def records(server: Server) -> list[dict[str, Any]]:
    text = (server.settings.state / "audit.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_a_tool_that_takes_too_long_is_ended_thread_and_all(server: Server) -> None:
    said = called(server, "ward_snore")
    assert said["error"]["kind"] == "timed_out"
    assert said["error"]["retryable"]
    assert "ward_snore took longer than 0.2 s" in said["error"]["message"]
    assert ward.now().left.wait(5)


@pytest.mark.parametrize("name", ["ward_wait", "ward_snore"])
@pytest.mark.parametrize("era", ERAS)
def test_a_call_that_is_cancelled_leaves_nothing_behind(
    tmp_path: Path, era: str, name: str
) -> None:
    ward.fresh()
    server = built(tmp_path)

    async def work(client: Client[Any]) -> None:
        await server.house.sources.of("ward")
        before = asyncio.all_tasks()
        calling = asyncio.create_task(client.call_tool_mcp(name, {}))
        await asyncio.to_thread(ward.now().entered.wait, 5)
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)
        assert await asyncio.to_thread(ward.now().left.wait, 5)
        for _ in range(500):
            if asyncio.all_tasks() <= before:
                break
            await asyncio.sleep(0.01)
        assert asyncio.all_tasks() <= before

    within(server, work, era)
    [record] = records(server)
    assert record["outcome"] == "cancelled" or record["error"] == "timed_out"


def test_a_bug_is_logged_with_its_number_and_shown_without_details(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    said = called(server, "ward_fall")
    [record] = records(server)
    assert (said["outcome"], said["error"]["kind"]) == ("error", "internal")
    assert record["call_id"] in said["error"]["message"]
    assert (record["outcome"], record["error"]) == ("error", "internal")
    assert ward.CANARY not in json.dumps(said)
    [logged] = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert record["call_id"] in logged.getMessage()
    assert logged.exc_info


def test_an_error_says_whether_to_try_again_and_what_to_do(server: Server) -> None:
    assert called(server, "ward_fall", how="outage")["error"] == {
        "kind": "unavailable",
        "message": "the ward does not answer",
        "retryable": True,
        "hint": "call the porter",
    }


def test_attack_a_secret_in_an_error_is_not_shown(server: Server) -> None:
    said = called(server, "ward_fall", how="secret")
    assert said["error"]["message"] == "no bed for [redacted] and [redacted]"


def test_attack_what_strangers_wrote_is_marked_and_made_visible(
    server: Server,
) -> None:
    said = called(server, "ward_beds", limit=1)
    assert said["beds"] == ["1: patient 1 ward"]
    assert said["untrusted"] == ["beds"]


@pytest.mark.parametrize("era", ERAS)
def test_the_user_hears_what_happens_in_order(server: Server, era: str) -> None:
    steps: list[tuple[float, float | None]] = []
    said: list[str] = []

    async def moved(progress: float, total: float | None, message: str | None) -> None:
        assert message is None
        steps.append((progress, total))

    async def heard(message: Any) -> None:  # noqa: ANN401 - fastmcp's
        said.append(message.data["msg"])

    async def work(client: Client[Any]) -> Any:  # noqa: ANN401 - an answer
        await client.call_tool_mcp("ward_beds", {}, progress_handler=moved)
        return await client.call_tool_mcp("ward_look", {"bed_id": 1})

    within(server, work, era, log_handler=heard)
    assert steps == sorted(steps)
    assert list(steps[-1]) == [600, 600]
    assert said == ["looking with [redacted]"]


class Deaf:
    """A way to a client that takes nothing."""

    async def info(self, _message: str) -> None:
        raise BrokenPipeError

    async def report_progress(self, *_step: object) -> None:
        raise BrokenPipeError


def test_a_client_that_does_not_listen_fails_no_tool() -> None:
    async def run() -> str:
        call = RunningCall(Deaf(), CapacityLimiter(1))  # type: ignore[arg-type] # a context
        call.say("hello")
        call.progress(1, 2)
        found: str = await call.thread(str.upper, "done")
        await call.finish()
        return found

    assert asyncio.run(run()) == "DONE"


def test_progress_never_goes_back() -> None:
    class Ear(Deaf):
        heard: list[object] = []  # noqa: RUF012 - one for the test

        async def report_progress(self, *step: object) -> None:
            self.heard.append(step)

    async def run() -> None:
        call = RunningCall(Ear(), CapacityLimiter(1))  # type: ignore[arg-type] # a context
        call.progress(5, 9)
        call.progress(3, 9)
        await call.finish()

    asyncio.run(run())
    assert Ear.heard == [(5, 9)]


def test_a_thread_learns_that_nobody_waits() -> None:
    async def run() -> None:
        call = RunningCall(None, CapacityLimiter(1))
        call.check()
        call.abandon()
        with pytest.raises(GivenUpError):
            call.check()

    asyncio.run(run())


def test_the_audit_log_says_who_called_what_and_how_it_went(server: Server) -> None:
    called(server, "ward_look", bed_id=3, pin="4711-pin", mode="x" * 500)
    [record] = records(server)
    assert record["arguments"]["bed_id"] == 3
    assert record["arguments"]["pin"] == "[secret]"
    assert len(record["arguments"]["mode"]) == 201
    assert (record["tool"], record["error"]) == ("ward_look", "bad_request")
    assert record["client"] == "mcp"
    assert record["duration_ms"] > 0


def test_attack_a_client_with_an_endless_name_fills_no_record(server: Server) -> None:
    async def run() -> None:
        information = Implementation(name="n" * 50_000, version="1")
        async with Client(server.mcp, client_info=information) as client:
            await client.call_tool("ward_look", {"bed_id": "3"})

    asyncio.run(run())
    [record] = records(server)
    assert record["client"] == "n" * NAME


def test_attack_a_secret_under_a_wrong_name_is_not_recorded(server: Server) -> None:
    called(server, "ward_look", bed_id=3, pni="4711-pin")
    assert records(server)[0]["arguments"]["pni"] == "[secret]"


def test_an_answer_too_large_to_give_at_once_can_be_read_back(server: Server) -> None:
    async def work(client: Client[Any]) -> tuple[dict[str, Any], str]:
        answer = await client.call_tool_mcp("ward_look", {"bed_id": 7, "mode": "long"})
        document = dict(answer.structured_content or {})
        [link] = [block for block in answer.content if block.type == "resource_link"]
        text, uri = "", str(link.uri)
        while uri:
            part, note = (c.text for c in await client.read_resource(uri))  # type: ignore[union-attr] # texts
            text += part
            more = note.removeprefix("[go on with ").removesuffix("]")
            uri = f"{str(link.uri).split('?')[0]}{more}" if "?" in more else ""
        return document, text

    document, text = within(server, work)
    whole = json.loads(text)
    assert document["whole"].startswith("log:")
    assert "more characters" in document["patient"]
    assert whole["patient"] == "patient 7" * 5_000
    assert whole.keys() == document.keys()


def test_pictures_are_blocks_of_their_own(server: Server) -> None:
    async def work(client: Client[Any]) -> Any:  # noqa: ANN401 - an answer
        return await client.call_tool_mcp("ward_look", {"bed_id": 1, "picture": True})

    answer = within(server, work)
    [block] = [block for block in answer.content if block.type == "image"]
    assert block.data == "iVBORw=="
    assert answer.structured_content["images"] == [
        {"title": "bed", "mime_type": "image/png"}
    ]


def test_tools_call_tools_that_read_and_no_others(tmp_path: Path) -> None:
    ward.fresh()
    server = built(tmp_path, write=True)

    async def work(_client: Client[Any]) -> tuple[Any, Any]:
        wiring: Any = server.house.sources
        seen = await wiring.tools.call("ward_look", {"bed_id": 2})
        bad = await wiring.tools.call("ward_look", {"bed_id": "none"})
        with pytest.raises(Denied, match="changes something"):
            await wiring.tools.call("ward_move", {"bed_id": 2, "confirm": True})
        return seen, bad

    seen, bad = within(server, work)
    assert (seen["patient"], bad["error"]["kind"]) == ("patient 2", "not_found")
    assert ward.now().done == []


@dataclass(frozen=True, kw_only=True)
class Thing(Result):
    thing: str = ""


@dataclass(frozen=True, kw_only=True)
class Bare(Result):
    thing: str


@dataclass(frozen=True, kw_only=True)
class Anonymous(Result):
    id: str = ""


@dataclass(frozen=True, kw_only=True)
class Things(Listing):
    things: tuple[str, ...] = ()


def _plan(_source: Any, _call: Call) -> Effect:  # noqa: ANN401 - any
    return Effect(target="", action="")


def undocumented(_source: Any, _call: Call) -> Thing:  # noqa: ANN401 - any
    return Thing()


def vague(_source: Any, _call: Call) -> str:  # noqa: ANN401 - any
    """Give a text."""
    return ""


def thing(_source: Any, _call: Call, *, name: Annotated[str, "which"] = "") -> Thing:  # noqa: ANN401 - any
    """Give a thing."""
    return Thing(thing=name)


def bare(_source: Any, _call: Call) -> Bare:  # noqa: ANN401 - any
    """Give a thing."""
    return Bare(thing="")


def anonymous(_source: Any, _call: Call) -> Anonymous:  # noqa: ANN401 - any
    """Give an id."""
    return Anonymous()


def doubled(_source: Any, _call: Call, *, thing: Annotated[str, "which"]) -> Thing:  # noqa: ANN401 - any
    """Give a thing."""
    return Thing(thing=thing)


def wrong(_source: Any, _call: Call) -> Thing:  # noqa: ANN401 - any
    """Give a thing, it says."""
    return Things()  # type: ignore[return-value] # that is what is wrong


GOOD = tool()(thing)


@pytest.mark.parametrize(
    ("tools", "says"),
    [
        pytest.param([tool()(undocumented)], "has no docstring", id="no-docstring"),
        pytest.param([tool()(vague)], "returns no Result", id="no-result"),
        pytest.param([tool()(bare)], "thing: no default", id="no-default"),
        pytest.param([tool()(anonymous)], "say whose id it is", id="bare-id"),
        pytest.param([tool()(doubled)], "is argument and result", id="same-name"),
        pytest.param([tool(budget_bytes=40_001)(thing)], "budget above", id="budget"),
        pytest.param([tool(items="thing")(thing)], "need a Listing", id="no-listing"),
        pytest.param([tool(plan=_plan)(thing)], "returns a Change", id="no-change"),
        pytest.param([GOOD, GOOD], "two tools are called ward_thing", id="same-tool"),
    ],
)
def test_a_tool_that_breaks_a_rule_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tools: list[Tool], says: str
) -> None:
    monkeypatch.setattr(ward, "TOOLS", tuple(tools))
    bare_ward = replace(ward.TOOLSET, aliases=())
    with pytest.raises(TypeError, match=says):
        build_server(
            {"toolsets": "ward", "write": True, "state": tmp_path, "cache": tmp_path},
            more=(bare_ward,),
        )


def test_a_result_of_another_type_is_a_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ward, "TOOLS", (tool()(wrong),))
    assert called(built(tmp_path), "ward_wrong")["error"]["kind"] == "internal"
