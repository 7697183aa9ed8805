from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.ci.references import BuildRef, JobRef, StepRef
from sickbay.core.errors import BadRequest, Malformed, NotFound
from tests.clients.buildkite.desk import BUILD, REF, asked, client, nightly
from tests.simulators.buildkite import buildkite_at

if TYPE_CHECKING:
    from sickbay.ci.builds import Build
    from sickbay.clients.buildkite import AsyncBuildkiteClient
    from tests.clients.site import Site as Written
    from tests.simulators.buildkite import Site


def of(ref: BuildRef) -> Any:  # noqa: ANN401 - some work
    async def work(buildkite: AsyncBuildkiteClient) -> Build:
        return await buildkite.build(ref)

    return work


def test_a_build_is_loaded_whole_its_branch_commit_and_times_known(site: Site) -> None:
    ref = nightly(site)
    build = asked(site, of(ref))
    told = site.get(site.builds(ref.number)).json()
    assert (build.branch, build.sha) == (told["branch"], told["commit"])
    assert (build.state, build.message) == (told["state"], told["message"])
    assert build.created_at is not None
    assert build.created_at.isoformat()[:19] == told["created_at"][:19]
    assert build.finished
    assert build.why is None
    assert build.url == f"https://buildkite.com/vllm/ci/builds/{ref.number}"


def test_one_request_has_every_attempt_of_every_job(site: Site) -> None:
    ref = nightly(site)
    build = asked(site, of(ref))
    told = site.get(f"{site.builds(ref.number)}?include_retried_jobs=true").json()
    assert {one.job_id for one in build.attempts} == {job["id"] for job in told["jobs"]}
    assert len(site.asked) == 2


def test_a_retried_attempt_belongs_to_the_job_that_passed(site: Site) -> None:
    for number in reversed(site.world.nightlies):
        build = asked(site, of(BuildRef("vllm", "ci", number)))
        flaky = [job for job in build.jobs if job.ending == "flaky"]
        if flaky:
            assert flaky[0].attempts[0].retried
            assert flaky[0].last.retry_of == flaky[0].attempts[-2].job_id
            return
    pytest.fail("no nightly of the world has a job that passed on a retry")


def test_a_job_has_its_machine_its_queue_and_how_long_it_took(site: Site) -> None:
    build = asked(site, of(nightly(site)))
    ran = [one for one in build.attempts if one.log]
    assert all(one.host and one.runner and one.queue for one in ran)
    assert all(one.duration_s is not None and one.duration_s >= 0 for one in ran)
    assert all(one.queue_s is not None and one.queue_s >= 0 for one in ran)
    assert {one.kind for one in build.attempts} > {"script"}
    waiting = [one for one in build.attempts if one.kind != "script"]
    assert not any(one.log for one in waiting)


def test_organization_and_pipeline_of_a_url_are_asked_and_not_the_usual_ones(
    site: Site,
) -> None:
    with pytest.raises(NotFound, match="other/ci/5"):
        asked(site, of(BuildRef("other", "ci", 5)))
    assert site.paths()[0] == "/v2/organizations/other/pipelines/ci/builds/5"


def test_a_finished_build_is_asked_for_once_a_minute(site: Site) -> None:
    ref = nightly(site)

    async def work(buildkite: AsyncBuildkiteClient) -> int:
        one, two = await asyncio.gather(buildkite.build(ref), buildkite.build(ref))
        assert one is two is await buildkite.build(ref)
        assert await buildkite.build(ref, refresh=True) is not one
        return buildkite.requests

    assert asked(site, work) == 2


def test_a_finished_build_is_kept_for_a_minute_and_no_longer(written: Written) -> None:
    ended = {"number": 5, "jobs": [], "finished_at": "2026-02-03T09:12:55.020Z"}
    written.says(f"{BUILD}/5", json.dumps(ended).encode())
    times = [datetime(2026, 2, 3, 12, tzinfo=UTC)]

    async def work(buildkite: AsyncBuildkiteClient) -> list[int]:
        counts = []
        for passed_s in (0, 59, 2):
            times.append(times[-1] + timedelta(seconds=passed_s))
            await buildkite.build(REF)
            counts.append(buildkite.requests)
        return counts

    assert asked(written, work, now=lambda: times[-1]) == [1, 1, 2]


