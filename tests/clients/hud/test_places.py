from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.clients.hud.places import Places, owner_and_name
from sickbay.core.errors import BadRequest

API = "https://hud.pytorch.org/api"


@pytest.mark.parametrize(
    ("ref", "encoded"),
    [
        pytest.param("viable/strict", "viable%2Fstrict", id="viable/strict"),
        pytest.param("gh/user/1/head", "gh%2Fuser%2F1%2Fhead", id="ghstack"),
        pytest.param("a b?c#d&e%2F", "a%20b%3Fc%23d%26e%252F", id="odd"),
        pytest.param("über", "%C3%BCber", id="not ASCII"),
    ],
)
def test_a_branch_is_one_part_of_the_path(ref: str, encoded: str) -> None:
    url = Places().api("hud", "pytorch", "pytorch", ref, 1)
    assert url == f"{API}/hud/pytorch/pytorch/{encoded}/1"


def test_a_query_with_a_slash_in_its_name_keeps_it_encoded() -> None:
    url = Places().query("flaky_tests/across_jobs", {})
    assert url == f"{API}/clickhouse/flaky_tests%2Facross_jobs?parameters=%7B%7D"


def test_moments_are_sent_in_utc_without_saying_so() -> None:
    here = timezone(timedelta(hours=-8))
    moment = datetime(2026, 3, 1, 16, 30, 0, 250_000, tzinfo=here)
    url = Places().query("q", {"startTime": moment})
    assert "2026-03-02T00%3A30%3A00.250%22" in url


def test_the_end_of_a_moment_outside_json_says_utc() -> None:
    url = Places().api("search", startDate=datetime(2026, 3, 1, tzinfo=UTC))
    assert url == f"{API}/search?startDate=2026-03-01T00%3A00%3A00.000Z"


@pytest.mark.parametrize("root", ["", "/", "/api", "/api/"])
def test_a_base_url_may_end_with_api_or_not(root: str) -> None:
    places = Places(hud=f"http://localhost:8000{root}")
    assert (
        places.api("runners", "pytorch") == "http://localhost:8000/api/runners/pytorch"
    )


def test_logs_of_other_repositories_are_under_their_name() -> None:
    places = Places()
    assert places.log(1, repo="pytorch/pytorch").endswith(".com/log/1")
    assert places.log(1, repo="pytorch/vision").endswith(".com/log/pytorch/vision/1")


@pytest.mark.parametrize("part", ["", ".", "..", " "])
def test_a_part_that_would_change_the_path_is_refused(part: str) -> None:
    with pytest.raises(BadRequest, match="cannot be part"):
        Places().api("hud", part)


@pytest.mark.parametrize("repo", ["", "pytorch", "/x", "x/", "a/b/c"])
def test_what_is_no_repository_is_refused(repo: str) -> None:
    with pytest.raises(BadRequest, match="is no repository"):
        owner_and_name(repo)


@given(st.text(min_size=1))
def test_no_text_leaves_its_part_of_the_path(text: str) -> None:
    try:
        url = Places().api("issue", text)
    except BadRequest:
        assert text.strip() in {"", ".", ".."}
        return
    assert url.isascii()
    assert url.removeprefix(f"{API}/issue/").isprintable()
    assert not set(url.removeprefix(f"{API}/issue/")) & set("/?#& ")
