"""The simulated GitHub behaves as the real one is known to."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sickbay.ci.owners import Codeowners
from sickbay.simulators.buildkite.suites import SUITES
from sickbay.simulators.github import tree
from sickbay.simulators.github.owners import CODEOWNERS
from tests.simulators.github import NOW, SMALL, github_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

    from tests.simulators.github import GitHub


@pytest.fixture(scope="module")
def github() -> Iterator[GitHub]:
    with github_at() as running:
        yield running


def numbers(answer: httpx2.Response) -> list[int]:
    found = answer.json()
    items = found["items"] if isinstance(found, dict) else found
    return [item["number"] for item in items]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param({}, [17, 18, 11, 15, 16, 12], id="open-ones-newest-first"),
        pytest.param({"labels": "ci-failure"}, [17, 11, 16, 12], id="with-a-label"),
        pytest.param({"labels": "CI-Failure,bug"}, [17], id="labels-are-all-wanted"),
        pytest.param({"state": "closed"}, [13, 14], id="closed"),
        pytest.param(
            {"state": "all", "labels": "ci-failure", "direction": "asc"},
            [14, 13, 12, 11, 16, 17],
            id="oldest-first",
        ),
        pytest.param(
            {
                "state": "closed",
                "since": f"{NOW - timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}",
            },
            [13],
            id="changed-since",
        ),
    ],
)
def test_issues_are_listed_as_asked(
    github: GitHub, asked: dict[str, str | int], found: list[int]
) -> None:
    answer = github.client.get(f"/repos/{SMALL.repo}/issues", params=asked)
    assert numbers(answer) == found


def test_pull_requests_are_among_the_issues_and_say_so(github: GitHub) -> None:
    found = github.of_repo("issues").json()
    assert [one["number"] for one in found if "pull_request" in one] == [16]


def test_pages_link_to_one_another(github: GitHub) -> None:
    first = github.of_repo("issues", per_page=4)
    assert len(first.json()) == 4
    assert set(first.links) == {"next", "last"}
    second = github.client.get(first.links["next"]["url"])
    assert len(second.json()) == 2
    assert set(second.links) == {"prev", "first"}
    assert numbers(first) + numbers(second) == numbers(github.of_repo("issues"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("test_schedule", [11, 15, 18], id="words-one-after-another"),
        pytest.param('"test_schedule" is:open label:ci-failure', [11], id="label"),
        pytest.param('"gone for long" is:closed', [14], id="phrase"),
        pytest.param("test_add_lora is:issue", [12], id="no-pull-requests"),
        pytest.param("test_add_lora is:pr", [16], id="pull-requests"),
        pytest.param(
            'is:issue ("test_add_lora" OR "token_budget")', [12, 18], id="either"
        ),
        pytest.param("test_schedule NOT WSL", [11, 18], id="not"),
        pytest.param("test_schedule -label:ci-failure", [15, 18], id="minus"),
        pytest.param("test_sched", [], id="parts-of-words-are-not-found"),
        pytest.param("repo:other/one test_schedule", [], id="another-repository"),
    ],
)
def test_search_understands_the_query(
    github: GitHub, query: str, found: list[int]
) -> None:
    if "repo:" not in query:
        query = f"repo:{SMALL.repo} {query}"
    answer = github.get("/search/issues", q=query)
    assert numbers(answer) == found
    assert answer.json()["total_count"] == len(found)


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("", id="nothing"),
        pytest.param("word " * 60, id="longer-than-256-characters"),
        pytest.param(" OR ".join("abcdefg"), id="more-than-five-operators"),
        pytest.param("(one OR two", id="parenthesis-that-stays-open"),
    ],
)
def test_search_refuses_a_query_that_it_does_not_take(
    github: GitHub, query: str
) -> None:
    answer = github.get("/search/issues", q=query)
    assert answer.status_code == 422
    assert answer.json()["message"] == "Validation Failed"
    assert answer.json()["errors"][0]["field"] == "q"


def test_busy_repository_has_many_issues_of_no_interest() -> None:
    with github_at(busy=True) as github:
        found = github.of_repo("issues", state="all", per_page=100)
        assert len(found.json()) == 100
        assert "next" in found.links
        wanted = github.get("/search/issues", q="test_add_lora")
        assert numbers(wanted) == [12, 16]
        labelled = github.of_repo("issues", state="all", labels="ci-failure")
        assert len(labelled.json()) == sum(bool(one.labels) for one in SMALL.issues)


def test_six_words_with_five_operators_are_taken(github: GitHub) -> None:
    query = " OR ".join(["test_add_lora", *"abcde"])
    assert numbers(github.get("/search/issues", q=query)) == [12, 16]


def test_file_comes_raw_or_packed(github: GitHub) -> None:
    path = "contents/.github/CODEOWNERS"
    raw = {"accept": "application/vnd.github.raw+json"}
    assert github.of_repo(path, headers=raw).text == CODEOWNERS
    packed = github.of_repo(path).json()
    assert base64.b64decode(packed["content"]).decode() == CODEOWNERS
    assert github.of_repo("contents/CODEOWNERS").status_code == 404
    assert github.of_repo(path, ref="no-such-branch").status_code == 404


def test_tree_holds_the_files_of_the_suites(github: GitHub) -> None:
    found = github.of_repo("git/trees/main", recursive=1).json()["tree"]
    paths = {entry["path"] for entry in found if entry["type"] == "blob"}
    assert {path for suite in SUITES.values() for path in suite.sources} <= paths
    assert "docs/new.md" in paths
    assert {"tests", "tests/v1/core"} <= {e["path"] for e in found} - paths


def test_commits_are_those_that_touched_a_path(github: GitHub) -> None:
    def found(**asked: str) -> list[str]:
        answer = github.client.get(f"/repos/{SMALL.repo}/commits", params=asked)
        return [one["sha"] for one in answer.json()]

    newest_first = [one.sha for one in reversed(SMALL.commits)]
    assert found() == newest_first
    assert found(sha=SMALL.commits[1].sha) == newest_first[2:]
    assert found(path="vllm/v1/core") == [newest_first[0], newest_first[2]]
    assert found(path="vllm/lora/manager.py") == [newest_first[1]]
    assert found(path="vllm/lora/man") == []


def test_commit_tells_its_files_and_its_author(github: GitHub) -> None:
    known = SMALL.commits[2]
    found = github.of_repo(f"commits/{known.sha}").json()
    assert [file["filename"] for file in found["files"]] == list(known.files)
    assert found["author"]["login"] == known.login
    assert found["commit"]["author"]["email"] == known.email
    short = github.of_repo(f"commits/{known.sha[:10]}").json()
    assert short["sha"] == known.sha
    assert github.of_repo(f"commits/{'f' * 40}").status_code == 422


def test_pull_request_tells_the_commit_that_it_became(github: GitHub) -> None:
    found = github.of_repo("pulls/503").json()
    assert found["merge_commit_sha"] == SMALL.commits[3].sha
    assert found["user"]["login"] == "cy"
    assert github.of_repo("pulls/9").status_code == 404


def test_what_has_not_changed_is_not_sent_again_and_costs_nothing() -> None:
    with github_at() as github:
        first = github.of_repo("issues/11")
        tag = {"if-none-match": first.headers["etag"]}
        again = github.of_repo("issues/11", headers=tag)
        assert (again.status_code, again.content) == (304, b"")
        left = "x-ratelimit-remaining"
        assert again.headers[left] == first.headers[left] == "59"
        other = github.of_repo("issues/12", headers=tag)
        assert (other.status_code, other.headers[left]) == (200, "58")


@pytest.mark.parametrize(
    ("headers", "limit", "word"),
    [
        pytest.param({}, 2, "higher rate limit", id="without-a-token"),
        pytest.param(
            {"authorization": "Bearer github-reader"}, 3, "user ID", id="with"
        ),
    ],
)
def test_spent_limit_is_refused_with_its_reset(
    headers: dict[str, str], limit: int, word: str
) -> None:
    with github_at(limited=True, search=(2, 3)) as github:
        for left in range(limit)[::-1]:
            answer = github.get("/search/issues", q="x", headers=headers)
            assert answer.headers["x-ratelimit-remaining"] == str(left)
        over = github.get("/search/issues", q="x", headers=headers)
        assert over.status_code == 403
        assert over.headers["x-ratelimit-remaining"] == "0"
        assert over.headers["x-ratelimit-resource"] == "search"
        assert int(over.headers["x-ratelimit-reset"]) > NOW.timestamp()
        assert "API rate limit exceeded" in over.json()["message"]
        assert word in over.json()["message"]
        assert github.of_repo("issues", headers=headers).status_code == 200


def test_limit_that_does_not_hold_is_never_told_as_spent() -> None:
    with github_at(core=(2, 2)) as github:
        told = [github.of_repo("issues/11") for _ in range(4)]
        assert {answer.status_code for answer in told} == {200}
        left = [answer.headers["x-ratelimit-remaining"] for answer in told]
        assert left == ["1", "1", "1", "1"]


def test_requests_that_come_too_quickly_are_told_to_wait() -> None:
    with github_at(secondary=1, retry_after_s=7) as github:
        over = github.of_repo("issues")
        assert (over.status_code, over.headers["retry-after"]) == (403, "7")
        assert "secondary rate limit" in over.json()["message"]
        assert github.of_repo("issues").status_code == 200


def test_unknown_token_is_refused(github: GitHub) -> None:
    answer = github.of_repo("issues", headers={"authorization": "Bearer stolen"})
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_only_a_writer_opens_an_issue() -> None:
    wanted = {"title": "[CI Failure]: a - b", "body": "c", "labels": ["ci-failure"]}
    with github_at() as github:
        path = f"/repos/{SMALL.repo}/issues"
        for token, status in (
            ("", 403),
            ("github-reader", 403),
            ("github-writer", 201),
        ):
            headers = {"authorization": f"Bearer {token}"} if token else {}
            answer = github.client.post(path, json=wanted, headers=headers)
            assert answer.status_code == status
        assert [what.title for _, what in github.changes] == [wanted["title"]]
        made = answer.json()
        assert made["labels"][0]["name"] == "ci-failure"
        assert made["number"] in numbers(github.of_repo("issues"))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b'{"title": ""}', 422, id="no-title"),
        pytest.param(b'{"title": "%s"}' % (b"a" * 257), 422, id="title-too-long"),
        pytest.param(b'{"title": 3}', 400, id="title-is-no-text"),
        pytest.param(b"title", 400, id="no-json"),
    ],
)
def test_issue_that_is_none_is_refused(
    github: GitHub, body: bytes, status: int
) -> None:
    headers = {"authorization": "Bearer github-writer"}
    path = f"/repos/{SMALL.repo}/issues"
    answer = github.client.post(path, content=body, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("key", sorted(SUITES))
def test_owners_of_a_suite_are_those_of_codeowners(key: str) -> None:
    suite = SUITES[key]
    owners = Codeowners(CODEOWNERS)
    tests = [path for path in suite.sources if path.startswith("tests/")]
    assert tests
    for path in tests:
        rule = owners.of(path)
        assert rule is not None
        assert rule.owners == suite.owners, path


def test_every_source_of_a_suite_is_a_file() -> None:
    known = tree.contents()
    for suite in SUITES.values():
        assert [path for path in suite.sources if path not in known] == []
