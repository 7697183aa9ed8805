from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import JSONResponse, Response

from sickbay.clients.github.convert import MAX_BODY, link
from sickbay.clients.github.terms import MAX_CHARS, terms
from sickbay.core.errors import BadRequest, Denied, NotFound, Unavailable
from tests.clients.github.hub import REPO, Hub, asked, issue, place

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.requests import Request

    from sickbay.ci.scan.models import Issue
    from sickbay.clients.github import AsyncGitHubClient

LABEL = "ci-failure"
WRITER = "of-a-writer"


def listed(site: Hub, **more: Any) -> tuple[Issue, ...]:  # noqa: ANN401 - as asked takes them
    return asked(site, lambda client: client.issues(label=LABEL), **more)


def by_state(**lists: list[Any]) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        return JSONResponse(lists.get(request.query_params["state"], []))

    return answer


def test_open_issues_and_those_closed_lately_are_listed(site: Hub) -> None:
    closed = {"closed_at": "2026-07-01T00:00:00Z"}
    long_ago = {"closed_at": "2026-06-01T00:00:00Z"}
    site.answers[f"GET {place('issues')}"] = by_state(
        open=[issue(1), issue(2, labels=["other"], pull_request={"url": "x"})],
        closed=[issue(3, **closed), issue(4, **long_ago)],
    )
    found = listed(site)
    assert [(one.number, one.open) for one in found] == [(1, True), (3, False)]
    first = found[0]
    assert (first.title, first.body, first.tracked) == ("Issue 1", "text", True)
    assert first.url == f"https://github.example/{REPO}/issues/1"
    assert first.assignees == ("ann",)
    queries = [dict(request.query_params) for request in site.asked]
    assert {query["labels"] for query in queries} == {LABEL}
    assert [query.get("since") for query in queries if query["state"] == "closed"] == [
        "2026-06-13T00:00:00Z"
    ]


def test_every_page_is_followed(site: Hub) -> None:
    def answer(request: Request) -> Response:
        page = int(request.query_params.get("page", "1"))
        if request.query_params["state"] == "closed":
            return JSONResponse([])
        url = request.url.include_query_params(page=page + 1)
        more = {"Link": f'<{url}>; rel="next"'} if page < 3 else {}
        return JSONResponse([issue(page)], headers=more)

    site.answers[f"GET {place('issues')}"] = answer
    assert [one.number for one in listed(site)] == [1, 2, 3]


def test_a_list_without_end_is_cut_and_says_nothing_twice(site: Hub) -> None:
    def answer(request: Request) -> Response:
        link = {"Link": f'<{request.url}>; rel="next"'}
        return JSONResponse([issue(1)], headers=link)

    site.answers[f"GET {place('issues')}"] = answer
    assert len(listed(site)) == 1
    assert len(site.asked) == 10


def test_those_who_ask_at_the_same_time_share_one_request(site: Hub) -> None:
    site.says("issues", [issue(1)])

    async def work(client: AsyncGitHubClient) -> int:
        await asyncio.gather(*(client.issues(label=LABEL) for _ in range(9)))
        await client.issues(label=LABEL)
        return client.requests

    assert asked(site, work) == len(site.asked) == 2


def test_a_new_process_asks_nothing_that_was_just_asked(
    site: Hub, tmp_path: Path
) -> None:
    site.says("issues", [issue(1)])
    first, second = (listed(site, cache=tmp_path) for _ in range(2))
    assert first == second
    assert len(site.asked) == 2


def test_whoever_asks_for_the_newest_gets_it(site: Hub, tmp_path: Path) -> None:
    site.says("issues", [issue(1)])
    listed(site, cache=tmp_path)
    site.says("issues", [issue(2)])

    async def work(client: AsyncGitHubClient) -> list[int]:
        lists = [
            await client.issues(label=LABEL, refresh=refresh)
            for refresh in (False, True, False)
        ]
        return [issues[0].number for issues in lists]

    assert asked(site, work, cache=tmp_path) == [1, 2, 2]


def test_a_huge_body_is_cut_and_a_strange_link_left_out(site: Hub) -> None:
    strange = issue(1, body="x" * 100_000, html_url="javascript:alert(1)")
    site.answers[f"GET {place('issues')}"] = by_state(open=[strange])
    [found] = listed(site)
    assert len(found.body) == MAX_BODY
    assert found.url == ""
    assert link("https://github.example/a b](c)") == ""


