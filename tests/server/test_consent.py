"""Who is asked before a change, in either era, and what an answer does."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from fastmcp import Client
from fastmcp.client.elicitation import ElicitResult
from mcp.shared.exceptions import MCPError

from sickbay.server.build import build_server
from sickbay.server.consent import Asker
from sickbay.server.ledger import Ledger
from tests.server import ward
from tests.server.stand import served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sickbay.server.build import Server

POLICIES = ("auto", "elicit", "param", "deny")
CONFIRM: tuple[dict[str, bool], ...] = ({}, {"confirm": False}, {"confirm": True})
ANSWERS = ("accept", "unticked", "empty", "decline", "cancel", "failure")
HANDSHAKE, SESSIONLESS = "legacy", "auto"
ERAS = (HANDSHAKE, SESSIONLESS)
TRANSPORTS = ("memory", "http")
BED: dict[str, Any] = {"bed_id": "3", "reason": "well"}


@dataclass
class User:
    """Answers whatever the client asks, always in the same way."""

    answer: str = "accept"
    asked: int = 0
    questions: tuple[str, ...] = ()
    on_question: Callable[[], object] = lambda: None
    thinks: asyncio.Event = field(default_factory=asyncio.Event)

    async def reply(self, message: str, *_rest: object) -> ElicitResult[Any]:
        self.asked += 1
        self.questions += (message,)
        self.on_question()
        if self.answer == "failure":
            raise RuntimeError("the dialog is broken")
        if self.answer == "silence":
            self.thinks.set()
            await asyncio.Event().wait()
        if self.answer in {"decline", "cancel"}:
            return ElicitResult(action=self.answer)  # type: ignore[arg-type] # one of the two
        ticked = {"accept": {"confirm": True}, "unticked": {"confirm": False}}
        return ElicitResult(action="accept", content=ticked.get(self.answer, {}))


def built(folder: Path, policy: str = "auto", *, write: bool = True) -> Server:
    ward.fresh()
    return build_server(
        {
            "toolsets": "ward",
            "write": write,
            "consent": policy,
            "cache": folder / "cache",
            "state": folder / "state",
        },
        more=(ward.TOOLSET,),
    )


def reached(server: Server, transport: str) -> AbstractContextManager[Any]:
    """What a client connects to."""
    if transport == "memory":
        return nullcontext(server.mcp)
    return served(server.mcp, toolsets=frozenset({"ward"}))


@asynccontextmanager
async def client(
    where: Any,  # noqa: ANN401 - a server or an address
    era: str,
    user: User | None,
) -> AsyncIterator[Client[Any]]:
    target = f"{where}/mcp" if isinstance(where, str) else where
    handler = user.reply if user else None
    async with Client(target, mode=era, elicitation_handler=handler) as connected:
        yield connected


async def told(
    connected: Client[Any], tool: str, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    try:
        answer = await connected.call_tool_mcp(tool, dict(arguments))
    except (MCPError, RuntimeError) as exc:
        return {"outcome": "left", "error": {"message": str(exc)}}
    return dict(answer.structured_content or {})


def done() -> list[str]:
    """What was done to the ward since it was looked at last."""
    found = list(ward.now().done)
    ward.now().done.clear()
    ward.now().beds.update({"3": "patient 3"})
    return found


def wanted(
    policy: str, era: str, confirm: Mapping[str, bool], answer: str | None
) -> tuple[str, int, bool]:
    """Outcome, number of questions, and whether the change was made."""
    if policy == "deny":
        return "error", 0, False
    if answer is not None and policy != "param":
        outcome = {
            "accept": "ok",
            "unticked": "declined",
            "empty": "confirmation_required",
            "decline": "declined",
            "cancel": "cancelled",
            # without a session the client is left with its own failure
            "failure": "confirmation_required" if era == HANDSHAKE else "left",
        }[answer]
        return outcome, 1, answer == "accept"
    agreed = confirm.get("confirm", False) and policy != "elicit"
    return ("ok", 0, True) if agreed else ("confirmation_required", 0, False)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_nothing_is_done_without_consent(
    tmp_path: Path, transport: str, era: str, policy: str
) -> None:
    cells = list(product(CONFIRM, (None, *ANSWERS)))

    async def seen(where: Any, cell: tuple[Any, Any]) -> tuple[str, int, bool]:  # noqa: ANN401 - see client
        confirm, answer = cell
        user = User(answer) if answer else None
        async with client(where, era, user) as connected:
            said = await told(connected, "ward_discharge", {**BED, **confirm})
        return said["outcome"], user.asked if user else 0, done() == ["3"]

    async def all_seen(where: Any) -> list[tuple[str, int, bool]]:  # noqa: ANN401 - see client
        return [await seen(where, cell) for cell in cells]

    with reached(built(tmp_path, policy), transport) as where:
        found = asyncio.run(all_seen(where))
    expected = [wanted(policy, era, *cell) for cell in cells]
    assert dict(enumerate(found)) == dict(enumerate(expected)), cells


def alone(server: Server, era: str, user: User | None, *calls: Any) -> list[Any]:  # noqa: ANN401 - see told
    """What one client in memory is told, call by call."""

    async def said() -> list[Any]:
        async with client(server.mcp, era, user) as connected:
            return [await told(connected, *call) for call in calls]

    return asyncio.run(said())


@pytest.mark.parametrize("era", ERAS)
def test_a_plan_that_changes_after_the_answer_is_shown_again(
    tmp_path: Path, era: str
) -> None:
    server, user = built(tmp_path), User()
    ward.now().drift = True
    [said] = alone(server, era, user, ("ward_discharge", BED))
    assert said["outcome"] == "confirmation_required"
    assert "has changed" in said["message"]
    assert (user.asked, done()) == (1, [])


def test_a_plan_that_changes_after_it_was_described_is_described_again(
    tmp_path: Path,
) -> None:
    server = built(tmp_path)
    ward.now().drift = True
    [first] = alone(server, HANDSHAKE, None, ("ward_discharge", BED))
    again = first["confirm_with"]["arguments"]
    [second] = alone(server, HANDSHAKE, None, ("ward_discharge", again))
    assert second["outcome"] == "confirmation_required"
    assert "has changed" in second["message"]
    assert done() == []


def test_a_call_too_long_to_be_repeated_is_not_made_with_less(tmp_path: Path) -> None:
    server = built(tmp_path)
    note = {"note": "n" * 9_000}
    [first] = alone(server, HANDSHAKE, None, ("ward_scrub", note))
    again = first["confirm_with"]["arguments"]
    assert len(again["note"]) < 9_000
    short, whole = again, {**again, **note}
    said = alone(server, HANDSHAKE, None, ("ward_scrub", short), ("ward_scrub", whole))
    assert [one["outcome"] for one in said] == ["confirmation_required", "started"]


@pytest.mark.parametrize("era", ERAS)
def test_the_effect_of_another_call_is_no_consent(tmp_path: Path, era: str) -> None:
    server = built(tmp_path)
    other = {"bed_id": "4", "reason": "well"}
    [first] = alone(server, era, None, ("ward_discharge", other))
    stolen = {**BED, "confirm": True, "effect_id": "0" * 16}
    mixed = {**first["confirm_with"]["arguments"], "bed_id": "3"}
    calls = [("ward_discharge", stolen), ("ward_discharge", mixed)]
    said = alone(server, era, None, *calls)
    assert [one["outcome"] for one in said] == ["confirmation_required"] * 2
    assert done() == []


@pytest.mark.parametrize("era", ERAS)
def test_the_user_is_asked_for_what_is_missing_and_then_for_consent(
    tmp_path: Path, era: str
) -> None:
    questions: list[str] = []

    async def reply(message: str, _type: object, params: Any, *_: object) -> Any:  # noqa: ANN401 - fastmcp's
        questions.append(message)
        asked = params.requested_schema["properties"]
        return {"reason": "well"} if "reason" in asked else {"confirm": True}

    async def said() -> dict[str, Any]:
        server = built(tmp_path)
        async with Client(server.mcp, mode=era, elicitation_handler=reply) as connected:
            return await told(connected, "ward_discharge", {"bed_id": 3})

    answer = asyncio.run(said())
    assert (answer["outcome"], answer["reason"]) == ("ok", "well")
    assert "reason" in questions[0]
    assert "reason: well" in questions[1]
    assert done() == ["3"]


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("answer", "outcome"), [("decline", "declined"), ("cancel", "cancelled")]
)
def test_a_user_who_does_not_say_what_is_missing_changes_nothing(
    tmp_path: Path, era: str, answer: str, outcome: str
) -> None:
    user = User(answer)
    [said] = alone(built(tmp_path), era, user, ("ward_discharge", {"bed_id": 3}))
    assert (said["outcome"], user.asked, done()) == (outcome, 1, [])


@pytest.mark.parametrize("era", ERAS)
def test_a_form_that_comes_back_empty_says_nothing(tmp_path: Path, era: str) -> None:
    user = User("empty")
    [said] = alone(built(tmp_path), era, user, ("ward_discharge", {"bed_id": 3}))
    assert (said["outcome"], user.asked, done()) == ("needs_input", 1, [])


@pytest.mark.parametrize("era", ERAS)
def test_a_change_that_was_made_meanwhile_is_not_made_twice(
    tmp_path: Path, era: str
) -> None:
    server = built(tmp_path)
    user = User(on_question=lambda: ward.now().beds.pop("3"))
    [said] = alone(server, era, user, ("ward_discharge", BED))
    assert (said["outcome"], user.asked, done()) == ("already_done", 1, [])


def test_a_change_that_tells_nothing_of_itself_is_a_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mute = replace(ward.discharge, function=_mute)
    monkeypatch.setattr(ward, "TOOLS", (mute,))
    call = ("ward_discharge", {**BED, "confirm": True})
    [said] = alone(built(tmp_path), HANDSHAKE, None, call)
    assert said["error"]["kind"] == "internal"


def _mute(_ward: object, _call: object, _effect: object) -> ward.Discharge:
    """Say nothing. Gives beds_left."""
    return None  # type: ignore[return-value] # that is what is wrong


@pytest.mark.parametrize("era", ERAS)
def test_a_client_that_cannot_ask_is_told_what_is_missing(
    tmp_path: Path, era: str
) -> None:
    call = ("ward_discharge", {"bed_id": 3, "confirm": True})
    [said] = alone(built(tmp_path), era, None, call)
    assert said["outcome"] == "needs_input"
    assert [item["argument"] for item in said["missing"]] == ["reason"]
    assert said["missing"][0]["choices"] == ["well"]
    assert done() == []


def test_a_user_who_says_nothing_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    server, user = built(tmp_path), User("silence")
    server.house.asker = Asker("auto", Ledger(tmp_path), wait_s=0.05)
    [said] = alone(
        server, HANDSHAKE, user, ("ward_discharge", {**BED, "confirm": True})
    )
    assert said["outcome"] == "confirmation_required"
    assert (user.asked, done()) == (1, [])


@pytest.mark.parametrize("era", ERAS)
def test_who_gave_no_consent_may_still_be_asked_again(tmp_path: Path, era: str) -> None:
    user = User("decline")
    calls = [("ward_discharge", BED)] * 2
    said = alone(built(tmp_path), era, user, *calls)
    assert [one["outcome"] for one in said] == ["declined"] * 2
    assert (user.asked, done()) == (2, [])


def records(server: Server) -> list[dict[str, Any]]:
    text = (server.settings.state / "audit.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("era", ERAS)
def test_a_change_is_recorded_before_it_is_made(tmp_path: Path, era: str) -> None:
    server = built(tmp_path)
    seen: list[list[str]] = []
    ward.now().on_change = lambda: seen.append([r["outcome"] for r in records(server)])
    alone(server, era, User(), ("ward_discharge", BED))
    assert seen[0][-1] == "started"
    last = records(server)[-1]
    assert (last["outcome"], last["target"]) == ("ok", "bed 3")


@pytest.mark.parametrize("era", ERAS)
def test_no_change_is_made_that_cannot_be_recorded(tmp_path: Path, era: str) -> None:
    server = built(tmp_path)
    (tmp_path / "state" / "audit.jsonl").mkdir(parents=True)
    change = ("ward_discharge", BED)
    look = ("ward_look", {"bed_id": 3})
    refused, seen = alone(server, era, User(), change, look)
    assert refused["error"]["kind"] == "unavailable"
    assert "audit log cannot be written" in refused["error"]["message"]
    assert (seen["outcome"], done()) == ("ok", [])


def test_a_server_that_only_reads_has_no_tools_that_write(tmp_path: Path) -> None:
    server = built(tmp_path, write=False)
    call = ("ward_discharge", {**BED, "confirm": True})
    [said] = alone(server, SESSIONLESS, User(), call)
    assert "ward_discharge" not in server.tools
    assert said["error"]["kind"] == "not_found"
    assert done() == []


def test_a_call_that_is_given_up_while_the_user_thinks_changes_nothing(
    tmp_path: Path,
) -> None:
    server, user = built(tmp_path), User("silence")

    async def given_up() -> None:
        async with client(server.mcp, HANDSHAKE, user) as connected:
            calling = asyncio.ensure_future(told(connected, "ward_discharge", BED))
            await user.thinks.wait()
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)

    asyncio.run(given_up())
    assert [r["outcome"] for r in records(server)] == ["cancelled"]
    assert done() == []
