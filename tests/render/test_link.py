from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.render.link import (
    link,
    literal,
    plain,
    slack,
    slack_link,
)

URL = "https://buildkite.com/acme/ci/builds/1#0192aa10-5c1e"


@pytest.mark.parametrize(
    "name",
    [
        "tests/models/test_a.py::test_models[meta-llama/Llama-3.2-1B-Instruct-32]",
        "kernels/test_x.py::TestIt::test_it[a b - c]",
        "Distributed Tests (8xH100)",
    ],
)
def test_a_usual_name_is_itself(name: str) -> None:
    assert literal(name) == name


@pytest.mark.parametrize(
    ("name", "harmful"),
    [
        pytest.param("t[a](http://evil.example)", "](http", id="link"),
        pytest.param("t[a][b]", "[a][b]", id="reference"),
        pytest.param("t[a]: b", "[a]:", id="definition"),
        pytest.param("t @everyone", "@everyone", id="mention"),
        pytest.param("see www.evil.example", "www.", id="bare address"),
        pytest.param("see HTTP://evil.example", "://", id="address"),
        pytest.param("a|b", "a|b", id="cell"),
        pytest.param("`a`", "`a`", id="code"),
        pytest.param("<b>a</b>", "<b>", id="html"),
        pytest.param("# a", "# a", id="heading"),
        pytest.param("a\n# b", "\n", id="line"),
    ],
)
def test_what_would_act_does_not(name: str, harmful: str) -> None:
    assert harmful not in literal(name).replace("\\[", "").replace("\\]", "")


@given(st.text())
def test_no_name_breaks_out_of_its_link(name: str) -> None:
    made = link(name, URL)
    assert made.startswith("[")
    assert made.endswith(f"]({URL})")
    inner = re.sub(r"\\.", "", made[1 : -len(f"]({URL})")])
    depth = 0
    for sign in inner:
        depth += (sign == "[") - (sign == "]")
        assert depth >= 0
    assert depth == 0
    assert "](" not in inner
    assert not set(inner) & set("<>`\n@") - {"@"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("failed (set VLLM_REPO_PATH) - 3+1", "failed (set VLLM_REPO_PATH) - 3+1"),
        ("- a", "\\- a"),
        ("_a_ *b*", "\\_a\\_ \\*b\\*"),
        ("![a](b)", "\\!\\[a\\](b)"),
    ],
)
def test_a_sentence_is_escaped_no_more_than_it_needs(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://a.example/)[b](c",
        "https://a.example/ b",
        "//evil.example",
        "",
        None,
    ],
)
def test_an_odd_address_is_no_link(url: str | None) -> None:
    assert link("a", url) == "a"
    assert slack_link("a", url, 9) == "a"


@given(st.text())
def test_nothing_mentions_or_links_in_slack(text: str) -> None:
    shown = slack(text, 500)
    assert "<" not in shown
    assert ">" not in shown
    assert "\n" not in shown
    assert "@here" not in shown
    assert "://" not in shown
    assert "|" not in slack_link(text, URL, 99).removeprefix(f"<{URL}|")


def test_the_id_of_a_test_can_be_searched_for_in_slack() -> None:
    assert slack("v1/test_it.py::test_a_b[x_1]", 99) == "v1/test_it.py::test_a_b[x_1]"
    assert "_bold_" not in slack("a _bold_ b", 99)
