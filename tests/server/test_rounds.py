"""What a client without a session carries from one round to the next is sealed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from fastmcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, ElicitResult, InputRequiredResult

from tests.server.stand import served
from tests.server.test_consent import BED, SESSIONLESS, User, built, client, done

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sickbay.server.build import Server

YES = {"consent": ElicitResult(action="accept", content={"confirm": True})}
OTHER = {"bed_id": "4", "reason": "well"}


async def first(
    connected: Client[Any], arguments: Mapping[str, Any] = BED
) -> InputRequiredResult:
    """The question that a call of a change is answered with."""
    answer = await connected.session.call_tool(
        "ward_discharge", dict(arguments), allow_input_required=True
    )
    assert isinstance(answer, InputRequiredResult)
    return answer


async def second(
    connected: Client[Any],
    state: str | None,
    arguments: Mapping[str, Any] = BED,
    answers: Mapping[str, Any] = YES,
    tool: str = "ward_discharge",
) -> str:
    """How the call ends that brings an answer."""
    try:
        answer = await connected.session.call_tool(
            tool,
            dict(arguments),
            input_responses=dict(answers),
            request_state=state,
            allow_input_required=True,
        )
    except MCPError as exc:
        return str(exc)
    if isinstance(answer, CallToolResult):
        return str((answer.structured_content or {})["outcome"])
    return "asked again"


REFUSED = "Invalid or expired requestState"


def test_an_answer_with_its_state_is_consent(tmp_path: Path) -> None:
    async def said() -> str:
        async with client(built(tmp_path).mcp, SESSIONLESS, User()) as connected:
            return await second(connected, (await first(connected)).request_state)

    assert (asyncio.run(said()), done()) == ("ok", ["3"])


@pytest.mark.parametrize("cut", [1, 20, -1])
def test_attack_a_changed_state_is_refused(tmp_path: Path, cut: int) -> None:
    async def said() -> str:
        async with client(built(tmp_path).mcp, SESSIONLESS, User()) as connected:
            state = (await first(connected)).request_state or ""
            other = "A" if state[cut] != "A" else "B"
            return await second(connected, state[:cut] + other + state[cut:][1:])

    assert (asyncio.run(said()), done()) == (REFUSED, [])


def test_attack_a_state_made_up_by_the_client_is_refused(tmp_path: Path) -> None:
    async def said() -> str:
        async with client(built(tmp_path).mcp, SESSIONLESS, User()) as connected:
            return await second(connected, '{"asked": "consent"}')

    assert (asyncio.run(said()), done()) == (REFUSED, [])


def test_attack_an_answer_to_no_question_is_no_consent(tmp_path: Path) -> None:
    async def said() -> str:
        async with client(built(tmp_path).mcp, SESSIONLESS, User()) as connected:
            return await second(connected, None)

    assert (asyncio.run(said()), done()) == ("asked again", [])


def test_attack_consent_given_with_another_answer_is_no_consent(
    tmp_path: Path,
) -> None:
    reason = ElicitResult(action="accept", content={"reason": "well"})
    bed = {"bed_id": "3"}

    async def said() -> str:
        async with client(built(tmp_path).mcp, SESSIONLESS, User()) as connected:
            state = (await first(connected, bed)).request_state
            return await second(connected, state, bed, {"input": reason, **YES})

    assert (asyncio.run(said()), done()) == ("asked again", [])


def test_attack_a_state_with_other_arguments_is_refused(tmp_path: Path) -> None:
    async def said() -> str:
        async with client(built(tmp_path).mcp, SESSIONLESS, User()) as connected:
            return await second(
                connected, (await first(connected)).request_state, OTHER
            )

    assert (asyncio.run(said()), done()) == (REFUSED, [])


def test_attack_a_state_of_another_tool_is_refused(tmp_path: Path) -> None:
    async def said() -> str:
        async with client(built(tmp_path).mcp, SESSIONLESS, User()) as connected:
            state = (await first(connected)).request_state
            return await second(connected, state, {"bed_id": "3"}, tool="ward_move")

    assert (asyncio.run(said()), done()) == (REFUSED, [])


def test_attack_an_answer_used_twice_changes_nothing(tmp_path: Path) -> None:
    async def said() -> tuple[str, list[str], str]:
        async with client(built(tmp_path).mcp, SESSIONLESS, User()) as connected:
            state = (await first(connected)).request_state
            once = await second(connected, state)
            did = done()
            return once, did, await second(connected, state)

    once, did, twice = asyncio.run(said())
    assert (once, did) == ("ok", ["3"])
    assert (twice, done()) == ("confirmation_required", [])


def both(one: Server, other: Server) -> str:
    """The question of one server, answered to another."""

    async def said() -> str:
        async with client(one.mcp, SESSIONLESS, User()) as connected:
            state = (await first(connected)).request_state
        async with client(other.mcp, SESSIONLESS, User()) as connected:
            return await second(connected, state)

    return asyncio.run(said())


def test_a_question_outlives_a_restart(tmp_path: Path) -> None:
    assert both(built(tmp_path), built(tmp_path)) == "ok"
    assert done() == ["3"]


def test_attack_a_question_of_another_server_is_refused(tmp_path: Path) -> None:
    assert both(built(tmp_path / "one"), built(tmp_path / "other")) == REFUSED
    assert done() == []


def test_attack_an_answer_used_before_a_restart_changes_nothing(
    tmp_path: Path,
) -> None:
    async def said() -> str:
        async with client(built(tmp_path).mcp, SESSIONLESS, User()) as connected:
            state = (await first(connected)).request_state
            assert await second(connected, state) == "ok"
        async with client(built(tmp_path).mcp, SESSIONLESS, User()) as connected:
            return await second(connected, state)

    assert (asyncio.run(said()), done()) == ("confirmation_required", [])


def test_attack_a_state_of_somebody_else_is_refused(tmp_path: Path) -> None:
    alice, bob = "alice-" + "x" * 30, "bob-" + "y" * 30
    tokens = tmp_path / "tokens.toml"
    tokens.write_text(
        f'[alice]\nscope = "write"\ntoken = "{alice}"\n'
        f'[bob]\nscope = "write"\ntoken = "{bob}"\n'
    )
    tokens.chmod(0o600)
    server = built(tmp_path)

    async def said(url: str) -> list[str]:
        async with Client(
            f"{url}/mcp", auth=alice, elicitation_handler=User().reply
        ) as connected:
            state = (await first(connected)).request_state
            async with Client(
                f"{url}/mcp", auth=bob, elicitation_handler=User().reply
            ) as other:
                theirs = await second(other, state)
            return [theirs, *done(), await second(connected, state)]

    with served(server.mcp, toolsets=frozenset({"ward"}), tokens=tokens) as url:
        assert asyncio.run(said(url)) == [REFUSED, "ok"]
    assert done() == ["3"]


def test_a_client_that_cannot_ask_never_has_to(tmp_path: Path) -> None:
    async def said() -> list[str]:
        async with client(built(tmp_path).mcp, SESSIONLESS, None) as connected:
            calls: list[dict[str, Any]] = [
                BED,
                {"bed_id": 3},
                {**BED, "confirm": False},
            ]
            return [await second(connected, None, call, {}) for call in calls]

    assert asyncio.run(said()) == [
        "confirmation_required",
        "needs_input",
        "confirmation_required",
    ]
