from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.core.errors import BadRequest
from sickbay.toolsets.hud.analysis.branch import branch_name, place

USUAL = ("pytorch/pytorch", "main")
SHA = "9dd2d8837a965a2dbfe96aa514e419383288ecee"


@pytest.mark.parametrize(
    ("text", "repo", "meant"),
    [
        pytest.param(None, None, USUAL, id="nothing"),
        pytest.param("viable/strict", "a/b", ("a/b", "viable/strict"), id="both"),
        pytest.param(
            f"https://github.com/a/b/commit/{SHA}", None, ("a/b", SHA), id="commit"
        ),
        pytest.param(
            f"https://hud.pytorch.org/a/b/commit/{SHA[:10]}?x=1#7-box",
            None,
            ("a/b", SHA[:10]),
            id="on the HUD",
        ),
        pytest.param(
            f"https://github.com/a/b/pull/7/commits/{SHA}",
            "c/d",
            ("a/b", SHA),
            id="of a pull request",
        ),
    ],
)
def test_a_place_is_named_by_parts_or_by_its_address(
    text: str | None, repo: str | None, meant: tuple[str, str]
) -> None:
    assert place(text, repo, usual=USUAL) == meant


def test_an_address_of_something_else_is_no_branch() -> None:
    with pytest.raises(BadRequest, match="no branch or commit"):
        place("https://github.com/a/b/issues/7", None, usual=USUAL)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("main", id="branch"),
        pytest.param("viable/strict", id="slash"),
        pytest.param("gh/ada/1/head", id="ghstack"),
        pytest.param("release/2.9", id="dot"),
        pytest.param("feature#1=ünï", id="odd but allowed"),
        pytest.param("a" * 40, id="sha"),
    ],
)
def test_what_git_allows_is_a_branch(name: str) -> None:
    assert branch_name(name, "usual") == name


@pytest.mark.parametrize("name", [None, ""])
def test_no_name_is_the_usual_one(name: str | None) -> None:
    assert branch_name(name, "usual") == "usual"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("../../etc/passwd", id="way up"),
        pytest.param("main\n", id="line end"),
        pytest.param("main branch", id="blank"),
        pytest.param("main^", id="parent"),
        pytest.param("a..b", id="range"),
        pytest.param("-v", id="option"),
        pytest.param("\ud800", id="half a character"),
        pytest.param("x" * 251, id="long"),
    ],
)
def test_what_nothing_in_git_is_called_is_refused(name: str) -> None:
    with pytest.raises(BadRequest) as told:
        branch_name(name, "usual")
    assert "\n" not in str(told.value)
    assert told.value.hint


@given(st.text(st.characters(exclude_categories=()), min_size=1, max_size=20))
def test_any_text_is_taken_or_refused(text: str) -> None:
    try:
        assert branch_name(text, "usual") == text
    except BadRequest as exc:
        assert len(str(exc)) < 500  # noqa: PT017 - either is fine


def test_git_agrees() -> None:
    git = shutil.which("git")
    if not git:
        pytest.skip("no git here")
    for name in ("viable/strict", "a..b", "x.lock", "a b", "a@{b", "a//b", "ünï", "/a"):
        ran = subprocess.run(
            [git, "check-ref-format", "--branch", name],
            check=False,
            capture_output=True,
        )
        try:
            taken = branch_name(name, "usual") == name
        except BadRequest:
            taken = False
        assert taken == (ran.returncode == 0), name
