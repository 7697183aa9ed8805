from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from starlette.responses import JSONResponse, RedirectResponse, Response

from sickbay.ci.scan.issues import best_match
from sickbay.clients.github import AsyncGitHubClient, wire
from sickbay.clients.github.convert import issue
from sickbay.clients.github.limits import LONGEST_S, Limits
from sickbay.clients.tolerant import Tolerant
from sickbay.core.errors import (
    BadRequest,
    Denied,
    Malformed,
    NotFound,
    SickbayError,
    Unavailable,
)
from tests.clients.github.hub import NOW, REPO, Hub, asked, hub, place

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from sickbay.ci.authors import CommitInfo

SHA = "ab" * 20
READER = "of-a-reader"
WHERE = f"commits/{SHA}"


async def look(client: AsyncGitHubClient) -> CommitInfo:
    return await client.commit(SHA)


def limited(remaining: int, reset_s: int, resource: str = "core") -> Any:  # noqa: ANN401 - keywords
    """Header fields of a window that ends so far from now, by the server's clock."""
    return {
        "x_ratelimit_limit": "60",
        "x_ratelimit_remaining": str(remaining),
        "x_ratelimit_reset": str(int(time.time()) + reset_s),
        "x_ratelimit_resource": resource,
    }


@pytest.mark.parametrize(
    ("status", "kind", "token", "hint"),
    [
        pytest.param(401, Denied, "bad", "refused the token", id="bad token"),
        pytest.param(403, Denied, "weak", "may not do that", id="weak token"),
        pytest.param(403, Denied, None, "GITHUB_TOKEN", id="no token"),
        pytest.param(404, NotFound, None, "GITHUB_TOKEN", id="private"),
        pytest.param(404, NotFound, "good", "", id="not there"),
        pytest.param(410, NotFound, "good", "", id="switched off"),
        pytest.param(422, BadRequest, "good", "does not take it", id="not taken"),
        pytest.param(500, Unavailable, "good", "", id="broken"),
    ],
)
def test_a_refusal_says_what_to_do(
    site: Hub, status: int, kind: type[SickbayError], token: str | None, hint: str
) -> None:
    site.says(WHERE, {"message": "said", "errors": [{"message": "why"}, "x"]}, status)
    with pytest.raises(kind, match=f"commit {SHA}: said; why; x") as caught:
        asked(site, look, token=token)
    assert type(caught.value) is kind
    assert hint in caught.value.hint
    assert not token or token not in str(caught.value)
    assert len(site.asked) == 1


def test_a_commit_that_github_does_not_know_is_not_found(site: Hub) -> None:
    site.says(WHERE, {"message": f"No commit found for SHA: {SHA}"}, 422)
    with pytest.raises(NotFound):
        asked(site, look)


def test_a_page_in_place_of_data_is_malformed(site: Hub) -> None:
    site.says(WHERE, "<html>")
    with pytest.raises(Malformed, match=f"commit {SHA}"):
        asked(site, look)


def test_what_github_says_is_made_harmless(site: Hub) -> None:
    site.says(WHERE, {"message": "a\nb\x1b[31m" + "x" * 900}, 404)
    with pytest.raises(NotFound) as caught:
        asked(site, look)
    assert "\n" not in caught.value.message
    assert "\x1b" not in caught.value.message
    assert len(caught.value.message) < 400


def test_a_refusal_that_says_nothing_is_told_by_its_status(site: Hub) -> None:
    site.says(WHERE, "<html>gateway</html>", 404)
    with pytest.raises(NotFound, match=f"commit {SHA}: 404 Not Found"):
        asked(site, look)


def test_a_busy_server_is_asked_again(site: Hub) -> None:
    answers = iter([502, 503])

    def answer(_: Request) -> Response:
        status = next(answers, 200)
        return JSONResponse({"sha": SHA}, status)

    site.answers[f"GET {place(WHERE)}"] = answer
    assert asked(site, look).sha == SHA
    assert len(site.asked) == 3


@pytest.mark.parametrize("status", [403, 429])
def test_a_used_up_limit_says_until_when_by_our_clock_and_is_not_asked_again(
    site: Hub, status: int
) -> None:
    site.says(WHERE, {"message": "API rate limit exceeded"}, status, **limited(0, 1800))

    async def work(client: AsyncGitHubClient) -> None:
        for _ in range(3):
            with pytest.raises(
                Unavailable, match=r"until 12:(?:29|30):\d\d UTC"
            ) as caught:
                await client.commit(SHA)
            assert "GITHUB_TOKEN" in caught.value.hint

    asked(site, work)
    assert len(site.asked) == 1


def test_no_request_starts_that_the_limit_does_not_allow(site: Hub) -> None:
    site.says(WHERE, {"sha": SHA}, **limited(0, 1800))
    site.says("/search/issues", {"items": []}, **limited(9, 60, "search"))

    async def work(client: AsyncGitHubClient) -> None:
        await client.commit(SHA)
        with pytest.raises(Unavailable, match="limit of 60 requests for core"):
            await client.commits(limit=3)
        assert await client.search(["test_shared_state"]) == ()
        assert client.limits["search"].remaining == 9

    asked(site, work, token=READER)
    assert len(site.asked) == 2


def test_a_window_that_is_over_holds_nothing_back(site: Hub) -> None:
    site.says(WHERE, {"sha": SHA}, **limited(0, -1))
    site.says("commits", [])

    async def work(client: AsyncGitHubClient) -> int:
        await client.commit(SHA)
        return len(await client.commits())

    assert asked(site, work) == 0