def test_fields_that_cannot_be_read_are_left_out(site: Hub) -> None:
    broken = issue(7, title=None, body=5, labels=None, assignees="x", created_at="y")
    site.answers[f"GET {place('issues')}"] = by_state(open=[broken, "no issue"])
    [found] = listed(site)
    assert (found.number, found.title, found.labels) == (7, "", ())


def test_one_search_finds_the_issues_of_many_tests(site: Hub) -> None:
    items = [issue(1), issue(2, labels=[]), issue(3, pull_request={})]
    site.says("/search/issues", {"total_count": 3, "items": items})
    tests = [f"tests/test_a.py::test_loads_state_{n}[x]" for n in range(40)]
    found = asked(site, lambda client: client.search(tests, label=LABEL))
    assert [(one.number, one.tracked) for one in found] == [(1, True), (2, False)]
    [request] = site.asked
    query = request.query_params["q"]
    assert query.startswith(f'repo:{REPO} is:issue ("test_loads_state_0" OR ')
    assert query.count(" OR ") <= 5
    assert len(query) <= 256


def test_a_search_for_nothing_asks_nothing(site: Hub) -> None:
    assert asked(site, lambda client: client.search([])) == ()
    assert asked(site, lambda client: client.search(["", "a b", '"'])) == ()
    assert site.asked == []


@pytest.mark.parametrize(
    ("name", "term"),
    [
        pytest.param(
            "a/test_m.py::T::test_shared_cache[x]", "test_shared_cache", id="id"
        ),
        pytest.param("a/test_m.py::test_load", "test_m.py", id="common name"),
        pytest.param("a/test_m.py", "test_m.py", id="file"),
        pytest.param("0123456789abcdef", "0123456789abcdef", id="signature"),
    ],
)
def test_what_tells_a_test_from_others_is_looked_for(name: str, term: str) -> None:
    assert terms(REPO, [name]) == f'repo:{REPO} is:issue "{term}"'


@given(st.lists(st.text(max_size=300) | st.from_regex(r"\w{4,80}", fullmatch=True)))
def test_no_name_makes_another_search_of_it(names: list[str]) -> None:
    query = terms(REPO, names)
    if query is not None:
        assert len(query) <= MAX_CHARS
        assert query.count('"') % 2 == 0
        assert query.count(" OR ") <= 5
        assert query.count("repo:") == 1


def test_an_issue_is_opened_once_and_seen_at_once(site: Hub) -> None:
    site.says("issues", [])
    site.says("issues", issue(9, title="T"), 201, method="POST")

    async def work(client: AsyncGitHubClient) -> tuple[Issue, int]:
        await client.issues(label=LABEL)
        made = await client.create_issue("T", "B", [LABEL])
        await client.issues(label=LABEL)
        return made, client.requests

    made, requests = asked(site, work, writes=True, token=WRITER)
    assert (made.number, made.tracked) == (9, True)
    assert requests == 5
    [post] = [request for request in site.asked if request.method == "POST"]
    assert asyncio.run(post.json()) == {"title": "T", "body": "B", "labels": [LABEL]}
    assert post.headers["authorization"] == f"Bearer {WRITER}"


def test_nothing_is_opened_unless_changes_are_on(site: Hub) -> None:
    with pytest.raises(Denied, match="switched off"):
        asked(site, lambda client: client.create_issue("T", "B"), token=WRITER)
    assert site.asked == []


@pytest.mark.parametrize(
    ("title", "body"),
    [
        pytest.param("", "B", id="no title"),
        pytest.param("  ", "B", id="blank title"),
        pytest.param("x" * 257, "B", id="long title"),
        pytest.param("T", "x" * 65_537, id="long text"),
    ],
)
def test_a_text_that_github_would_not_take_is_not_sent(
    site: Hub, title: str, body: str
) -> None:
    with pytest.raises(BadRequest):
        asked(site, lambda client: client.create_issue(title, body), writes=True)
    assert site.asked == []


def test_a_refused_change_is_not_repeated(site: Hub) -> None:
    for status, kind in ((503, Unavailable), (404, NotFound), (403, Denied)):
        site.asked.clear()
        site.says("issues", {"message": "no"}, status, method="POST")
        with pytest.raises(kind, match="a new issue: no"):
            asked(site, lambda client: client.create_issue("T", "B"), writes=True)
        assert len(site.asked) == 1
