"""Asks the user, in either protocol era, before anything is changed."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from fastmcp.exceptions import FastMCPError
from mcp.shared.exceptions import MCPError
from mcp_types import (
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
)

if TYPE_CHECKING:
    from fastmcp import Context

    from sickbay.core.consent import Answer, Policy
    from sickbay.core.results import Missing
    from sickbay.server.client import Client
    from sickbay.server.ledger import Ledger

_log = logging.getLogger(__name__)

ASK_S = 300.0
"""How long a user may think."""

CONSENT, INPUT = "consent", "input"
"""What the two questions are called on the wire."""


class AskClientError(Exception):
    """Leaves the call: the client has to ask, and then call again."""

    def __init__(self, required: InputRequiredResult) -> None:
        super().__init__("input required")
        self.required = required


@dataclass(slots=True)
class Round:
    """What was settled in earlier rounds of the same call; it travels sealed.

    Attributes:
        given: Arguments that the user has added.
        shown: The effect that the user was asked about.
        asked: The question that an answer may belong to.
        nonce: Makes an answer good for one change only.
    """

    given: dict[str, Any] = field(default_factory=dict)
    shown: str | None = None
    asked: str = ""
    nonce: str = ""

    @classmethod
    def of(cls, state: str | None) -> Round:
        """The state that the client has brought back; the seal was checked before."""
        return cls(**json.loads(state)) if state else cls()

    def packed(self) -> str:
        """The state that goes to the client."""
        return json.dumps(asdict(self))


class Asker:
    """Asks the users of clients that can ask.

    Args:
        policy: How consent is given; see ``sickbay.core.consent``.
        ledger: Where it is written down which answers were used.
        wait_s: How long a user may think before the answer counts as none.
    """

    def __init__(
        self, policy: Policy, ledger: Ledger, *, wait_s: float = ASK_S
    ) -> None:
        self.policy = policy
        self.ledger = ledger
        self._wait_s = wait_s

    async def consent(
        self, question: str, context: Context, client: Client, state: Round
    ) -> Answer:
        """Ask whether a change may be made."""
        schema = {
            "type": "object",
            "properties": {"confirm": {"type": "boolean", "title": "Do it"}},
            "required": ["confirm"],
        }
        answer = await self._ask(CONSENT, question, schema, context, client, state)
        if answer is None:
            return "failed"
        if answer.action != "accept":
            return answer.action
        # Only a plain yes is one: some clients accept forms that nobody filled in.
        meant: dict[object, Answer] = {True: "accept", False: "decline"}
        ticked = (answer.content or {}).get("confirm")
        return meant.get(ticked, "failed") if isinstance(ticked, bool) else "failed"

    async def missing(
        self,
        missing: tuple[Missing, ...],
        context: Context,
        client: Client,
        state: Round,
    ) -> ElicitResult | None:
        """Ask for arguments; None when the client failed to ask."""
        properties: dict[str, Any] = {}
        for item in missing:
            properties[item.argument] = {"type": "string", "description": item.why}
            if item.choices:
                properties[item.argument]["enum"] = list(item.choices)
        names = [item.argument for item in missing]
        schema = {"type": "object", "properties": properties, "required": names}
        question = "\n".join(f"{item.argument}: {item.why}" for item in missing)
        return await self._ask(INPUT, question, schema, context, client, state)

    async def _ask(  # noqa: PLR0913, PLR0917 - one question needs all of it
        self,
        key: str,
        question: str,
        schema: dict[str, Any],
        context: Context,
        client: Client,
        state: Round,
    ) -> ElicitResult | None:
        if client.sessionless:
            return self._answered(key, question, schema, context, state)
        try:
            async with asyncio.timeout(self._wait_s):
                return await context.session.elicit(
                    message=question,
                    requested_schema=schema,
                    related_request_id=context.request_id,
                )
        except (TimeoutError, MCPError, FastMCPError, ValueError) as exc:
            _log.warning("the client could not ask its user: %r", exc)
            return None

    @staticmethod
    def _answered(
        key: str,
        question: str,
        schema: dict[str, Any],
        context: Context,
        state: Round,
    ) -> ElicitResult | None:
        """The answer that the client has brought, or leave the call to get it."""
        answer = (context.input_responses or {}).get(key)
        if state.asked == key and isinstance(answer, ElicitResult):
            return answer
        state.asked = key
        state.nonce = state.nonce or secrets.token_hex(8)
        params = ElicitRequestFormParams(message=question, requested_schema=schema)
        asked = ElicitRequest(method="elicitation/create", params=params)
        raise AskClientError(
            InputRequiredResult(
                input_requests={key: asked}, request_state=state.packed()
            )
        )
