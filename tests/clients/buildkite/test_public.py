from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.ci.references import BuildRef, JobRef
from sickbay.core.errors import Denied, Malformed, NotFound
from tests.clients.buildkite.desk import (
    JOB,
    REF,
    asked,
    failed,
    job_of,
    joined,
    nightly,
)

if TYPE_CHECKING:
    from sickbay.ci.builds import Build
    from sickbay.clients.buildkite import AsyncBuildkiteClient
    from tests.clients.site import Handler
    from tests.clients.site import Site as Written
    from tests.simulators.buildkite import Site

PAGE = "/web/vllm/ci/builds/5"
LOG = "/web/organizations/vllm/pipelines/ci/builds/5/jobs/j-1/download"
HTML = b"<!DOCTYPE html><html></html>"


def of(ref: BuildRef) -> Any:  # noqa: ANN401 - some work
    async def work(buildkite: AsyncBuildkiteClient) -> Build:
        return await buildkite.build(ref)

    return work


def test_a_public_build_without_a_token_is_the_same_build(site: Site) -> None:
    ref = nightly(site)
    public = asked(site, of(ref), token=None)
    site.asked.clear()
    private = asked(site, of(ref))
    for name in ("branch", "sha", "message", "state", "finished_at", "number"):
        assert getattr(public, name) == getattr(private, name), name
    endings = [
        {(job.place, job.ending) for job in one.jobs} for one in (public, private)
    ]
    assert endings[0] == endings[1]
    assert public.why == ("read without a token: the machines of its jobs are unknown")
    assert {one.path.split("/")[1] for one in site.asked} == {"v2"}


def test_a_public_log_is_the_same_log(site: Site) -> None:
    async def work(buildkite: AsyncBuildkiteClient) -> bytes:
        build = await buildkite.build(nightly(site))
        ref = job_of(build, failed(build))
        text = await joined(buildkite.log(ref))
        assert (await buildkite.log_tail(ref, 50)).data == text[-50:]
        assert await buildkite.log_size(ref) == len(text)
        return text

    assert asked(site, work, token=None) == asked(site, work)


def test_a_page_without_facts_leaves_them_unknown_and_says_so(site: Site) -> None:
    site.faults.page_only = True
    ref = nightly(site)
    build = asked(site, of(ref), token=None)
    assert build.why == (
        "read without a token: its branch, commit and message are unknown; "
        "the machines of its jobs are unknown"
    )
    assert (build.branch, build.sha, build.message) == ("", "", "")
    assert build.state == "failed"
    assert build.finished_at == max(
        job.last.finished_at for job in build.jobs if job.last.finished_at
    )


def test_the_state_of_a_build_that_runs_is_not_guessed(written: Written) -> None:
    written.says(PAGE, HTML, Content_Type="text/html")
    records = [{"id": "a", "type": "script", "state": "running"}]
    written.says(f"{PAGE}/data/jobs", json.dumps({"records": records}).encode())
    build = asked(written, of(REF), token=None)
    assert (build.state, build.finished) == ("", False)


@pytest.mark.parametrize("what", ["page", "jobs"])
def test_what_needs_a_login_says_that_a_token_may_be_missing(
    written: Written, what: str
) -> None:
    written.says("/web/login", HTML, Content_Type="text/html")
    written.says(PAGE, b'{"number": 5}')
    turned_away = PAGE if what == "page" else f"{PAGE}/data/jobs"
    written.says(turned_away, status=302, Location="/web/login")
    with pytest.raises(Denied, match="is not public") as refused:
        asked(written, of(REF), token=None)
    assert "BUILDKITE_API_TOKEN" in refused.value.hint


def test_a_session_is_opened_once_and_its_cookies_are_sent_along(
    written: Written,
) -> None:
    def page(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Set-Cookie", "a=1; expires=Wed, 21 Oct 2037 07:28:00 GMT")
        handler.send_header("Set-Cookie", "b=2=3; path=/; HttpOnly")
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"{}")

    written.answers[PAGE] = page
    written.says(LOG, b"a line\n")

    async def work(buildkite: AsyncBuildkiteClient) -> None:
        assert await joined(buildkite.log(JOB)) == b"a line\n"
        assert await joined(buildkite.log(JOB)) == b"a line\n"

    asked(written, work, token=None)
    assert written.paths == [PAGE, LOG, LOG]
    sent = [fields.get("Cookie") or fields.get("cookie") for _, fields in written.asked]
    assert sent == [None, "a=1; b=2=3", "a=1; b=2=3"]


