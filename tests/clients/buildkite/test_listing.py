from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.clients.buildkite.desk import BUILD, asked

if TYPE_CHECKING:
    from sickbay.clients.buildkite import AsyncBuildkiteClient, Builds
    from tests.clients.site import Site as Written
    from tests.simulators.buildkite import Site


def of(**wish: Any) -> Any:  # noqa: ANN401 - as builds takes them
    async def work(buildkite: AsyncBuildkiteClient) -> Builds:
        return await buildkite.builds(**wish)

    return work


def test_builds_come_newest_first_and_no_more_than_wanted(site: Site) -> None:
    found = asked(site, of(limit=7))
    numbers = [build.number for build in found.builds]
    assert numbers == sorted(numbers, reverse=True)
    assert (len(numbers), found.examined, found.complete) == (7, 7, False)
    assert [one.query["per_page"] for one in site.asked] == ["7"]
    assert all(not build.attempts for build in found.builds)


def test_a_list_is_complete_at_the_oldest_build(site: Site) -> None:
    found = asked(site, of(limit=10_000, branch="main", pages=50))
    assert found.complete
    assert found.examined == len(found.builds)
    assert {build.branch for build in found.builds} == {"main"}
    told = {slot.number for slot in site.world.slots if slot.pull is None}
    assert {build.number for build in found.builds} <= told
    assert set(site.world.nightlies) <= {build.number for build in found.builds}


def test_a_title_is_looked_for_in_as_many_pages_as_allowed(site: Site) -> None:
    newest = site.world.nightlies[-1]

    def wanted(build: Any) -> bool:  # noqa: ANN401 - a build
        return bool(build.number == newest)

    found = asked(site, of(match=wanted, limit=1, pages=20))
    assert [build.number for build in found.builds] == [newest]
    assert found.examined >= 1


def test_past_builds_come_with_all_their_jobs_in_one_request(site: Site) -> None:
    found = asked(site, of(limit=10, jobs=True, branch="main"))
    assert len(site.asked) == 1
    assert len(found.builds) == 10
    assert all(build.jobs for build in found.builds)
    retried = [one for build in found.builds for one in build.attempts if one.retried]
    assert retried


def test_builds_are_narrowed_by_state_commit_and_time(site: Site) -> None:
    newest = asked(site, of(limit=1, states=["failed"], branch="main")).builds[0]
    assert newest.state == "failed"
    same = asked(site, of(commit=newest.sha))
    assert newest.number in [build.number for build in same.builds]
    assert {build.sha for build in same.builds} == {newest.sha}
    assert newest.created_at is not None
    before = asked(site, of(limit=3, created_to=newest.created_at)).builds
    assert all(one.created_at < newest.created_at for one in before if one.created_at)
    since = newest.created_at - timedelta(hours=3)
    after = asked(site, of(limit=30, created_from=since)).builds
    assert newest.number in [build.number for build in after]


def pages(written: Written, links: dict[str, str]) -> None:
    """A build on every page; ``links`` has the next one by the page's number."""
    host = f"http://127.0.0.1:{written.port}"

    def answer(handler: Any) -> None:  # noqa: ANN401 - a handler
        at = handler.path.partition("page=")[2][-1:] or "1"
        at = at if "&page=" in handler.path or "?page=" in handler.path else "1"
        link = links.get(at, "").format(host=host)
        headers = {"Link": f'<{link}>; rel="next", <{host}/x>; rel="last"'}
        body = json.dumps([{"number": int(at), "branch": "main"}]).encode()
        handler.say(body, headers=headers if link else {})

    written.answers[BUILD] = answer


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        pytest.param({"1": "{host}" + BUILD + "?page=2"}, [1, 2], id="next"),
        pytest.param(
            {"1": "{host}" + BUILD + "?page=2", "2": "{host}" + BUILD + "?page=2"},
            [1, 2],
            id="loop",
        ),
        pytest.param({"1": "http://evil.example" + BUILD + "?page=2"}, [1], id="host"),
        pytest.param({"1": "{host}/v2/user?page=2"}, [1], id="path"),
        pytest.param({"1": "javascript:x"}, [1], id="nonsense"),
    ],
)
def test_only_the_next_page_of_the_same_list_is_followed(
    written: Written, links: dict[str, str], expected: list[int]
) -> None:
    pages(written, links)
    found = asked(written, of(limit=9))
    assert [build.number for build in found.builds] == expected
    assert all(path.startswith(BUILD) for path in written.paths)


def test_a_build_says_itself_where_it_belongs(written: Written) -> None:
    body = [
        {"number": 1, "branch": "main"},
        {"number": 2, "branch": "main", "pipeline": {"slug": "release"}},
        {"number": 3, "branch": "", "web_url": "https://buildkite.com/a/b/builds/3"},
    ]
    written.says(BUILD, json.dumps(body).encode())
    found = asked(written, of())
    places = [(one.organization, one.pipeline, one.number) for one in found.builds]
    assert places == [("vllm", "ci", 1), ("vllm", "release", 2), ("a", "b", 3)]


def test_what_is_not_found_says_how_many_were_looked_at(written: Written) -> None:
    many = {str(at): "{host}" + f"{BUILD}?page={at + 1}" for at in range(1, 9)}
    pages(written, many)
    found = asked(written, of(match=lambda _: False, limit=1, pages=3))
    assert (found.builds, found.examined, found.complete) == ((), 3, False)
    assert len(written.asked) == 3
    found = asked(written, of(match=lambda _: False, limit=1, pages=9))
    assert (found.examined, found.complete) == (9, True)
