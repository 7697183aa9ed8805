from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from sickbay.core import consent
from sickbay.core.consent import POLICIES, effect_id, next_step, outcome_of
from sickbay.core.results import Effect, Missing

EFFECT = Effect(
    target="bed 3", action="discharge", consequences=("it is free",), data={"bed": 3}
)


@pytest.mark.parametrize(
    ("policy", "can_ask", "confirmed"),
    list(product(POLICIES, [True, False], [True, False])),
)
def test_no_policy_skips_consent(
    policy: consent.Policy, *, can_ask: bool, confirmed: bool
) -> None:
    step = next_step(policy, can_ask=can_ask, confirmed=confirmed)
    assert step != "apply" or (confirmed and policy in {"auto", "param"})
    assert (step == "refuse") == (policy == "deny")


def test_a_client_that_can_ask_is_asked_though_confirm_is_true() -> None:
    assert next_step("auto", can_ask=True, confirmed=True) == "ask"


def test_only_an_accepted_question_lets_a_change_be_made() -> None:
    answers: list[consent.Answer] = ["accept", "decline", "cancel", "failed"]
    outcomes = [outcome_of(answer) for answer in answers]
    assert outcomes == [None, "declined", "cancelled", "confirmation_required"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(EFFECT, target="bed 4"), id="target"),
        pytest.param(replace(EFFECT, action="move"), id="action"),
        pytest.param(replace(EFFECT, consequences=()), id="consequences"),
        pytest.param(replace(EFFECT, data={"bed": "3"}), id="data"),
    ],
)
def test_effects_that_differ_in_anything_are_different(other: Effect) -> None:
    assert effect_id(other, {}) != effect_id(EFFECT, {})
    assert effect_id(replace(EFFECT), {}) == effect_id(EFFECT, {})


def test_consent_is_for_the_same_arguments() -> None:
    short, long = {"note": "a… [9 more]"}, {"note": "a" * 10}
    assert effect_id(EFFECT, short) != effect_id(EFFECT, long)


def test_an_effect_with_any_text_has_an_id() -> None:
    assert effect_id(replace(EFFECT, target="\ud800"), {"a": object})


def test_the_question_says_what_would_happen() -> None:
    assert consent.question(EFFECT) == "Discharge: bed 3?\n- it is free"


def test_the_description_says_that_nothing_was_done_and_what_to_do() -> None:
    said = consent.description(EFFECT)
    assert said.startswith("CONFIRMATION REQUIRED: Discharge: bed 3.\n- it is free\n")
    assert said.endswith("Only if they agree, make the call in confirm_with.")
    assert consent.description(EFFECT, "because").endswith("because")


def test_what_is_missing_is_named() -> None:
    need = consent.NeedsInput(
        Missing(argument="a", why=""), Missing(argument="b", why="")
    )
    assert str(need) == "a, b"
