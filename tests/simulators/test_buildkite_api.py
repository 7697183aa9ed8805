from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulators.buildkite import Site, buildkite_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx2

    from sickbay.simulators.buildkite.world import World


@pytest.fixture(name="site", scope="module")
def running() -> Iterator[Site]:
    with buildkite_at() as site:
        yield site


@pytest.fixture(name="own")
def changeable() -> Iterator[Site]:
    with buildkite_at(own=True, days=4) as site:
        yield site


def told(answer: httpx2.Response, status: int = 200) -> Any:  # noqa: ANN401 - any JSON
    assert answer.status_code == status, answer.text
    return answer.json()


def build(site: Site, query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = told(
        site.get(site.builds(site.world.nightlies[-1]) + query)
    )
    return found


def failed(site: Site) -> dict[str, Any]:
    jobs: list[dict[str, Any]] = build(site)["jobs"]
    return next(
        job for job in jobs if job["state"] == "failed" and job["agent"]["name"]
    )


def following(answer: httpx2.Response) -> dict[str, str]:
    links = re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers.get("link", ""))
    return {rel: url for url, rel in links}


def test_build_has_the_fields_that_people_rely_on(site: Site) -> None:
    found = build(site)
    assert found["message"] == "Full CI run - nightly"
    assert found["branch"] == "main"
    assert len(found["commit"]) == 40
    assert found["blocked"]
    assert found["created_at"] < found["started_at"] < found["failing_at"]
    assert found["failing_at"] < found["finished_at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", found["created_at"])
    types = {job["type"] for job in found["jobs"]}
    assert types == {"script", "manual", "waiter", "trigger"}


def with_retries(made: World) -> int:
    for number in made.nightlies:
        found = made.build(number)
        if found and any(job.retried for job in found.jobs):
            return number
    pytest.fail("nothing was retried")


def test_retried_jobs_are_left_out_unless_asked_for(site: Site) -> None:
    path = site.builds(with_retries(site.world))
    plain = told(site.get(path))
    whole = told(site.get(f"{path}?include_retried_jobs=true"))
    assert not any(job.get("retried") for job in plain["jobs"])
    again = [job for job in whole["jobs"] if job.get("retried")]
    assert again
    ids = {job["id"] for job in whole["jobs"]}
    assert all(job["retried_in_job_id"] in ids for job in again)
    assert whole["job_state_counts"]["total"] == len(whole["jobs"])
    assert sum(whole["job_state_counts"]["states"].values()) == len(whole["jobs"])
    assert told(site.get(f"{path}/jobs?per_page=100"))["items"][0]["id"] in ids


def test_builds_come_newest_first_and_the_header_leads_to_more(site: Site) -> None:
    answer = site.get(site.builds() + "?per_page=5&exclude_jobs=true")
    numbers = []
    while True:
        rows = told(answer)
        assert not any(row["jobs"] for row in rows)
        numbers += [row["number"] for row in rows]
        following_one = following(answer).get("next")
        if following_one is None:
            break
        answer = site.get(following_one)
    own = [slot.number for slot in site.world.slots if slot.pipeline == "ci"]
    assert numbers == own[::-1]
    assert set(following(answer)) == {"first", "prev"}


def test_deep_pages_are_refused(site: Site) -> None:
    told(site.get(site.builds() + "?page=101"), 400)


@pytest.mark.parametrize(
    ("query", "check"),
    [
        pytest.param("branch=main", lambda row: row["branch"] == "main", id="branch"),
        pytest.param("branch[]=*:fix-*", lambda row: row["pull_request"], id="glob"),
        pytest.param(
            "state[]=failed&state[]=canceled",
            lambda row: row["state"] in {"failed", "canceled"},
            id="states",
        ),
        pytest.param(
            "state=finished",
            lambda row: row["state"] in {"passed", "failed", "canceled"},
            id="finished",
        ),
    ],
)
def test_builds_are_filtered(site: Site, query: str, check: Any) -> None:  # noqa: ANN401 - a predicate
    rows = told(site.get(f"{site.builds()}?{query}&per_page=100"))
    assert rows
    assert all(check(row) for row in rows)


def test_builds_are_found_by_commit_and_time(site: Site) -> None:
    one = build(site)
    rows = told(site.get(f"{site.builds()}?commit={one['commit']}"))
    assert one["number"] in {row["number"] for row in rows}
    assert told(site.get(f"{site.builds()}?commit={one['commit'][:12]}")) == []
    since = told(site.get(f"{site.builds()}?created_from={one['created_at']}"))
    assert min(row["created_at"] for row in since) == one["created_at"]
    until = told(site.get(f"{site.builds()}?created_to={one['created_at']}"))
    assert max(row["created_at"] for row in until) < one["created_at"]
    told(site.get(f"{site.builds()}?created_from=yesterday"), 422)