def test_a_date_that_is_none_is_not_asked_for_the_time() -> None:
    limits = Limits(now=lambda: NOW)
    url = httpx2.URL("https://api.github.example/search/issues")
    reset = {"x-ratelimit-reset": str(int(NOW.timestamp()) + 60)}
    left = {"x-ratelimit-limit": "30", "x-ratelimit-remaining": "0", **reset}
    limits.left(url, None, {})
    limits.left(url, 200, {**left, "x-ratelimit-remaining": "many"})
    assert limits.error(url) is None
    limits.left(url, 200, {**left, "date": "yesterday"})
    error = limits.error(url)
    assert error
    assert "30 requests for search is used up until 12:0" in error.message
    assert limits.error(httpx2.URL("https://api.github.example/repos/a/b")) is None


def test_too_many_at_once_wait_as_long_as_they_are_told(site: Hub) -> None:
    answers = iter([403, 429])

    def answer(_: Request) -> Response:
        status = next(answers, 200)
        body = {"message": "You have exceeded a secondary rate limit", "sha": SHA}
        return JSONResponse(body, status, {"retry-after": "0"})

    site.answers[f"GET {place(WHERE)}"] = answer
    assert asked(site, look).sha == SHA
    assert len(site.asked) == 3


@pytest.mark.parametrize("headers", [{"retry_after": "60"}, {}])
def test_nobody_waits_a_minute(site: Hub, headers: dict[str, str]) -> None:
    site.says(WHERE, {"message": "a secondary rate limit"}, 403, **headers)
    with pytest.raises(Unavailable, match="so many requests at once") as caught:
        asked(site, look)
    assert caught.value.hint == "ask again in 60 s"
    assert len(site.asked) == 1


def test_the_token_goes_to_its_host_alone(site: Hub) -> None:
    with hub() as other:
        other.says(WHERE, {"sha": SHA})
        site.answers[f"GET {place(WHERE)}"] = lambda _: RedirectResponse(
            f"{other.url}{place(WHERE)}", 302
        )
        with pytest.raises(Denied):
            asked(site, look, token=READER)
        assert all("authorization" not in one.headers for one in other.asked)
    assert site.asked[0].headers["authorization"] == f"Bearer {READER}"


def test_a_repository_that_moved_is_found(site: Hub) -> None:
    site.answers[f"GET {place(WHERE)}"] = lambda _: RedirectResponse(
        f"{site.url}/repositories/7/{WHERE}", 301
    )
    site.says(f"/repositories/7/{WHERE}", {"sha": SHA})
    assert asked(site, look, token=READER).sha == SHA
    assert [one.headers["authorization"] for one in site.asked] == [
        f"Bearer {READER}"
    ] * 2


def test_a_server_of_ones_own_may_lie_below_a_path(site: Hub) -> None:
    site.says(f"/api/v3/repos/{REPO}/{WHERE}", {"sha": SHA})
    site.url += "/api/v3/"
    assert asked(site, look, token=READER).sha == SHA
    assert site.asked[0].headers["authorization"] == f"Bearer {READER}"


def test_a_token_is_not_sent_over_the_internet_unencrypted() -> None:
    with pytest.raises(Denied, match="without encryption"):
        AsyncGitHubClient("http://github.example", token=READER, repo=REPO)


@pytest.mark.parametrize("repo", ["", "engine", "a/b/c", "a b/c", "../x"])
def test_what_is_no_repository_is_told_at_once(repo: str) -> None:
    with pytest.raises(BadRequest):
        AsyncGitHubClient(repo=repo)


def test_the_login_of_gh_is_used_for_its_own_host_only(
    site: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = site.url.removeprefix("http://")
    login = f"'{address}':\n  oauth_token: mine\ngithub.com:\n  oauth_token: public\n"
    (tmp_path / "hosts.yml").write_text(login)
    monkeypatch.setenv("GH_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    site.says(WHERE, {"sha": SHA})
    assert asked(site, look, log_in=True).sha == SHA
    assert site.asked[0].headers["authorization"] == "Bearer mine"
    assert asked(site, look, log_in=False).sha == SHA
    assert "authorization" not in site.asked[1].headers


@pytest.mark.parametrize("reset", ["9" * 13, "9" * 20, "9" * 400, "9" * 5000])
def test_attack_a_window_without_end_ends(reset: str) -> None:
    limits = Limits(now=lambda: NOW)
    url = httpx2.URL("https://api.github.example/search/issues")
    left = {"x-ratelimit-limit": "30", "x-ratelimit-remaining": "0"}
    limits.left(url, 200, {**left, "x-ratelimit-reset": reset})
    for window in limits.windows.values():
        assert window.ends <= time.monotonic() + LONGEST_S
        assert limits.error(url)


@pytest.mark.parametrize(
    "moment",
    ["2026-07-13T12:00:00", "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"],
    ids=["no zone", "before all years", "after them"],
)
def test_a_time_of_any_kind_can_be_compared(moment: str) -> None:
    body = f'{{"number": 1, "title": "test_kernel_x", "closed_at": "{moment}"}}'
    found = issue(Tolerant(wire.Issue)(body.encode()).value, label="l")
    match = best_match(["tests/a.py::test_kernel_x"], issues=[found], now=NOW)
    assert match is None or match.issue is found
