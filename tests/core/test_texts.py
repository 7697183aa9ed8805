"""Data is cleaned as one text where that suffices: with the result of cleaning each."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.core.redact import AFTER, BEGINNINGS, GONE, TOKENS, USERINFO, Redactor
from sickbay.core.texts import changed, cleaned, texts
from sickbay.core.untrusted import visible

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "pass word\nof 2 lines"  # noqa: S105 - made up
REDACTOR = Redactor([SECRET, "hunter22"])
PARTS = st.sampled_from(
    [
        *("ghp_", "a" * 36, "sk-", "task-12", "AKIA", "0123456789ABCDEF", "eyJ", "."),
        *("Bearer", "bearer", "Authorization: ", "token", " ", "\n", "\t", '"', "'"),
        *("https", "://", "nurse", ":", "@", "ward.example", SECRET, "hunter22"),
        *("\x1b[31m", "\x1b]0;", "\x07", "\x1b", "\u202e", "\u200b", "\ud800", "\r"),
        *("é", "\\", "\\u0000", "{", "x" * 300),
    ]
)
TEXTS = st.lists(PARTS, max_size=6).map("".join) | st.text(max_size=20)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


def slowly(text: str) -> str:
    """What ``Redactor.text`` does, without looking first whether there is a need."""
    for secret in (SECRET, "hunter22"):
        text = text.replace(secret, GONE)
    text = TOKENS.sub(GONE, text)
    text = AFTER.sub(rf"\1{GONE}", text)
    return USERINFO.sub(rf"\1:{GONE}@", text)


@given(DATA)
def test_data_is_redacted_as_each_of_its_texts_is(data: Any) -> None:  # noqa: ANN401 - any JSON
    assert REDACTOR.data(data) == changed(data, slowly)


@given(DATA)
def test_data_is_made_visible_as_each_of_its_texts_is(data: Any) -> None:  # noqa: ANN401 - any JSON
    assert cleaned(data, visible) == changed(data, visible)


@given(TEXTS)
def test_nothing_invisible_is_left(text: str) -> None:
    seen = visible(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e\ud800-\udfff]", seen)
    assert visible(seen) == seen


@pytest.mark.parametrize("clean", [REDACTOR.data, partial(cleaned, clean=visible)])
def test_data_that_needs_nothing_is_left_alone(clean: Callable[[Any], Any]) -> None:
    data = {"outcome": "ok", "hits": [{"line": 1, "text": "a task-12 is done"}]}
    assert clean(data) is data


def test_keys_and_values_are_all_looked_at() -> None:
    data = {"a": ["b", {"c": 1, "d": None}], "e": ("f",), 7: True}
    assert sorted(texts(data).split("\n")) == ["7", "a", "b", "c", "d", "e", "f"]


@pytest.mark.parametrize(
    "token",
    [
        *(f"{beginning}{'a' * 36}" for beginning in BEGINNINGS[:9]),
        *("xoxb-0123456789", f"sk-{'a' * 20}", f"AKIA{'A' * 16}", f"ASIA{'A' * 16}"),
        f"eyJ{'a' * 20}.eyJ{'a' * 20}.{'a' * 10}",
    ],
)
def test_every_kind_of_token_is_taken_out(token: str) -> None:
    assert token.startswith(BEGINNINGS)
    assert Redactor().text(f"it is {token}") == f"it is {GONE}"
