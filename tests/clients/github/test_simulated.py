"""The client and the simulated GitHub understand each other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from sickbay.ci.owners import Codeowners, paths_of
from sickbay.clients.github import AsyncGitHubClient
from sickbay.core.errors import BadRequest, Denied, NotFound, Unavailable
from sickbay.simulators.buildkite.suites import SUITES
from sickbay.simulators.github.app import github
from sickbay.simulators.github.manners import GitHubManners
from sickbay.simulators.serving import served
from tests.simulators.buildkite import world

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from sickbay.simulators.buildkite.world import World

T = TypeVar("T")

LABEL = "ci-failure"
READER = "github-reader"
WRITER = "github-writer"


@dataclass
class Site:
    """A simulated GitHub that runs."""

    url: str
    world: World
    manners: GitHubManners
    changes: list[tuple[str, Any]] = field(default_factory=list)


@pytest.fixture
def site() -> Iterator[Site]:
    here = Site("", world(days=40, jobs=40), GitHubManners())
    app = github(here.world, here.manners, changes=here.changes)
    with served(app) as here.url:
        yield here


def asked(
    site: Site,
    work: Callable[[AsyncGitHubClient], Awaitable[T]],
    token: str | None = READER,
    *,
    writes: bool = False,
) -> T:
    async def run() -> T:
        async with AsyncGitHubClient(
            site.url,
            token=token,
            repo=site.world.repo,
            log_in=False,
            now=lambda: site.world.now,
            writes=writes,
        ) as client:
            return await work(client)

    return asyncio.run(run())


def test_the_issues_of_the_label_are_those_that_the_world_has(site: Site) -> None:
    found = asked(site, lambda client: client.issues(label=LABEL))
    there = [one for one in site.world.issues if LABEL in one.labels and not one.pull]
    days = [
        (site.world.now - one.closed_at).days if one.closed_at else 0 for one in there
    ]
    assert {one.number for one in found} == {
        one.number for one, ago in zip(there, days, strict=True) if ago < 30
    }
    assert found
    assert all(one.tracked for one in found)


def test_one_search_finds_what_names_a_test(site: Site) -> None:
    there = next(one for one in site.world.issues if LABEL in one.labels)
    test = there.title.rpartition(" - ")[2]
    found = asked(
        site, lambda client: client.search(["no_such_thing_here", test], LABEL)
    )
    assert there.number in {one.number for one in found}


def test_owners_of_every_test_are_found_by_its_id_alone(site: Site) -> None:
    sha = site.world.commits[-1].sha
    candidates = {
        suite: [paths_of(test) for test in suite.tests] for suite in SUITES.values()
    }
    every = {path for found in candidates.values() for paths in found for path in paths}

    async def work(client: AsyncGitHubClient) -> tuple[str | None, frozenset[str]]:
        return await client.codeowners(sha), await client.files(sha, every)

    text, there = asked(site, work)
    rules = Codeowners(text or "")
    for suite, found in candidates.items():
        for paths in found:
            rule = rules.of(next(path for path in paths if path in there))
            assert rule
            assert rule.owners == suite.owners


def test_a_commit_and_its_pull_request_say_whose_they_are(site: Site) -> None:
    there = next(one for one in reversed(site.world.commits) if one.pull)
    number = there.pull or 0
    commit = asked(site, lambda client: client.commit(there.sha))
    assert (commit.sha, commit.author.login) == (there.sha, there.login)
    assert commit.files == there.files
    assert asked(site, lambda client: client.pull(number)).author.login == there.login
    path = there.files[0]
    newest = asked(
        site, lambda client: client.commits(path=path, sha=there.sha, limit=3)
    )
    assert newest[0].sha == there.sha


def test_what_is_not_there_is_not_found(site: Site) -> None:
    for work in (
        lambda client: client.commit("f" * 40),
        lambda client: client.codeowners("f" * 40),
        lambda client: client.files("f" * 40, ["a"]),
        lambda client: client.pull(1),
    ):
        with pytest.raises(NotFound):
            asked(site, work)


def test_an_issue_is_opened_by_whoever_may(site: Site) -> None:
    async def opened(client: AsyncGitHubClient) -> int:
        made = await client.create_issue("[CI Failure]: a - b", "text", [LABEL])
        found = await client.issues(label=LABEL)
        assert made.number in {one.number for one in found}
        return made.number

    assert asked(site, opened, WRITER, writes=True)
    assert len(site.changes) == 1
    with pytest.raises(Denied, match="not accessible"):
        asked(site, opened, READER, writes=True)
    assert len(site.changes) == 1


def test_a_wrong_token_and_a_long_search_are_told(site: Site) -> None:
    with pytest.raises(Denied, match="Bad credentials"):
        asked(site, lambda client: client.pull(1), "wrong")
    with pytest.raises(BadRequest):
        asked(site, lambda client: client.create_issue(" ", ""), WRITER, writes=True)


def test_a_limit_is_kept_to(site: Site) -> None:
    site.manners.limited, site.manners.core = True, (3, 3)
    sha = site.world.commits[-1].sha

    async def work(client: AsyncGitHubClient) -> int:
        for number in range(9):
            try:
                await client.commits(sha=sha, limit=number + 1)
            except Unavailable:
                continue
        return client.requests

    assert asked(site, work, None) == 3
