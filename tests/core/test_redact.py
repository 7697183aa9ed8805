from __future__ import annotations

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.core.redact import GONE, MIN_SECRET, Redactor

WORD = string.ascii_letters + string.digits
SECRETS = st.text(min_size=MIN_SECRET, max_size=40)


def of(letters: str, least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(letters, min_size=least, max_size=most)


TOKENS = st.one_of(
    st.builds("gh{}_{}".format, st.sampled_from("pousr"), of(WORD, 20, 40)),
    st.builds("github_pat_{}".format, of(WORD + "_", 20, 80)),
    st.builds("bkua_{}".format, of(WORD, 20, 40)),
    st.builds("hf_{}".format, of(WORD, 30, 40)),
    st.builds("glpat-{}".format, of(WORD, 20, 30)),
    st.builds("xoxb-{}".format, of(WORD + "-", 10, 60)),
    st.builds("sk-ant-{}".format, of(WORD + "-_", 20, 100)),
    st.builds("AKIA{}".format, of(string.ascii_uppercase + string.digits, 16, 16)),
    st.builds(
        "eyJ{}.eyJ{}.{}".format, of(WORD, 8, 60), of(WORD, 8, 60), of(WORD, 8, 40)
    ),
)
APART = st.sampled_from(["", " ", "\n", '"', "'", ": ", "=", "/", "(", "|", "é"])


def places(secret: str) -> st.SearchStrategy[object]:
    """JSON with a secret somewhere in it: in a text, in a key, deep down."""
    held = st.builds(lambda a, b: f"{a}{secret}{b}", st.text(), st.text())
    leaf = st.none() | st.integers() | st.text(max_size=5) | held
    return st.recursive(
        leaf,
        lambda inner: st.lists(inner) | st.dictionaries(held, inner, max_size=3),
        max_leaves=6,
    )


@given(st.data())
def test_a_known_secret_survives_nowhere(data: st.DataObject) -> None:
    secret = data.draw(SECRETS)
    clean = Redactor([secret]).data(data.draw(places(secret)))
    assert secret not in json.dumps(clean, ensure_ascii=False).replace(GONE, "")
    assert all(secret not in text for text in texts(clean))


def texts(data: object) -> list[str]:
    if isinstance(data, str):
        return [data]
    if isinstance(data, dict):
        return [text for pair in data.items() for part in pair for text in texts(part)]
    return [t for item in data for t in texts(item)] if isinstance(data, list) else []


@given(TOKENS, APART, APART, st.integers(0, 3))
def test_what_looks_like_a_token_survives_nowhere(
    token: str, before: str, after: str, depth: int
) -> None:
    data: object = f"x{before or ' '}{token}{after or ' '}y"
    for _ in range(depth):
        data = {"deep": [data, "log"]}
    assert token not in json.dumps(Redactor().data(data), ensure_ascii=False)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        pytest.param(
            "Authorization: Bearer abcdef0123456789",
            f"Authorization: Bearer {GONE}",
            id="header",
        ),
        pytest.param(
            '{"authorization": "Basic dXNlcjpwYXNz"}',
            f'{{"authorization": "Basic {GONE}"}}',
            id="header-in-json",
        ),
        pytest.param(
            "AUTHORIZATION=token abcdefgh", f"AUTHORIZATION=token {GONE}", id="shouted"
        ),
        pytest.param("bearer abcdefghij.klm", f"bearer {GONE}", id="bearer-alone"),
        pytest.param(
            "https://me:hunter2@example.org/x",
            f"https://me:{GONE}@example.org/x",
            id="password-in-url",
        ),
        pytest.param(
            "redis://:hunter2@h", f"redis://:{GONE}@h", id="password-without-user"
        ),
    ],
)
def test_credentials_go_and_their_surroundings_stay(text: str, clean: str) -> None:
    assert Redactor().text(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("the bearer of bad news", id="words"),
        pytest.param("https://example.org/a@b", id="url"),
        pytest.param("user@example.org: hello", id="address"),
        pytest.param("risk-averse sk-short ghp_short AKIA1", id="too-short"),
        pytest.param("eyJhbGciOi is a beginning", id="half-a-token"),
        pytest.param("e3b0c44298fc1c149afbf4c8996fb92427ae41e4", id="commit"),
    ],
)
def test_text_without_secrets_stays(text: str) -> None:
    assert Redactor(["another-secret"]).text(text) == text


@given(st.text(string.ascii_lowercase + " \n.,:", max_size=300))
def test_plain_text_is_never_changed(text: str) -> None:
    assert Redactor(["Secret-1"]).data({"line": [text]}) == {"line": [text]}


def test_of_two_secrets_the_longer_goes_first() -> None:
    assert Redactor(["secret", "secret-and-more"]).text("secret-and-more") == GONE


def test_words_too_short_to_be_secrets_stay() -> None:
    assert Redactor(["abc", ""]).text("abc") == "abc"


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param("sesame-open", id="a-file-that-ends-with-a-newline"),
        pytest.param("login sesame-open\t", id="in-a-line"),
    ],
)
def test_a_secret_is_known_without_the_blanks_around_it(seen: str) -> None:
    assert "sesame" not in Redactor(["sesame-open\n"]).text(seen)


def test_a_secret_is_known_after_it_was_made_visible() -> None:
    assert "one" not in Redactor(["key-one\r\nkey-two"]).text("key-one\nkey-two")


def test_attack_many_beginnings_of_tokens_take_no_time() -> None:
    text = "eyJ" * 20_000 + "authorization:" * 20_000 + "a://" * 20_000
    assert Redactor(["x" * 30]).text(text) == text
