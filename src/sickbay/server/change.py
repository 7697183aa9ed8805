"""A change: planned, asked for, planned again, recorded, and only then made."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from sickbay.core import consent, results
from sickbay.core.consent import NeedsInput, effect_id
from sickbay.core.errors import Denied, Unsure
from sickbay.core.results import Effect, NextCall
from sickbay.server.arguments import Argument
from sickbay.server.consent import Round

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastmcp import Context

    from sickbay.core.tool import Tool
    from sickbay.server.arguments import Arguments
    from sickbay.server.call import RunningCall
    from sickbay.server.house import House, Record

EXTRA = (
    Argument(
        "confirm", bool, default=False, description="true only once the user agreed"
    ),
    Argument(
        "effect_id", str | None, default=None, description="from confirm_with, if given"
    ),
)
"""Arguments that every write tool has besides its own."""

_CHANGED = (
    "What it would do has changed since it was shown. Nothing was done. "
    "Ask the user about this, and only if they agree, make the call in confirm_with."
)
_UNASKED = (
    "The client could not ask. Ask the user yourself; the operator can allow "
    "confirm=true with SICKBAY_CONSENT=param."
)
_USED = "That answer was used before. Nothing was done."
_UNKNOWN = (
    "It took longer than {:g} s: nobody knows whether it was done. "
    "Look at the target before calling again."
)
_ELICIT_ONLY = "This server takes consent only from a client that asks its user."


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One call of a write tool, and what it needs."""

    tool: Tool
    name: str
    kind: type[results.Result]
    arguments: Arguments
    house: House
    source: Any
    call: RunningCall
    context: Context | None
    record: Record
    answered: dict[str, Any] = field(default_factory=dict)
    """Arguments that the user was asked for."""

    async def made(self, given: Mapping[str, Any]) -> results.Result:
        """Plan, get consent, plan again, and apply.

        Raises:
            Denied: The policy allows no changes.
            AskClientError: The client has to ask, and call again.
        """
        packed = self.context.request_state if self.context else None
        return await self._settled(given, Round.of(packed))

    async def _settled(self, given: Mapping[str, Any], state: Round) -> results.Result:
        self.answered.update(state.given)
        arguments = self.arguments.validated({**given, **state.given})
        own, confirmed, seen = _parted(arguments)
        policy = self.house.asker.policy
        step = consent.next_step(policy, can_ask=self._can_ask, confirmed=confirmed)
        if step == "refuse":
            raise Denied(
                f"{self.name} would change something; this server allows no changes",
                hint="the operator decides that with SICKBAY_CONSENT",
            )
        try:
            plan = await self._plan(own)
        except NeedsInput as need:
            return await self._completed(need, given, state)
        if not isinstance(plan, Effect):
            return plan
        if step == "describe":
            why = _ELICIT_ONLY if policy == "elicit" else ""
            return self._described(plan, own, why)
        if step == "ask":
            return await self._asked(plan, own, state)
        if seen is not None and seen != effect_id(plan, own):
            return self._described(plan, own, _CHANGED)
        return await self._applied(plan, own)

    @property
    def _can_ask(self) -> bool:
        return self.record.client.can_ask and self.context is not None

    async def _asked(
        self, plan: Effect, own: Mapping[str, Any], state: Round
    ) -> results.Result:
        assert self.context is not None  # noqa: S101 - see _can_ask
        shown, state.shown = state.shown, effect_id(plan, own)
        if shown is not None and shown != state.shown:
            return self._described(plan, own, _CHANGED)
        asker = self.house.asker
        answer = await asker.consent(
            consent.question(plan), self.context, self.record.client, state
        )
        outcome = consent.outcome_of(answer)
        if outcome == "confirmation_required":
            return self._described(plan, own, _UNASKED)
        if outcome is not None:
            return self._result(plan, outcome=outcome, message="Nothing was done.")
        if state.nonce and not asker.ledger.use(state.nonce):
            return self._described(plan, own, _USED)
        return await self._applied(plan, own)

    async def _completed(
        self, need: NeedsInput, given: Mapping[str, Any], state: Round
    ) -> results.Result:
        """Ask for what is missing if the client can, else say what it is."""
        asker = self.house.asker
        if self._can_ask and asker.policy != "param":
            assert self.context is not None  # noqa: S101 - see _can_ask
            answer = await asker.missing(
                need.missing, self.context, self.record.client, state
            )
            if answer is not None and answer.action != "accept":
                outcome = consent.outcome_of(answer.action)
                return self._result(None, outcome=outcome, missing=need.missing)
            if answer is not None and answer.content:
                asked = {item.argument for item in need.missing}
                added = {
                    key: answer.content[key] for key in asked & set(answer.content)
                }
                if added.keys() - state.given.keys():
                    state.given.update(added)
                    return await self._settled(given, state)
        names = ", ".join(item.argument for item in need.missing)
        return self._result(
            None,
            outcome="needs_input",
            missing=need.missing,
            message=f"Ask the user for {names}, then call again.",
        )

    async def _applied(self, shown: Effect, own: Mapping[str, Any]) -> results.Result:
        plan = await self._plan(own)
        if not isinstance(plan, Effect):
            return plan
        if plan != shown:
            return self._described(plan, own, _CHANGED)
        self.record.target = plan.target
        begun = replace(self.record, outcome="started")
        self.house.recorded(begun, durable=True)
        done = partial(self.tool.function, self.source, self.call, plan)
        try:
            result = await self._timed(done, self.tool.function)
        except TimeoutError:
            why = _UNKNOWN.format(self.tool.timeout_s)
            return self._result(plan, outcome="unknown", message=why)
        except Unsure as exc:
            return self._result(plan, outcome="unknown", message=str(exc))
        if not isinstance(result, results.Change):
            raise TypeError(f"returned {type(result).__name__}, no Change")
        return replace(
            result,
            target=result.target or plan.target,
            action=result.action or plan.action,
        )

    async def _plan(self, own: Mapping[str, Any]) -> Effect | results.Result:
        assert self.tool.plan is not None  # noqa: S101 - only write tools come here
        done = partial(self.tool.plan, self.source, self.call, **own)
        return cast("Effect | results.Result", await self._timed(done, self.tool.plan))

    async def _timed(
        self, done: Callable[[], Any], function: Callable[..., Any]
    ) -> Any:  # noqa: ANN401 - whatever it returns
        async with asyncio.timeout(self.tool.timeout_s):
            if inspect.iscoroutinefunction(function):
                return await done()
            return await self.call.thread(done)

    def _described(
        self, plan: Effect, own: Mapping[str, Any], why: str
    ) -> results.Result:
        secret = self.arguments.secret
        given = {key: own[key] for key in own if own[key] is not None}
        said = {key: given[key] for key in given if key not in secret}
        again = {**said, "confirm": True, "effect_id": effect_id(plan, own)}
        if unsaid := ", ".join(key for key in given if key in secret):
            why = f"{why or consent.ASK_FIRST} Add {unsaid}, which is secret."
        return self._result(
            plan,
            outcome="confirmation_required",
            message=consent.description(plan, why),
            confirm_with=NextCall(tool=self.name, arguments=again),
        )

    def _result(self, plan: Effect | None, **how: Any) -> results.Result:  # noqa: ANN401 - fields
        if plan is not None:
            effect = {
                "target": plan.target,
                "action": plan.action,
                "consequences": plan.consequences,
            }
            how = {**effect, **how}
        return self.kind(**how)


def _parted(
    arguments: Mapping[str, Any],
) -> tuple[dict[str, Any], bool, str | None]:
    """The tool's own arguments, and the two of consent."""
    own = dict(arguments)
    confirmed = bool(own.pop("confirm", False))
    seen = own.pop("effect_id", None)
    return own, confirmed, seen