def test_jobs_come_with_a_cursor(site: Site) -> None:
    path = site.builds(site.world.nightlies[-1], "jobs")
    page = told(site.get(f"{path}?per_page=20"))
    ids = []
    while True:
        ids += [job["id"] for job in page["items"]]
        if "next" not in page["links"]:
            break
        page = told(site.get(page["links"]["next"]))
    made = site.world.build(site.world.nightlies[-1])
    assert made is not None
    assert ids == [job.job_id for job in made.jobs]
    told(site.get(f"{path}?after=nothing"), 400)


def test_jobs_are_filtered_by_state(site: Site) -> None:
    path = site.builds(site.world.nightlies[-1], "jobs")
    items = told(site.get(f"{path}?state[]=failed&state[]=blocked"))["items"]
    assert {job["state"] for job in items} == {"failed", "blocked"}


def test_job_is_found_with_and_without_its_build(site: Site) -> None:
    job = failed(site)
    number = site.world.nightlies[-1]
    with_build = told(site.get(site.builds(number, "jobs", job["id"])))
    alone = told(site.get(f"/v2/organizations/vllm/jobs/{job['id']}"))
    assert with_build == alone == job
    env = told(site.get(site.builds(number, "jobs", job["id"], "env")))["env"]
    assert env["BUILDKITE_JOB_ID"] == job["id"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        pytest.param("/v2/organizations/nobody/builds", "No organization", id="org"),
        pytest.param(
            "/v2/organizations/vllm/pipelines/x/builds", "No pipeline", id="pipeline"
        ),
        pytest.param(
            "/v2/organizations/vllm/pipelines/ci/builds/1", "No build", id="build"
        ),
        pytest.param("/v2/organizations/vllm/jobs/none", "No job", id="job"),
        pytest.param("/v2/nothing", "Not Found", id="nothing"),
    ],
)
def test_what_is_not_there_is_said(site: Site, path: str, message: str) -> None:
    assert message in told(site.get(path), 404)["message"]


def test_build_of_another_pipeline_is_not_found(site: Site) -> None:
    told(site.get(site.builds(site.world.nightlies[-1], pipeline="amd-ci")), 404)


def test_log_comes_as_json_and_as_it_is(site: Site) -> None:
    url = failed(site)["log_url"]
    body = site.get(f"{url}.txt").content
    assert body.startswith(b"\x1b_bk;t=")
    assert site.get(url, accept="text/plain").content == body
    shown = told(site.get(url))
    assert shown["content"] == body.decode()
    assert shown["size"] == len(body)
    assert shown["header_times"] == sorted(shown["header_times"])
    assert len(shown["header_times"]) > 3
    assert b"<pre>" in site.get(f"{url}.html").content
    head = site.client.head(url, headers={"Authorization": "Bearer reader"})
    assert int(head.headers["content-length"]) == len(body)


def test_only_the_end_of_a_log_is_to_be_had_in_part(site: Site) -> None:
    url = failed(site)["log_url"]
    body = site.get(url, accept="text/plain").content
    part = site.get(url, accept="text/plain", range="bytes=-100")
    assert (part.status_code, part.content) == (206, body[-100:])
    first = len(body) - 100
    assert part.headers["content-range"] == f"bytes {first}-{len(body) - 1}/{len(body)}"
    whole = site.get(url, accept="text/plain", range="bytes=-99999999")
    assert (whole.status_code, whole.content) == (206, body)
    for other in ("bytes=0-99", "bytes=5-", "lines=-5"):
        told(site.get(url, accept="text/plain", range=other), 400)


def test_log_of_a_job_that_never_began_is_empty(site: Site) -> None:
    blocked = next(
        job
        for job in build(site)["jobs"]
        if job["type"] == "script" and job["state"] in {"blocked", "broken"}
    )
    assert site.get(blocked["log_url"], accept="text/plain").content == b""
    part = site.get(blocked["log_url"], accept="text/plain", range="bytes=-9")
    assert part.status_code == 416


def test_logs_are_padded_to_their_size() -> None:
    with buildkite_at(log_bytes=2_000_000, days=3) as site:
        size = len(site.get(failed(site)["log_url"], accept="text/plain").content)
    assert 2_000_000 <= size < 2_500_000


