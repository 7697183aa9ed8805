from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sickbay.ci.references import (
    BuildRef,
    JobRef,
    StepRef,
    build_reference,
    job_or_step,
    job_reference,
    parsed_job,
)
from sickbay.core.errors import BadRequest

USUAL = BuildRef("vllm", "ci", 0)
JOB = "0192aa10-5c1e-4f7b-9a55-000000000001"
STEP = "0192aa10-5c1e-4f7b-9a55-0000000000ff"
WEB = "https://buildkite.com/acme/main.ci/builds/70211"
API = "https://api.buildkite.com/v2/organizations/acme/pipelines/main.ci/builds/70211"
ACME = BuildRef("acme", "main.ci", 70211)

SLUGS = st.from_regex(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,20}", fullmatch=True)
REFS = st.builds(BuildRef, SLUGS, SLUGS, st.integers(1, 10**12 - 1))
IDS = st.uuids().map(str)

BUILDS = [
    pytest.param(WEB, id="page"),
    pytest.param(f"{WEB}/", id="slash"),
    pytest.param(f"  <{WEB}>\n", id="pasted"),
    pytest.param(WEB.replace("https://b", "HTTPS://B"), id="capitals"),
    pytest.param(WEB.replace("//", "//www."), id="www"),
    pytest.param(f"{WEB}/canvas", id="canvas"),
    pytest.param(f"{WEB}/steps/table?filter=failed", id="table"),
    pytest.param(f"{WEB}#annotation-failed", id="annotation"),
    pytest.param(API, id="api"),
    pytest.param(f"{API}/jobs?state[]=failed", id="jobs of the api"),
    pytest.param("acme/main.ci/70211", id="path"),
    pytest.param("acme/main.ci#70211", id="hash"),
    pytest.param("buildkite:acme/main.ci/70211", id="handle"),
]
JOBS = [
    pytest.param(f"{WEB}#{JOB}", id="anchor"),
    pytest.param(f"{WEB}#{JOB}/6-12", id="lines"),
    pytest.param(f"{WEB}/canvas?sid={STEP}&jid={JOB}", id="canvas"),
    pytest.param(f"{WEB}/steps/canvas?jid={JOB}&tab=output", id="steps"),
    pytest.param(f"{WEB}/canvas?sid={STEP}#{JOB}", id="step and anchor"),
    pytest.param(f"{WEB}/jobs/{JOB}/raw", id="raw"),
    pytest.param(f"{API}/jobs/{JOB}", id="api"),
    pytest.param(f"{API}/jobs/{JOB}/log.txt", id="log of the api"),
    pytest.param(
        f"https://buildkite.com/organizations/acme/pipelines/main.ci/builds/70211"
        f"/jobs/{JOB}/download",
        id="download",
    ),
    pytest.param(f"acme/main.ci/70211/{JOB}", id="path"),
    pytest.param(f"acme/main.ci/70211#{JOB}", id="hash"),
    pytest.param(f"buildkite:acme/main.ci/70211/{JOB}", id="handle"),
]


@pytest.mark.parametrize("text", BUILDS)
def test_organization_pipeline_and_number_are_those_of_the_reference(
    text: str,
) -> None:
    assert build_reference(text, usual=USUAL) == ACME


@pytest.mark.parametrize("text", JOBS)
def test_a_job_is_named_in_many_ways_and_names_its_build(text: str) -> None:
    assert job_reference(text, usual=USUAL) == JobRef(ACME, JOB)
    assert build_reference(text, usual=USUAL) == ACME


@pytest.mark.parametrize("text", [7, "7", "#7", " 7 ", "007"])
def test_a_number_is_one_of_the_usual_pipeline(text: str | int) -> None:
    assert build_reference(text, usual=USUAL) == BuildRef("vllm", "ci", 7)


def test_an_id_alone_is_a_job_of_the_build_that_is_meant() -> None:
    build = BuildRef("vllm", "ci", 7)
    assert job_reference(JOB, usual=build) == JobRef(build, JOB)
    assert job_reference(f"7#{JOB}", usual=USUAL) == JobRef(build, JOB)
    with pytest.raises(BadRequest, match="names no job"):
        job_reference(JOB, usual=USUAL)


