from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sickbay.clients.buildkite import Artifact
from sickbay.core.errors import BadRequest, Denied, NotFound, TooLarge
from tests.clients.buildkite.desk import BUILD, REF, asked, nightly
from tests.clients.site import served

if TYPE_CHECKING:
    from sickbay.clients.buildkite import AsyncBuildkiteClient
    from tests.clients.site import Handler
    from tests.clients.site import Site as Written
    from tests.simulators.buildkite import Site

DOWNLOAD = f"{BUILD}/5/artifacts/a-1/download"


def artifact(url: str | None) -> Artifact:
    return Artifact(artifact_id="a-1", job_id="j-1", path="x.xml", url=url)


def test_annotations_of_jobs_are_listed_too_the_most_important_first(
    site: Site,
) -> None:
    ref = nightly(site)
    found = asked(site, lambda buildkite: buildkite.annotations(ref))
    assert {one.style for one in found} >= {"error", "info"}
    ranks = [one.priority or 0 for one in found]
    assert ranks == sorted(ranks, reverse=True)
    assert all(one.html and one.context for one in found)
    of_build = asked(site, lambda client: client.annotations(ref, scope="build"))
    assert {one.job_id for one in of_build} == {None}


def test_artifacts_are_listed_for_a_build_a_job_and_a_path(site: Site) -> None:
    ref = nightly(site)

    async def work(buildkite: AsyncBuildkiteClient) -> None:
        every = await buildkite.artifacts(ref)
        assert every.complete
        one = every.items[0]
        of_job = await buildkite.artifacts(ref, job_id=one.job_id)
        assert {item.job_id for item in of_job.items} == {one.job_id}
        assert one in (await buildkite.artifacts(ref, path=one.path)).items
        assert not (await buildkite.artifacts(ref, path="*.nothing")).items
        body = await buildkite.artifact(one)
        assert len(body) == one.size
        assert body.startswith(b"<?xml")

    asked(site, work)


def test_a_token_without_the_scope_for_artifacts_is_told_so(site: Site) -> None:
    ref = nightly(site)
    with pytest.raises(Denied) as refused:
        asked(site, lambda client: client.artifacts(ref), token="artless")  # noqa: S106 - of the simulator
    assert "read_artifacts" in refused.value.hint


def test_pages_of_artifacts_are_followed_and_bounded(written: Written) -> None:
    path = f"{BUILD}/5/artifacts"
    count = iter(range(10_000))

    def answer(handler: Handler) -> None:
        at = next(count)
        link = f"http://127.0.0.1:{written.port}{path}?page={at + 2}"
        body = json.dumps([{"id": f"a-{at}", "path": "x"}]).encode()
        handler.say(body, headers={"Link": f'<{link}>; rel="next"'})

    written.answers[path] = answer
    found = asked(written, lambda buildkite: buildkite.artifacts(REF))
    assert (len(found.items), found.complete) == (50, False)


def test_a_redirect_to_the_store_carries_no_token(written: Written) -> None:
    with served() as store:
        store.says("/bucket/x.xml", b"<xml/>")
        url = f"http://127.0.0.1:{store.port}/bucket/x.xml?signature=s"
        written.says(DOWNLOAD, status=302, Location=url)
        found = artifact(f"http://127.0.0.1:{written.port}{DOWNLOAD}")
        hosts = [f"127.0.0.1:{store.port}"]
        body = asked(written, lambda client: client.artifact(found), stores=hosts)
        assert body == b"<xml/>"
        names = {name.lower() for _, fields in store.asked for name in fields}
        assert "authorization" not in names
    sent = {name.lower() for _, fields in written.asked for name in fields}
    assert "authorization" in sent


def test_a_redirect_out_of_the_api_s_path_carries_no_token(site: Site) -> None:
    ref = nightly(site)

    async def work(buildkite: AsyncBuildkiteClient) -> bytes:
        return await buildkite.artifact((await buildkite.artifacts(ref)).items[0])

    assert asked(site, work)
    tokens = {
        one.path.split("/")[1]: "authorization" in one.headers for one in site.asked
    }
    assert tokens == {"v2": True, "store": False}


def test_a_redirect_to_an_unknown_host_is_not_followed(written: Written) -> None:
    written.says(DOWNLOAD, status=302, Location="http://evil.example/x")
    found = artifact(f"http://127.0.0.1:{written.port}{DOWNLOAD}")
    with pytest.raises(Denied, match="not an allowed host"):
        asked(written, lambda buildkite: buildkite.artifact(found))


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://evil.example/x", id="another host"),
        pytest.param("file:///etc/passwd", id="a file"),
        pytest.param("//x", id="no scheme"),
    ],
)
def test_an_artifact_is_asked_for_at_the_api_alone(written: Written, url: str) -> None:
    with pytest.raises(BadRequest, match="is not on"):
        asked(written, lambda buildkite: buildkite.artifact(artifact(url)))
    assert written.asked == []


def test_an_artifact_without_an_address_is_not_found(written: Written) -> None:
    with pytest.raises(NotFound):
        asked(written, lambda buildkite: buildkite.artifact(artifact(None)))


def test_an_artifact_that_is_too_large_is_refused(written: Written) -> None:
    large = str((64 << 20) + 1)
    written.answers[DOWNLOAD] = lambda handler: handler.say(
        b"", headers={"Content-Length": large}
    )
    found = artifact(f"http://127.0.0.1:{written.port}{DOWNLOAD}")
    with pytest.raises(TooLarge):
        asked(written, lambda buildkite: buildkite.artifact(found))
