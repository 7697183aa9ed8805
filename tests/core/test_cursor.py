from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.core.cursor import cursor, offset_of, question_of
from sickbay.core.errors import BadRequest

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.integers(0, 10**12), st.text())
def test_a_cursor_stands_for_its_offset(offset: int, question: str) -> None:
    assert offset_of(cursor(offset, question=question), question=question) == offset


@given(st.text(st.characters(exclude_categories=())))
def test_attack_any_other_word_is_refused_in_one_line(word: str) -> None:
    with pytest.raises(BadRequest, match=r"^argument cursor: ") as caught:
        offset_of(word, question="q")
    assert "next_cursor" in caught.value.hint


@given(JSON)
def test_attack_any_other_json_in_a_cursor_is_refused(data: object) -> None:
    packed = base64.urlsafe_b64encode(json.dumps(data).encode()).decode()
    with pytest.raises(BadRequest, match="not a cursor of ours"):
        offset_of(packed.rstrip("="), question="q")


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param([2, 0, "q"], id="of-another-version"),
        pytest.param([1, -1, "q"], id="before-the-beginning"),
        pytest.param([1, True, "q"], id="no-number"),
        pytest.param([1, 1.5, "q"], id="half-an-item"),
        pytest.param([1, 0], id="too-short"),
    ],
)
def test_attack_a_made_up_cursor_is_refused(claims: object) -> None:
    packed = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode()
    with pytest.raises(BadRequest, match="not a cursor of ours"):
        offset_of(packed.rstrip("="), question="q")


def test_a_cursor_of_another_call_is_refused() -> None:
    word = cursor(5, question=question_of("look", {"bed": 1}))
    with pytest.raises(BadRequest, match="a call with other arguments"):
        offset_of(word, question=question_of("look", {"bed": 2}))


@given(st.dictionaries(st.text(st.characters(exclude_categories=())), JSON))
def test_a_question_does_not_depend_on_the_order_of_arguments(
    arguments: dict[str, object],
) -> None:
    turned = dict(reversed(arguments.items()))
    assert question_of("look", arguments) == question_of("look", turned)
    assert question_of("look", arguments) != question_of("list", arguments)