def test_sid_of_a_url_is_a_step_and_not_a_job() -> None:
    text = f"{WEB}/canvas?sid={STEP}"
    assert job_or_step(text, usual=USUAL) == StepRef(ACME, STEP)
    with pytest.raises(BadRequest, match="names a step"):
        job_reference(text, usual=USUAL)


def test_a_build_is_no_job() -> None:
    with pytest.raises(BadRequest, match="names build 70211, and none of its jobs"):
        job_reference(WEB, usual=USUAL)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("https://evil.example/acme/ci/builds/1", id="host"),
        pytest.param("https://buildkite.com.evil.example/a/b/builds/1", id="suffix"),
        pytest.param("https://evil.example/x@buildkite.com/a/b/builds/1", id="path"),
        pytest.param("https://buildkite.com@evil.example/a/b/builds/1", id="name"),
        pytest.param("https://x@buildkite.com/a/b/builds/1", id="password"),
        pytest.param("ftp://buildkite.com/a/b/builds/1", id="scheme"),
        pytest.param("file:///a/b/builds/1", id="file"),
    ],
)
def test_a_url_of_another_host_is_refused(text: str) -> None:
    for read in (build_reference, job_or_step):
        with pytest.raises(BadRequest, match="is no URL of Buildkite"):
            read(text, usual=USUAL)


def test_the_operator_s_own_buildkite_is_known_by_its_addresses() -> None:
    own = ("http://127.0.0.1:8080/web", "http://127.0.0.1:8080")
    page = "http://127.0.0.1:8080/web/acme/main.ci/builds/70211"
    api = API.replace("https://api.buildkite.com", own[1])
    for text in (page, api):
        assert build_reference(text, usual=USUAL, addresses=own) == ACME
        with pytest.raises(BadRequest):
            build_reference(text, usual=USUAL)
    assert build_reference(WEB, usual=USUAL, addresses=own) == ACME


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("0", id="zero"),
        pytest.param("-1", id="below"),
        pytest.param("1.5", id="fraction"),
        pytest.param("\u0661", id="other digits"),
        pytest.param("1" * 13, id="too long"),
        pytest.param("latest", id="word"),
        pytest.param("../../5", id="up"),
        pytest.param("a/../5", id="up within"),
        pytest.param("acme/ci", id="no number"),
        pytest.param("buildkite:acme/ci", id="no number in a handle"),
        pytest.param("https://buildkite.com/acme/ci", id="a pipeline"),
        pytest.param("https://buildkite.com/a/../builds/5", id="up in a URL"),
        pytest.param("https://buildkite.com/acme/ci/builds/new", id="no number there"),
        pytest.param("http://[::1/a/b/builds/1", id="half an address"),
        pytest.param("5 6", id="two"),
    ],
)
def test_what_names_no_build_is_refused_with_what_does(text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        build_reference(text, usual=USUAL)
    assert "its URL" in refused.value.hint


@given(REFS, IDS)
def test_a_handle_leads_back_to_its_job(ref: BuildRef, job_id: str) -> None:
    job = JobRef(ref, job_id)
    assert parsed_job(job.handle) == job
    assert job_reference(job.handle, usual=USUAL) == job
    assert build_reference(str(ref), usual=USUAL) == ref


@given(REFS, IDS)
def test_a_page_leads_back_to_its_job(ref: BuildRef, job_id: str) -> None:
    url = f"https://buildkite.com/{ref.organization}/{ref.pipeline}/builds/{ref.number}"
    assert build_reference(url, usual=USUAL) == ref
    assert job_reference(f"{url}#{job_id}", usual=USUAL) == JobRef(ref, job_id)


@given(
    st.text(max_size=80) | st.text("https://buildkite.com/abuilds1#?=[]@", max_size=60)
)
@example("http://]")
@example("\ud800://")
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    for read in (build_reference, job_reference):
        with suppress(BadRequest):
            found = read(text, usual=USUAL)
            build = found.build if isinstance(found, JobRef) else found
            assert build.number > 0
            assert ".." not in {build.organization, build.pipeline}


@pytest.mark.parametrize(
    "handle", ["buildkite:a/b/5", "hud:5", "buildkite:../b/5/j", "buildkite:a/b/c/j"]
)
def test_what_is_no_handle_of_a_log_is_refused(handle: str) -> None:
    with pytest.raises(BadRequest, match="names no job"):
        parsed_job(handle)
