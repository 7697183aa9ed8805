from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import zstandard

from sickbay.ci.authors import Author
from sickbay.core.errors import BadRequest, NotFound
from tests.clients.github.hub import Hub, asked

if TYPE_CHECKING:
    from pathlib import Path

    from sickbay.clients.github import AsyncGitHubClient

SHA = "ab" * 20
COMMIT = {
    "sha": SHA,
    "html_url": f"https://github.example/acme/engine/commit/{SHA}",
    "commit": {
        "message": "Load shards (#12)\n\nlong text",
        "author": {"name": "Ann", "email": "a@b.c", "date": "2026-07-01T10:00:00Z"},
    },
    "author": {"login": "ann"},
    "files": [{"filename": "engine/load.py"}, {"filename": "tests/test_load.py"}],
}


def test_a_commit_has_its_author_and_files(site: Hub) -> None:
    site.says(f"commits/{SHA}", COMMIT)
    found = asked(site, lambda client: client.commit(SHA))
    assert (found.sha, found.title) == (SHA, "Load shards (#12)")
    assert found.author == Author(name="Ann", email="a@b.c", login="ann")
    assert found.author.shown == "@ann"
    assert found.time == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert found.files == ("engine/load.py", "tests/test_load.py")


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"author": None}, id="no account"),
        pytest.param({"author": {}}, id="empty account"),
        pytest.param({"commit": None, "author": None}, id="nothing"),
    ],
)
def test_a_commit_without_an_account_is_read_too(
    site: Hub, more: dict[str, Any]
) -> None:
    site.says(f"commits/{SHA}", {**COMMIT, **more})
    assert asked(site, lambda client: client.commit(SHA)).author.login is None


def test_commits_of_a_path_are_listed(site: Hub) -> None:
    site.says("commits", [COMMIT, COMMIT, COMMIT])
    found = asked(site, lambda client: client.commits(path="engine/a b", limit=2))
    assert len(found) == 2
    [request] = site.asked
    assert dict(request.query_params) == {"path": "engine/a b", "per_page": "2"}


def test_a_pull_request_says_whose_it_is_and_as_what_it_landed(site: Hub) -> None:
    pull = {"number": 12, "title": "Load", "user": {"login": "ann"}}
    site.says(
        "pulls/12",
        {**pull, "merged_at": "2026-07-01T10:00:00Z", "merge_commit_sha": SHA},
    )
    site.says("pulls/13", {**pull, "number": 13, "merge_commit_sha": SHA})
    landed = asked(site, lambda client: client.pull(12))
    assert (landed.author.shown, landed.sha) == ("@ann", SHA)
    assert asked(site, lambda client: client.pull(13)).sha is None


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(".github/CODEOWNERS", id="github"),
        pytest.param("CODEOWNERS", id="root"),
        pytest.param("docs/CODEOWNERS", id="docs"),
    ],
)
def test_codeowners_is_found_wherever_it_lies(site: Hub, path: str) -> None:
    site.says(f"contents/{path}", "* @ann\n")
    assert asked(site, lambda client: client.codeowners(SHA)) == "* @ann\n"
    request = site.asked[-1]
    assert request.query_params["ref"] == SHA
    assert request.headers["accept"] == "application/vnd.github.raw+json"
    assert request.headers["x-github-api-version"] == "2022-11-28"


def test_the_first_codeowners_holds(site: Hub) -> None:
    site.says("contents/CODEOWNERS", "* @root\n")
    site.says("contents/docs/CODEOWNERS", "* @docs\n")
    assert asked(site, lambda client: client.codeowners(SHA)) == "* @root\n"


def test_no_codeowners_is_told_from_no_commit(site: Hub) -> None:
    with pytest.raises(NotFound):
        asked(site, lambda client: client.codeowners(SHA))
    site.says(f"commits/{SHA}", COMMIT)
    assert asked(site, lambda client: client.codeowners(SHA)) is None


def test_what_belongs_to_a_commit_is_asked_for_once(site: Hub, tmp_path: Path) -> None:
    site.says("contents/.github/CODEOWNERS", "* @ann\n")
    for _ in range(3):
        asked(site, lambda client: client.codeowners(SHA), cache=tmp_path)
    assert len(site.asked) == 1


def test_an_answer_that_another_version_kept_is_asked_for_again(
    site: Hub, tmp_path: Path
) -> None:
    site.says(f"commits/{SHA}", COMMIT)

    def look() -> str:
        given = {"cache": tmp_path, "now": lambda: datetime.now(UTC)}
        return asked(site, lambda client: client.commit(SHA), **given).sha

    assert look() == SHA
    [file] = tmp_path.glob("*.zst")
    until = file.stat().st_mtime
    file.write_bytes(zstandard.compress(b"[1]"))
    os.utime(file, (until, until))
    assert look() == SHA
    assert len(site.asked) == 2


def test_one_request_tells_which_files_are_there(site: Hub) -> None:
    tree = [{"path": "tests"}, {"path": "tests/test_a.py"}]
    site.says(f"git/trees/{SHA}", {"tree": tree, "truncated": False})

    async def work(client: AsyncGitHubClient) -> frozenset[str]:
        await client.files(SHA, ["x"])
        return await client.files(SHA, ["tests/test_a.py", "test_a.py"])

    assert asked(site, work) == {"tests/test_a.py"}
    assert len(site.asked) == 1
    assert asked(site, lambda client: client.files(SHA, [])) == frozenset()


def test_files_of_a_tree_that_was_cut_are_asked_for_one_by_one(site: Hub) -> None:
    site.says(f"git/trees/{SHA}", {"tree": [{"path": "a"}], "truncated": True})
    site.says("contents/z/test_z.py", "text")
    wanted = ["a", "z/test_z.py", "nope"]
    found = asked(site, lambda client: client.files(SHA, wanted))
    assert found == {"a", "z/test_z.py"}


@pytest.mark.parametrize("ref", ["", "-x", "a/../b", "a b", "a?x=1", "x" * 300])
def test_a_name_that_is_no_commit_is_not_asked_for(site: Hub, ref: str) -> None:
    for work in (
        lambda client: client.commit(ref),
        lambda client: client.codeowners(ref),
        lambda client: client.files(ref, ["a"]),
    ):
        with pytest.raises(BadRequest):
            asked(site, work)
    assert site.asked == []
