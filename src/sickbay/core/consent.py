"""When a change may be made: who has to be asked, and what an answer means.

The order is: a client that can ask its user is asked, and its "no" is final; else
``confirm=true`` says that the user agreed; else the change is only described.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sickbay.core.results import Effect, Missing, Outcome

Policy = Literal["auto", "elicit", "param", "deny"]
Step = Literal["ask", "apply", "describe", "refuse"]
Answer = Literal["accept", "decline", "cancel", "failed"]

POLICIES: dict[Policy, str] = {
    "auto": "ask through the client where it can, else take confirm=true",
    "elicit": "ask through the client only; confirm=true is not enough",
    "param": "never ask; take confirm=true",
    "deny": "no changes at all",
}

ASK_FIRST = "Ask the user first. Only if they agree, make the call in confirm_with."


class NeedsInput(Exception):  # noqa: N818 - not an error: a question
    """A plan lacks arguments that the user has to give."""

    def __init__(self, *missing: Missing) -> None:
        super().__init__(", ".join(item.argument for item in missing))
        self.missing = missing


def next_step(policy: Policy, *, can_ask: bool, confirmed: bool) -> Step:
    """What to do with a planned change."""
    if policy == "deny":
        return "refuse"
    if can_ask and policy != "param":
        return "ask"
    if confirmed and policy != "elicit":
        return "apply"
    return "describe"


def outcome_of(answer: Answer) -> Outcome | None:
    """How a call ends after an answer; None where the change may be made."""
    outcomes: dict[Answer, Outcome | None] = {
        "accept": None,
        "decline": "declined",
        "cancel": "cancelled",
        "failed": "confirmation_required",
    }
    return outcomes[answer]


def effect_id(effect: Effect, arguments: Mapping[str, Any]) -> str:
    """Names what was agreed to: the same effect, by a call with the same arguments."""
    said = json.dumps([asdict(effect), dict(arguments)], sort_keys=True, default=str)
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16]


def question(effect: Effect) -> str:
    """What the user is asked."""
    return "\n".join([f"{_sentence(effect)}?", *_listed(effect)])


def description(effect: Effect, why: str = "") -> str:
    """What a client is told that has to ask its user by itself."""
    parts = [f"CONFIRMATION REQUIRED: {_sentence(effect)}.", *_listed(effect)]
    parts.append(why or ASK_FIRST)
    return "\n".join(parts)


def _sentence(effect: Effect) -> str:
    return f"{effect.action[:1].upper()}{effect.action[1:]}: {effect.target}"


def _listed(effect: Effect) -> list[str]:
    return [f"- {consequence}" for consequence in effect.consequences]