def test_annotations_have_scopes_and_bodies(site: Site) -> None:
    path = site.builds(site.world.nightlies[-1], "annotations")
    plain, whole = told(site.get(path)), told(site.get(f"{path}?scope=all"))
    assert {row["scope"] for row in plain} == {"build"}
    assert len(whole) >= len(plain) > 2
    results = [row for row in plain if row["context"].startswith("junit-")]
    assert all("<details>" in row["body_html"] for row in results)
    errors = [row for row in whole if row["style"] == "error"]
    assert "jobs failed" in errors[0]["body_html"]
    bare = told(site.get(f"{path}?omit_body=true"))
    assert not any("body_html" in row for row in bare)


def test_artifact_is_in_a_store_that_wants_no_token(site: Site) -> None:
    path = site.builds(site.world.nightlies[-1], "artifacts")
    found = told(site.get(f"{path}?path=junit/*.xml"))
    assert found
    assert told(site.get(f"{path}?path=*.txt")) == []
    answer = site.get(found[0]["download_url"])
    assert answer.status_code == 302
    store = answer.headers["location"]
    body = site.client.get(store)
    assert len(body.content) == found[0]["file_size"]
    assert body.content.lstrip().startswith(b"<?xml")
    assert site.get(store).status_code == 400  # the signature is credential enough
    assert site.client.get(store.partition("?")[0]).status_code == 403
    job = site.builds(site.world.nightlies[-1], "jobs", found[0]["job_id"], "artifacts")
    assert found[0] in told(site.get(job))


@pytest.mark.parametrize(
    ("token", "path", "status"),
    [
        pytest.param("", "", 401, id="no-token"),
        pytest.param("guess", "", 401, id="unknown-token"),
        pytest.param("logless", "log", 403, id="no-scope-for-logs"),
        pytest.param("artless", "artifacts", 403, id="no-scope-for-artifacts"),
        pytest.param("logless", "", 200, id="other-scopes-still-hold"),
    ],
)
def test_token_opens_what_its_scopes_say(
    site: Site, token: str, path: str, status: int
) -> None:
    job = failed(site)["id"]
    parts = ["jobs", job, *([path] if path else [])]
    answer = site.get(site.builds(site.world.nightlies[-1], *parts), token=token)
    assert answer.status_code == status
    assert ("scope" in answer.text) == (status == 403)


def test_job_is_retried_once(own: Site) -> None:
    job = failed(own)
    path = own.builds(own.world.nightlies[-1], "jobs", job["id"], "retry")
    again = told(own.put(path))
    assert again["state"] == "scheduled"
    assert again["retry_source"] == {"job_id": job["id"], "retry_type": "manual"}
    assert "once" in told(own.put(path), 400)["message"]
    assert own.world.changes == [("retry", job["id"])]
    jobs = {one["id"]: one for one in build(own, "?include_retried_jobs=true")["jobs"]}
    assert jobs[job["id"]]["retried_in_job_id"] == again["id"]
    assert again["id"] in jobs
    assert build(own)["state"] == "failing"
    assert told(own.get(f"/v2/organizations/vllm/jobs/{again['id']}"))["retries_count"]


def test_unblocking_lets_the_jobs_behind_run(own: Site) -> None:
    manual = next(
        job
        for job in build(own)["jobs"]
        if job["type"] == "manual" and job["state"] == "blocked"
    )
    path = own.builds(own.world.nightlies[-1], "jobs", manual["id"], "unblock")
    told(own.put(path, {"fields": ["x"]}), 422)
    opened = told(own.put(path, {"fields": {"why": "to see"}}))
    assert opened["state"] == "unblocked"
    assert own.world.changes == [("unblock", manual["id"], {"why": "to see"})]
    told(own.put(path), 400)
    behind = manual["step_key"].removeprefix("block-")
    states = {job["step_key"]: job["state"] for job in build(own)["jobs"]}
    assert states[behind] == "scheduled"


@pytest.mark.parametrize("change", ["retry", "unblock"])
def test_nothing_is_changed_without_the_scope(own: Site, change: str) -> None:
    path = own.builds(own.world.nightlies[-1], "jobs", failed(own)["id"], change)
    told(own.put(path, token="reader"), 403)  # noqa: S106 - of nothing real
    assert own.get(path).status_code == 405
    assert own.world.changes == []


def test_build_is_rebuilt_under_a_new_number(own: Site) -> None:
    number = own.world.nightlies[-1]
    again = told(own.put(own.builds(number, "rebuild")), 201)
    assert again["number"] > number
    assert again["rebuilt_from"] == {"number": number}
    newest = told(own.get(own.builds()))[0]
    assert newest["number"] == again["number"]
    assert newest["state"] == "running"