def test_a_web_page_is_not_taken_for_a_log(written: Written) -> None:
    written.says(PAGE, HTML)
    written.says(LOG, b"\n<HTML>log in</HTML>")
    with pytest.raises(Denied, match="a web page came instead"):
        asked(written, lambda buildkite: joined(buildkite.log(JOB)), token=None)


def test_a_list_of_jobs_that_does_not_go_on_is_told_of(written: Written) -> None:
    written.says(PAGE, b'{"number": 5}')
    body = {"records": [{"id": "a"}], "has_next_page": True}
    written.says(f"{PAGE}/data/jobs", json.dumps(body).encode())
    build = asked(written, of(REF), token=None)
    assert build.why
    assert "not all of its jobs are listed" in build.why
    assert len(written.asked) == 3


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        pytest.param(200, HTML, Malformed, id="page"),
        pytest.param(200, b"gone", Malformed, id="text"),
        pytest.param(404, HTML, NotFound, id="gone"),
    ],
)
def test_an_end_point_that_is_no_more_hints_at_a_token(
    written: Written, status: int, body: bytes, kind: type[Exception]
) -> None:
    written.says(PAGE, b'{"number": 5}')
    written.says(f"{PAGE}/data/jobs", body, status)
    with pytest.raises(kind) as refused:
        asked(written, of(REF), token=None)
    assert "BUILDKITE_API_TOKEN" in str(refused.value)


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(lambda buildkite: buildkite.builds(), id="builds"),
        pytest.param(lambda buildkite: buildkite.annotations(REF), id="annotations"),
        pytest.param(lambda buildkite: buildkite.artifacts(REF), id="artifacts"),
    ],
)
def test_what_no_page_tells_is_denied_and_not_empty(site: Site, work: Any) -> None:  # noqa: ANN401 - some work
    with pytest.raises(Denied, match="without a token there is no") as refused:
        asked(site, work, token=None)
    assert "BUILDKITE_API_TOKEN" in refused.value.hint
    assert site.asked == []


def test_a_job_that_is_not_in_its_build_is_not_found(site: Site) -> None:
    ref = JobRef(nightly(site), "nobody")
    with pytest.raises(NotFound, match="there is no job nobody"):
        asked(site, lambda buildkite: buildkite.job(ref), token=None)


API = "/v2/organizations/vllm/pipelines/ci/builds/5"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(404, b'{"message": "No organization found"}', id="unknown"),
        pytest.param(403, b'{"message": "Forbidden"}', id="forbidden"),
    ],
)
def test_a_token_of_another_organization_leaves_the_public_pages(
    written: Written, status: int, body: bytes
) -> None:
    for path in (API, f"{API}/jobs/j-1", f"{API}/jobs/j-1/log"):
        written.says(path, body, status)
    written.says(PAGE, b'{"number": 5, "branch_name": "main"}')
    written.says(f"{PAGE}/data/jobs", b'{"records": [{"id": "j-1"}]}')
    written.says(LOG, b"a line\n")

    async def work(buildkite: AsyncBuildkiteClient) -> None:
        assert await joined(buildkite.log(JOB)) == b"a line\n"
        assert (await buildkite.build(REF)).branch == "main"
        assert await buildkite.log_size(JOB) == len(b"a line\n")

    asked(written, work)
    assert [path for path in written.paths if path.startswith("/v2")] == [
        f"{API}/jobs/j-1/log",
        f"{API}/jobs/j-1",
    ]
    pages = [fields for path, fields in written.asked if path.startswith("/web")]
    assert not any("authorization" in map(str.lower, fields) for fields in pages)


def test_what_the_api_said_holds_where_the_pages_do_not_help(written: Written) -> None:
    written.says(API, b'{"message": "No organization found"}', 404)
    written.says(PAGE, status=404)
    with pytest.raises(NotFound, match="No organization found"):
        asked(written, lambda buildkite: buildkite.build(REF))


def test_a_build_that_is_not_there_is_not_looked_for_elsewhere(site: Site) -> None:
    with pytest.raises(NotFound):
        asked(site, of(BuildRef("vllm", "ci", 999_999_999)))
    assert [path.split("/")[1] for path in site.paths()] == ["v2"]