def test_a_build_that_runs_is_asked_for_every_time(written: Written) -> None:
    written.says(f"{BUILD}/5", json.dumps({"number": 5, "jobs": []}).encode())

    async def work(buildkite: AsyncBuildkiteClient) -> None:
        assert not (await buildkite.build(REF)).finished
        await buildkite.build(REF)

    asked(written, work)
    assert len(written.asked) == 2


def test_only_a_job_that_runs_is_asked_for_again(written: Written) -> None:
    jobs = [{"id": "a", "state": "failed"}, {"id": "b", "state": "running"}]
    written.says(f"{BUILD}/5", json.dumps({"number": 5, "jobs": jobs}).encode())
    written.says(f"{BUILD}/5/jobs/b", b'{"id": "b", "state": "passed"}')

    async def work(buildkite: AsyncBuildkiteClient) -> None:
        await buildkite.build(REF)
        assert (await buildkite.job(JobRef(REF, "a"))).failed
        assert (await buildkite.job(JobRef(REF, "b"))).passed

    asked(written, work)
    assert written.paths[1:] == [f"{BUILD}/5/jobs/b"]


def listed(written: Written, pages: list[list[str]], total: int) -> None:
    """A build without jobs, and pages of jobs behind cursors."""
    body = {"number": 5, "jobs": None, "job_state_counts": {"total": total}}
    written.says(f"{BUILD}/5", json.dumps(body).encode())
    host = f"http://127.0.0.1:{written.port}{BUILD}/5/jobs"

    def answer(handler: Any) -> None:  # noqa: ANN401 - a handler
        after = handler.path.partition("after=")[2]
        at = int(after or 0)
        items = [{"id": name, "type": "script", "name": name} for name in pages[at]]
        links = {"next": f"{host}?after={at + 1}"} if at + 1 < len(pages) else {}
        handler.say(json.dumps({"items": items, "links": links}).encode())

    written.answers[f"{BUILD}/5/jobs"] = answer


def test_jobs_that_a_build_does_not_list_are_asked_for_page_by_page(
    written: Written,
) -> None:
    listed(written, [["a", "b"], ["c"], ["d", "a"]], total=4)
    build = asked(written, of(REF))
    assert [one.job_id for one in build.attempts] == ["a", "b", "c", "d"]
    assert build.why is None


def test_jobs_that_nobody_lists_are_told_of(written: Written) -> None:
    listed(written, [["a", "b"]], total=5)
    assert asked(written, of(REF)).why == "3 of its 5 jobs are not listed"


@pytest.mark.parametrize(
    "following",
    [
        pytest.param("http://127.0.0.1:{port}{path}", id="itself"),
        pytest.param("http://127.0.0.1:{port}/v2/other", id="another list"),
        pytest.param("http://evil.example{path}?after=1", id="another host"),
        pytest.param("{path}?after=1", id="no URL"),
    ],
)
def test_a_link_that_leads_elsewhere_is_not_followed(
    written: Written, following: str
) -> None:
    path = f"{BUILD}/5/jobs"
    listed(written, [["a"]], total=2)
    link = following.format(port=written.port, path=path)
    page = {"items": [{"id": "a"}], "links": {"next": link}}
    written.says(path, json.dumps(page).encode())
    assert asked(written, of(REF)).why == "1 of its 2 jobs are not listed"
    assert len(written.asked) <= 3


def test_pages_without_end_end(written: Written) -> None:
    path = f"{BUILD}/5/jobs"
    listed(written, [["a"]], total=2)
    count = iter(range(10_000))

    def answer(handler: Any) -> None:  # noqa: ANN401 - a handler
        link = f"http://127.0.0.1:{written.port}{path}?after={next(count)}"
        handler.say(json.dumps({"items": [], "links": {"next": link}}).encode())

    written.answers[path] = answer
    build = asked(written, of(REF))
    assert build.why
    assert "more than 50 pages" in build.why


def test_a_field_of_another_type_does_not_lose_the_build(written: Written) -> None:
    body = {
        "number": "5",
        "branch": 7,
        "message": None,
        "new": {"field": []},
        "jobs": [{"id": "a", "exit_status": "137", "agent": "gone"}, "no job", None],
    }
    written.says(f"{BUILD}/5", json.dumps(body).encode())
    build = asked(written, of(REF))
    assert [(one.job_id, one.exit_status) for one in build.attempts] == [("a", 137)]
    assert build.branch == ""


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html>maintenance</html>", id="page"),
        pytest.param(b'{"number": 5', id="cut"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"nothing", id="no JSON"),
    ],
)
def test_what_is_no_build_is_told_without_a_traceback(
    written: Written, body: bytes
) -> None:
    written.says(f"{BUILD}/5", body)
    with pytest.raises(Malformed, match="build vllm/ci/5"):
        asked(written, of(REF))


def test_a_server_that_stumbles_is_asked_again(site: Site) -> None:
    ref = nightly(site)
    path = site.builds(ref.number)
    site.faults.planned[path] = ["500", "503", "truncated", None]
    assert asked(site, of(ref)).number == ref.number


def test_a_job_is_known_from_its_build_or_asked_for(site: Site) -> None:
    ref = nightly(site)

    async def work(buildkite: AsyncBuildkiteClient) -> None:
        build = await buildkite.build(ref)
        job = JobRef(ref, str(build.jobs[0].last.job_id))
        assert await buildkite.job(job) is build.jobs[0].last
        assert buildkite.requests == 1
        async with client(site) as another:
            alone = await another.job(job)
        assert (alone.name, alone.state) == (
            build.jobs[0].name,
            build.jobs[0].last.state,
        )

    asked(site, work)


def test_a_step_of_a_url_is_its_job_where_it_has_one(written: Written) -> None:
    jobs = [
        {"id": "a", "step": {"id": "s-1"}, "retried": True, "retried_in_job_id": "b"},
        {"id": "b", "step": {"id": "s-1"}, "retry_source": {"job_id": "a"}},
        {"id": "c", "step": {"id": "s-2"}, "parallel_group_index": 0},
        {"id": "d", "step": {"id": "s-2"}, "parallel_group_index": 1},
    ]
    written.says(f"{BUILD}/5", json.dumps({"number": 5, "jobs": jobs}).encode())

    async def work(buildkite: AsyncBuildkiteClient) -> None:
        assert await buildkite.job_of(StepRef(REF, "s-1")) == JobRef(REF, "b")
        assert await buildkite.job_of(JobRef(REF, "x")) == JobRef(REF, "x")
        with pytest.raises(NotFound, match="has 2 jobs"):
            await buildkite.job_of(StepRef(REF, "s-2"))
        with pytest.raises(NotFound, match="is not one of"):
            await buildkite.job_of(StepRef(REF, "s-3"))

    asked(written, work)


@pytest.mark.parametrize("name", ["..", "a/../b", "", "a b", "a?b=c", "a#b", "é"])
def test_a_name_cannot_lead_to_another_address(name: str) -> None:
    with buildkite_at() as site:
        for ref in (BuildRef(name, "ci", 5), BuildRef("vllm", name, 5)):
            with pytest.raises(BadRequest, match="is no name or id"):
                asked(site, of(ref))

        async def work(buildkite: AsyncBuildkiteClient) -> None:
            await buildkite.job(JobRef(REF, name))

        with pytest.raises(BadRequest, match="is no name or id"):
            asked(site, work)
        assert site.asked == []
